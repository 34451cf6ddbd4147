// Who may run a job.

import type { JobNumber } from "../../../shared/core/id.js";

/** Those that may run a job, together (grant/shares.ts, H3). */
export interface Crew {
  /** Ranges of the job that were ready, and those that they held, of whichever jobs. */
  readonly ranges: number;
  /** Ranges in a millisecond. */
  readonly speed: number;
  /** When they were summed, monotonic. */
  readonly atMs: number;
}

/** All those that may run a job were summed. */
export interface CrewSummed {
  readonly kind: "crew-summed";
  readonly of: JobNumber;
  readonly crew: Crew;
}
