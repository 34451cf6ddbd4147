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
}

/** Of a payload that asks for nothing. */
export const noNeeds: PayloadNeeds = { environment: {}, passEnvironment: [], cores: 1, pin: "none" };

/** How many slots a range takes on a node that has so many. */
export function slotsTaken({ cores }: Pick<PayloadNeeds, "cores">, slots: number): number {
  return Math.min(cores, slots);
}

/** How many ranges a node with so many slots processes at a time. */
export function placesOf(needs: Pick<PayloadNeeds, "cores">, slots: number): number {
  return Math.floor(slots / slotsTaken(needs, slots));
}
