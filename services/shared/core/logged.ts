// What a log of payloads says of a range (shared/io/run-log.ts). Times are in ISO 8601, since people read them.

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

/** How its run ended. */
export interface LoggedEnd {
  readonly range: number;
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
