// What a log says of a range or of a merge (shared/io/run-log.ts). Times are in ISO 8601, since people read them.

import type { FailureClass } from "./failure.js";

/** A range that a program was processing. */
export interface LoggedRange {
  readonly range: number;
  readonly grant: number;
  /** Path of the input file. */
  readonly input: string;
  readonly first: number;
  readonly last: number;
  readonly began: string;
}

/** A merge that a command belonged to. */
export interface LoggedMerge {
  readonly group: number;
  readonly grant: number;
  /** Such as `count command`; undefined when none was run, or had anything to say. */
  readonly command?: string | undefined;
}

/** How a merge ended. */
export interface LoggedMergeEnd extends Ending {
  readonly group: number;
  readonly outcome: Exclude<Ending["outcome"], "suspect">;
}

/** How the run of a range ended. */
export interface LoggedEnd extends Ending {
  readonly range: number;
}

interface Ending {
  readonly grant: number;
  readonly at: string;
  readonly seconds: number;
  /** `suspect`: its process died while it had others too; `stopped`: it was not wanted any more. */
  readonly outcome: "made" | "failed" | "suspect" | "stopped";
  readonly class?: FailureClass | undefined;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly message?: string | undefined;
}
