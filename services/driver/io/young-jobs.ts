// Jobs that came of late: what is told now of the time before them is not theirs (job-tallies.ts, T3).

import type { JobNumber } from "../../shared/core/id.js";

/** Of more, the oldest are taken for old (P7). */
const jobsMax = 1_000;

export class YoungJobs {
  /** Oldest first. */
  readonly #jobs: { readonly job: JobNumber; readonly atUnixMs: number }[] = [];

  /** A job that is retried has come anew. */
  came(job: JobNumber, atUnixMs: number): void {
    const before = this.#jobs.findIndex((young) => young.job === job);
    if (before >= 0) this.#jobs.splice(before, 1);
    this.#jobs.push({ job, atUnixMs });
    if (this.#jobs.length > jobsMax) this.#jobs.shift();
  }

  /** Jobs that came within that time, and how much of it was before them, from 0 to 1. */
  *within(fromUnixMs: number, toUnixMs: number): Iterable<readonly [JobNumber, number]> {
    if (toUnixMs <= fromUnixMs) return; // A clock that was set back.
    for (let i = this.#jobs.length - 1; i >= 0; i -= 1) {
      const young = this.#jobs[i];
      if (young === undefined || young.atUnixMs <= fromUnixMs) return;
      yield [young.job, Math.min(1, (young.atUnixMs - fromUnixMs) / (toUnixMs - fromUnixMs))];
    }
  }
}
