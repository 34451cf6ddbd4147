import fc from "fast-check";
import { expect, test } from "vitest";
import { bestTimes, EventTimes, newJobTimes, timesOnKind } from "./event-times.js";

function timesOf(...ms: readonly number[]): EventTimes {
  const times = new EventTimes();
  for (const one of ms) times.add(one);
  return times;
}

test("nothing is known before the first measurement", () => {
  const times = new EventTimes();
  expect([times.count, times.meanMs, times.quantileMs(0.5)]).toEqual([0, undefined, undefined]);
});

test("short times are kept as they are, and 0 is one", () => {
  const times = timesOf(0, 1, 2, 3, 7);
  expect([0.2, 0.4, 0.6, 0.8, 1].map((share) => times.quantileMs(share))).toEqual([0, 1, 2, 3, 7]);
});

test("a quantile is never too low, and at most an eighth too high (E1)", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 50 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (ms, share) => {
        const sorted = ms.toSorted((one, other) => one - other);
        const right = sorted[Math.max(1, Math.ceil(ms.length * share)) - 1] ?? 0;
        const found = timesOf(...ms).quantileMs(share) ?? -1;
        expect(found).toBeGreaterThanOrEqual(right);
        expect(found).toBeLessThanOrEqual(right * 1.125 + 1);
      },
    ),
    { seed: 20_264 },
  );
});

test("what is written down of times gives them again, and adds up", () => {
  const times = timesOf(3, 1_000, 1_000, 86_400_000);
  const again = new EventTimes();
  again.addAll(times.columns());
  expect(again.columns()).toEqual(times.columns());
  again.addAll(times.columns());
  expect([again.count, again.sumMs]).toEqual([8, 2 * times.sumMs]);
});

test("a kind of node that was not met has the times of all, and too many kinds share one (E2)", () => {
  const times = newJobTimes();
  times.all.add(10);
  expect(bestTimes(times, "slow").meanMs).toBe(10);
  timesOnKind(times, "slow").add(500);
  expect(bestTimes(times, "slow").meanMs).toBe(500);
  for (let kind = 0; kind < 1_000; kind += 1) timesOnKind(times, String(kind)).add(kind);
  expect(times.byKind.size).toBeLessThan(300);
  expect(timesOnKind(times, "998")).toBe(timesOnKind(times, "999"));
});
