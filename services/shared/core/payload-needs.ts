// What a payload is given of its node.

/** Whether the programs of a slot are kept to the slot's cores, or run wherever the node's system puts them. */
export type Pinning = "none" | "cores";

export interface PayloadNeeds {
  /** Variables of its environment; `{jobDir}` in the values is filled in. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names of variables that it gets as its actor has them, where its actor has them. */
  readonly passEnvironment: readonly string[];
  /** A range takes so many slots of its node, at least 1; or all, where there are fewer. */
  readonly cores: number;
  readonly pin: Pinning;
  /** Run once on a node before the first range there; undefined when there is none. */
  readonly setup: SetupCommand | undefined;
  /** It gets copies of its inputs on its node's scratch. */
  readonly stageIn: boolean;
  /** So many bytes of its node's scratch may a range take, at least 1; undefined: as many as there are. */
  readonly scratchBytesMax: number | undefined;
}

/** A command that makes a node ready. `{jobDir}` is filled in; no shell reads it. */
export interface SetupCommand {
  readonly command: readonly string[];
  /** It is ended when it runs longer. */
  readonly timeoutMs: number;
}

/** Of a payload that asks for nothing. */
export const noNeeds: PayloadNeeds = {
  environment: {},
  passEnvironment: [],
  cores: 1,
  pin: "none",
  setup: undefined,
  stageIn: false,
  scratchBytesMax: undefined,
};

/** How many slots a range takes on a node that has so many. */
export function slotsTaken({ cores }: Pick<PayloadNeeds, "cores">, slots: number): number {
  return Math.min(cores, slots);
}

/** How many ranges a node with so many slots processes at a time. */
export function placesOf(needs: Pick<PayloadNeeds, "cores">, slots: number): number {
  return Math.floor(slots / slotsTaken(needs, slots));
}
