// A job that is out of service: what the program takes for granted did not hold in it.

import type { JobNumber } from "../../../shared/core/id.js";
import type { RangeCounts } from "../state/range-table.js";

/** What went wrong in a job. */
export interface Fault {
  /** In a sentence: what was to hold. */
  readonly reason: string;
  /** While what was done. */
  readonly doing: string;
  /** Where in the program, line by line. */
  readonly trace: string;
}

/** What was known of a job when it went out of service, for people. */
export interface LastKnown extends RangeCounts {
  readonly eventsDone: number;
  readonly filesMerged: number;
  readonly groupsFailed: number;
}

export interface BrokenFact extends Fault {
  readonly kind: "job-broken";
  readonly job: JobNumber;
  readonly known: LastKnown;
  readonly atUnixMs: number;
}
