// Keeps the reports of jobs that are at work up to date.
//
//   U1. A job whose state has changed is reported each half minute at most; one whose report takes long, less often, so that
//       reports cost a hundredth of the driver's time.
//   U2. One report is written at a time. One that can't be written is skipped, and tried again no sooner than the next.
//   U3. Nothing waits for an update, and none outlives the driver: when nothing can be read any more, it is just over.

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

/** When a job may be reported next, and what it was like when it was reported last; undefined when it was not. */
interface Due {
  readonly atMs: number;
  readonly sequence: number | undefined;
}

export class ReportUpdates {
  readonly #parts: UpdatesParts;
  #due = new Map<JobNumber, Due>();
  #looking: Promise<void> | undefined;
  readonly #stopped = new AbortController();

  constructor(parts: UpdatesParts) {
    this.#parts = parts;
  }

  /** To be called now and then. Never rejects. */
  look(): Promise<void> {
    const quiet = (): void => undefined; // The driver is over, and says itself why (U3).
    this.#looking ??= this.#look()
      .catch(quiet)
      .finally(() => (this.#looking = undefined)); // (U2)
    return this.#looking;
  }

  /** Begins no report any more, and gives up the one that is being written. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { read, clock } = this.#parts;
    const jobs = await read((farm) => {
      const live = [...farm.live].flatMap((number) => farm.jobs.get(number) ?? []);
      return live.filter(isAtWork).map(({ number, sequence }) => ({ number, sequence }));
    });
    const nowMs = clock.nowMs();
    const fresh: Due = { atMs: nowMs + intervalMsMin, sequence: undefined };
    this.#due = new Map(jobs.map(({ number }) => [number, this.#due.get(number) ?? fresh]));
    for (const { number, sequence } of jobs) {
      const due = this.#due.get(number) ?? fresh;
      if (due.atMs > nowMs || due.sequence === sequence || this.#stopped.signal.aborted) continue;
      const beganAtMs = clock.nowMs();
      const isWritten = await this.#update(number);
      const endedAtMs = clock.nowMs();
      const restMs = Math.max(intervalMsMin, restsPerReport * (endedAtMs - beganAtMs)); // (U1)
      this.#due.set(number, { atMs: endedAtMs + restMs, sequence: isWritten ? sequence : undefined });
    }
  }

  /** Whether it could be written (U2). */
  async #update(job: JobNumber): Promise<boolean> {
    const { reports, log } = this.#parts;
    try {
      await reports.update(job, this.#stopped.signal);
      return true;
    } catch (error) {
      log.warn("the report of a job that is at work can't be written", { job, error: errorMessage(error) });
      return false;
    }
  }
}
