import fc from "fast-check";
import { expect, test } from "vitest";
import { delayMs } from "./backoff.js";

const whole = { firstMs: 1_000, lastMs: 60_000 };

test("the wait doubles with each failure up to the last, and is never less than three quarters of that", () => {
  const property = fc.property(fc.nat(100_000_000), fc.integer({ min: 1, max: 255 }), (range, failures) => {
    const most = Math.min(60_000, 1_000 * 2 ** (failures - 1));
    const ms = delayMs(whole, range, failures);
    expect(ms).toBeLessThanOrEqual(most);
    expect(ms).toBeGreaterThanOrEqual(0.75 * most);
  });
  fc.assert(property, { seed: 7 });
});

test("ranges that failed together do not come back together", () => {
  const waits = new Set(Array.from({ length: 100 }, (_, range) => delayMs(whole, range, 1)));
  expect(waits.size).toBeGreaterThan(70);
});

test("a backoff of nothing is no wait, and the same failure waits as long whenever it is asked", () => {
  expect(delayMs({ firstMs: 0, lastMs: 0 }, 7, 3)).toBe(0);
  expect(delayMs(whole, 7, 3)).toBe(delayMs(whole, 7, 3));
});
