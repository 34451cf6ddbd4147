// What was opened in order is closed in reverse, each within a deadline, and all within another one (P10).

import { errorMessage } from "./error-code.js";
import type { Logger } from "./logger.js";
import { after, systemClock } from "./system-clock.js";

export interface ClosingLimits {
  /** For each closing; then the next one begins, and the log says which one hangs. */
  readonly eachMs: number;
  /** For all of them: what comes later has `lastMs` each. */
  readonly allMs: number;
  readonly lastMs: number;
}

const usualLimits: ClosingLimits = { eachMs: 5_000, allMs: 10_000, lastMs: 250 };

export class Closers {
  readonly #log: Logger;
  readonly #limits: ClosingLimits;
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];

  constructor(log: Logger, limits = usualLimits) {
    this.#log = log;
    this.#limits = limits;
  }

  /** `close` is called once, after those of everything that is opened later. */
  add(name: string, close: () => Promise<void> | void): void {
    this.#closers.push({ name, close });
  }

  /** Never rejects: what fails to close is logged, and the others are closed all the same. */
  async closeAll(): Promise<void> {
    const { eachMs, allMs, lastMs } = this.#limits;
    const beganAtMs = systemClock.nowMs();
    for (;;) {
      const closer = this.#closers.pop();
      if (closer === undefined) return;
      const sinceMs = systemClock.nowMs();
      const msMax = Math.max(lastMs, Math.min(eachMs, beganAtMs + allMs - sinceMs));
      const told = (): { what: string; ms: number } => ({
        what: closer.name,
        ms: Math.round(systemClock.nowMs() - sinceMs),
      });
      try {
        await inTime(closer.close(), msMax);
        this.#log.info("closed", told());
      } catch (error) {
        this.#log.error("closing failed", { ...told(), error: errorMessage(error) });
      }
    }
  }
}

async function inTime(closing: Promise<void> | void, msMax: number): Promise<void> {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    cancel = after(msMax, () => reject(new Error(`not closed after ${Math.round(msMax) / 1_000} s`)));
  });
  try {
    await Promise.race([closing, late]);
  } finally {
    cancel();
  }
}
