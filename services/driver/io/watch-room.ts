// Who watches which jobs.
//
//   R2. Each is told now and then: a tenth of a second apart, and later where many watch, so that all of them together take but
//       a part of the driver's time. What is too long for one message follows sooner.
//   R1. So many clients watch at a time (P7). One that leaves, or whose deadline passes, is forgotten, and makes room.

import { status } from "@grpc/grpc-js";
import type { JobNumber } from "../../shared/core/id.js";
import { JobNews } from "./job-news.js";
import { driverStops, RpcError } from "./rpc-error.js";

export const watchersMax = 1_000;

/** (R2) Between two messages to one of them, at least; and for each of them, which holds for parts of a message too. */
const intervalMs = 100;
const intervalOfOneMs = 2;

/** One client. */
export interface Watcher {
  /** Something is new about a job that it watches. */
  wake(): void;
  fail(error: RpcError): void;
  /** Until nothing more is to be told, or the client has left. */
  run(): Promise<void>;
}

export class WatchRoom {
  readonly news = new JobNews();
  readonly #ofJob = new Map<JobNumber, Set<Watcher>>();
  readonly #ofAll = new Set<Watcher>();
  readonly #watching = new Set<Watcher>();

  /** (R2) */
  get intervalMs(): number {
    return Math.max(intervalMs, this.pauseMs);
  }

  /** (R2) Between two parts. */
  get pauseMs(): number {
    return intervalOfOneMs * this.#watching.size;
  }

  /** Serves a client to its end; without numbers it hears of all jobs. */
  async serve(watcher: Watcher, jobs: ReadonlySet<JobNumber>): Promise<void> {
    if (this.#watching.size >= watchersMax) {
      const message = `${watchersMax} clients watch already: ask for the job now and then instead`;
      watcher.fail(
        new RpcError(status.RESOURCE_EXHAUSTED, "TOO_MANY_WATCHERS", message, { limit: "watches" }),
      );
      return;
    }
    this.#watching.add(watcher);
    if (jobs.size === 0) this.#ofAll.add(watcher);
    for (const job of jobs) this.#ofJob.set(job, (this.#ofJob.get(job) ?? new Set()).add(watcher));
    try {
      await watcher.run();
    } finally {
      this.#watching.delete(watcher);
      this.#ofAll.delete(watcher);
      for (const job of jobs) this.#forget(job, watcher);
    }
  }

  /** Facts were about the job, the last one with that revision. */
  tell(job: JobNumber, revision: number): void {
    this.news.changed(job, revision);
    this.#wake(job);
  }

  /** What runs of the job has come further. */
  tellProgress(job: JobNumber): void {
    this.news.progressed(job);
    this.#wake(job);
  }

  /** Ends all watches: the driver stops, and nobody is to take their jobs for over. */
  close(): void {
    for (const watcher of this.#watching) watcher.fail(driverStops());
  }

  #wake(job: JobNumber): void {
    for (const watcher of this.#ofJob.get(job) ?? []) watcher.wake();
    for (const watcher of this.#ofAll) watcher.wake();
  }

  #forget(job: JobNumber, watcher: Watcher): void {
    const watchers = this.#ofJob.get(job);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#ofJob.delete(job);
  }
}
