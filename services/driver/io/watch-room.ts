// Who watches which jobs.
//
//   R2. Each is told now and then: a tenth of a second apart, and later where many watch, so that all of them together take but
//       a part of the driver's time.
//   R1. So many clients watch at a time (P7). One that leaves, or whose deadline passes, is forgotten, and makes room.

import { status } from "@grpc/grpc-js";
import type { JobNumber } from "../../shared/core/id.js";
import { driverStops, RpcError } from "./rpc-error.js";

export const watchersMax = 1_000;

/** (R2) Between two messages to one of them, at least; and for each of them. */
const intervalMs = 100;
const intervalOfOneMs = 2;

/** One client. */
export interface Watcher {
  /** The job has changed. */
  wake(job: JobNumber): void;
  fail(error: RpcError): void;
  /** Until nothing more is to be told, or the client has left. */
  run(): Promise<void>;
}

export class WatchRoom {
  readonly #ofJob = new Map<JobNumber, Set<Watcher>>();
  readonly #ofAll = new Set<Watcher>();
  readonly #watching = new Set<Watcher>();

  /** (R2) */
  get intervalMs(): number {
    return Math.max(intervalMs, intervalOfOneMs * this.#watching.size);
  }

  /** Serves a client to its end; without numbers it hears of all jobs. */
  async serve(watcher: Watcher, jobs: readonly JobNumber[]): Promise<void> {
    if (this.#watching.size >= watchersMax) {
      const message = `${watchersMax} clients watch already: ask for the job now and then instead`;
      watcher.fail(
        new RpcError(status.RESOURCE_EXHAUSTED, "TOO_MANY_WATCHERS", message, { limit: "watches" }),
      );
      return;
    }
    this.#watching.add(watcher);
    if (jobs.length === 0) this.#ofAll.add(watcher);
    for (const job of jobs) this.#ofJob.set(job, (this.#ofJob.get(job) ?? new Set()).add(watcher));
    try {
      await watcher.run();
    } finally {
      this.#watching.delete(watcher);
      this.#ofAll.delete(watcher);
      for (const job of jobs) this.#forget(job, watcher);
    }
  }

  tell(job: JobNumber): void {
    for (const watcher of this.#ofJob.get(job) ?? []) watcher.wake(job);
    for (const watcher of this.#ofAll) watcher.wake(job);
  }

  /** Ends all watches: the driver stops, and nobody is to take their jobs for over. */
  close(): void {
    for (const watcher of this.#watching) watcher.fail(driverStops());
  }

  #forget(job: JobNumber, watcher: Watcher): void {
    const watchers = this.#ofJob.get(job);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#ofJob.delete(job);
  }
}
