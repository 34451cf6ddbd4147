// The one place that asks the machine for the time or for chance. Everything else gets them as arguments.
//
//   K1. A timer is cleared by its `Cancel`, and a wait leaves neither timer nor listener behind, however it ends.
//   K2. Durations of any length are kept: Node's own timers fire at once beyond 2^31 ms.

import { randomInt } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { Clock } from "../core/clock.js";
import { seededRng, type Rng } from "../core/rng.js";

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  unixMs: () => Date.now(),
};

/** Ends a timer; harmless when it has fired or was ended. */
export type Cancel = () => void;

/** Longest duration that Node's timers keep. */
const timerMsMax = 2 ** 31 - 1;

/** Runs once, after `ms`. */
export function after(ms: number, run: () => void): Cancel {
  let left = ms;
  const begin = (): NodeJS.Timeout => {
    const now = Math.min(left, timerMsMax);
    left -= now;
    return setTimeout(() => {
      if (left > 0)
        timer = begin(); // (K2)
      else run();
    }, now);
  };
  let timer = begin();
  return () => clearTimeout(timer);
}

/** Runs again and again, `ms` apart (at most 2^31 ms). */
export function every(ms: number, run: () => void): Cancel {
  const timer = setInterval(run, Math.min(ms, timerMsMax));
  return () => clearInterval(timer);
}

/** Waits; rejects with the signal's reason when told to stop (K1). */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = (): void => {
      cancel();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason is the caller's, whatever it is
      reject(signal.reason);
    };
    const cancel = after(ms, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** Chance for jitter, different in each process. */
export function systemRng(): Rng {
  return seededRng(randomInt(2 ** 32));
}
