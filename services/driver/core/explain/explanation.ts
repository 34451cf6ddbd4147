// The words between those who ask why something is not running and those who know (explain.ts).

import type { JobNumber } from "../../../shared/core/id.js";

/** What somebody wonders about. */
export type Question =
  | { readonly kind: "job"; readonly job: JobNumber }
  /** By the name of the node, or of an actor or merger. */
  | { readonly kind: "node"; readonly name: string }
  | { readonly kind: "range"; readonly job: JobNumber; readonly range: number }
  /** The range that has this event. `path` is that of the input, or its end. */
  | { readonly kind: "event"; readonly job: JobNumber; readonly path: string; readonly event: number };

/** Why it is as it is. */
export interface Explanation {
  /** The answer, in one sentence. */
  readonly sentence: string;
  /** What it rests on, a sentence each. */
  readonly details: readonly string[];
  /** What can be done about it; empty when nothing need be. `<workdir>` stands for the run's. */
  readonly advice: string;
}

/** There is no such thing: `message` says what there is. */
export interface Unknown {
  readonly unknown: string;
}

/** A reason, as the end of a sentence without its full stop, and what can be done about it, a sentence or nothing. */
export interface Cause {
  readonly clause: string;
  readonly advice: string;
}
