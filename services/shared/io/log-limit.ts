// Says what happens often, but not too often.

import type { Clock } from "../core/clock.js";

export interface LogLimit {
  /** How many lines were left out before this one; undefined when this one is left out too. */
  next(): number | undefined;
}

/** At most so many lines in each interval. */
export function logLimit(clock: Clock, linesMax: number, intervalMs: number): LogLimit {
  let beganAtMs = Number.NEGATIVE_INFINITY;
  let lines = 0;
  let leftOut = 0;
  return {
    next: () => {
      const nowMs = clock.nowMs();
      if (nowMs >= beganAtMs + intervalMs) {
        beganAtMs = nowMs;
        lines = 0;
      }
      lines += 1;
      if (lines > linesMax) {
        leftOut += 1;
        return undefined;
      }
      const before = leftOut;
      leftOut = 0;
      return before;
    },
  };
}
