// Keeps the reports of jobs that are at work up to date.
//
//   U1. A job whose state has changed is reported each half minute at most; one whose report takes long, less often, so that
//       reports cost a hundredth of the driver's time.
//   U2. One report is written at a time; one that can't be written is tried again as if it had been.

import type { Clock } from "../../shared/core/clock.js";
import type { JobNumber } from "../../shared/core/id.js";
import { errorMessage } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";
import { isAtWork } from "../core/state/job.js";
import type { ReadFarm } from "./report-lists.js";
import type { ReportWriter } from "./report-writer.js";

interface UpdatesParts {
  readonly read: ReadFarm;
  readonly reports: Pick<ReportWriter, "update">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Pick<Logger, "warn">;
}

const intervalMsMin = 30_000;
const restsPerReport = 100;

/** When a job may be reported next, and what it was like when it was reported last. */
interface Due {
  readonly atMs: number;
  readonly sequence: number;
}

export class ReportUpdates {
  readonly #parts: UpdatesParts;
  #due = new Map<JobNumber, Due>();
  #looking: Promise<void> | undefined;
  #isStopped = false;

  constructor(parts: UpdatesParts) {
    this.#parts = parts;
  }

  /** To be called now and then. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined)); // (U2)
    return this.#looking;
  }

  /** Begins no report any more, and waits for the one that is being written. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { read, reports, clock, log } = this.#parts;
    const jobs = await read((farm) => {
      const live = [...farm.live].flatMap((number) => farm.jobs.get(number) ?? []);
      return live.filter(isAtWork).map(({ number, sequence }) => ({ number, sequence }));
    });
    const nowMs = clock.nowMs();
    const fresh = { atMs: nowMs + intervalMsMin, sequence: 0 };
    this.#due = new Map(jobs.map(({ number }) => [number, this.#due.get(number) ?? fresh]));
    for (const { number, sequence } of jobs) {
      const due = this.#due.get(number) ?? fresh;
      if (due.atMs > nowMs || due.sequence === sequence || this.#isStopped) continue;
      const beganAtMs = clock.nowMs();
      await reports.update(number).catch((error: unknown) => {
        log.warn("the report of a job that is at work can't be written", {
          job: number,
          error: errorMessage(error),
        });
      });
      const endedAtMs = clock.nowMs();
      const restMs = Math.max(intervalMsMin, restsPerReport * (endedAtMs - beganAtMs)); // (U1)
      this.#due.set(number, { atMs: endedAtMs + restMs, sequence });
    }
  }
}
