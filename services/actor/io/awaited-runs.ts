// Runs that are waited for: each has a signal, by which it is told that it is no longer wanted.

import { endOfError, type PayloadEnd, type PayloadRun } from "./payload.js";

export class AwaitedRuns {
  readonly #work: (run: PayloadRun, signal: AbortSignal) => Promise<PayloadEnd | undefined>;
  readonly #aborts = new Map<PayloadRun, AbortController>();

  /** `work` resolves with how the run ended, or with undefined when somebody else ends it. It may reject. */
  constructor(work: (run: PayloadRun, signal: AbortSignal) => Promise<PayloadEnd | undefined>) {
    this.#work = work;
  }

  start(run: PayloadRun): void {
    const abort = new AbortController();
    this.#aborts.set(run, abort);
    void this.#await(run, abort.signal);
  }

  /** Whether it was waited for. */
  abort(run: PayloadRun): boolean {
    const abort = this.#aborts.get(run);
    abort?.abort();
    return abort !== undefined;
  }

  async #await(run: PayloadRun, signal: AbortSignal): Promise<void> {
    const end = await this.#work(run, signal).catch((error: unknown) => endOfError(run, error));
    this.#aborts.delete(run);
    if (end !== undefined) run.onEnd(end);
  }
}
