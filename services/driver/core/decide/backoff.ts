// How long a range that failed waits before it is granted again.

import type { Backoff } from "../../../shared/core/job-spec.js";

/**
 * Milliseconds after the range's nth failure, n from 1: doubled each time up to the last, less up to a quarter, which
 * the numbers decide, so that ranges that failed together do not come back together.
 */
export function delayMs({ firstMs, lastMs }: Backoff, range: number, failures: number): number {
  const whole = Math.min(lastMs, firstMs * 2 ** Math.min(failures - 1, 40));
  return Math.round(whole * (1 - fractionOf(range, failures) / 4));
}

/** From 0 to 1, spread evenly over neighbouring numbers: a multiplicative hash. */
function fractionOf(range: number, failures: number): number {
  let hash = Math.imul(range + 1, 0x9e37_79b1) ^ Math.imul(failures, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
