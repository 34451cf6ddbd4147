// What a benchmark and the processes of its crowd say to each other.

/** A crowd's part in one process: so many actors, each with a connection and a stream of its own. */
export interface CrowdOrder {
  readonly workdir: string;
  readonly actors: number;
  /** Begins the actors' names, so that no two of the run are called alike. */
  readonly prefix: string;
  readonly job: number;
  /** Results in a message, where so many are there. */
  readonly resultsPerMessage: number;
  /** Credit of an actor: what it asks for and holds, altogether. */
  readonly rangesInFlight: number;
  readonly mergers: number;
}

/** What a crowd's process did since it was last asked. */
export interface CrowdTally {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rangesGranted: number;
  readonly rangesAcknowledged: number;
  /** As the driver sees them. */
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** From raising the demand to the arrival of all that was asked for. */
  readonly grantMs: readonly number[];
}

export type ToCrowd =
  | { readonly kind: "join"; readonly order: CrowdOrder }
  /** Ask for work, and go on with it. */
  | { readonly kind: "work" }
  /** Ask for no more until the next `work`. */
  | { readonly kind: "rest" }
  | { readonly kind: "tell" }
  | { readonly kind: "leave" };

export type FromCrowd =
  | { readonly kind: "joined" }
  | { readonly kind: "tally"; readonly tally: CrowdTally }
  | { readonly kind: "failed"; readonly reason: string };
