import fc from "fast-check";
import { expect, test } from "vitest";
import { QuantileCounts } from "./quantile-counts.js";

function countsOf(...numbers: readonly number[]): QuantileCounts {
  const counts = new QuantileCounts();
  for (const one of numbers) counts.add(one);
  return counts;
}

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("small numbers are kept as they are, and 0 is one", () => {
  const counts = countsOf(0, 1, 2, 3, 7);
  expect([0.2, 0.4, 0.6, 0.8, 1].map((share) => counts.quantile(share))).toEqual([0, 1, 2, 3, 7]);
});

test("a quantile is never too low, and at most an eighth too high (Q1)", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(uint32, fc.integer({ min: 0, max: 2_000 })), { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (numbers, share) => {
        const sorted = numbers.toSorted((one, other) => one - other);
        const right = sorted[Math.max(1, Math.ceil(numbers.length * share)) - 1] ?? 0;
        const found = countsOf(...numbers).quantile(share) ?? -1;
        expect(found).toBeGreaterThanOrEqual(right);
        expect(found).toBeLessThanOrEqual(right * 1.125 + 1);
      },
    ),
    { seed: 20_264 },
  );
});

test("what several counted and wrote down is, added up, what one would have counted (Q2)", () => {
  fc.assert(
    fc.property(fc.array(uint32), fc.array(uint32), (some, others) => {
      const sum = countsOf(...some);
      sum.addAll(countsOf(...others).columns());
      expect(sum.columns()).toEqual(countsOf(...some, ...others).columns());
      expect(sum.count).toBe(some.length + others.length);
    }),
    { seed: 20_265 },
  );
});

test("how many are below a power of two is exact", () => {
  const counts = countsOf(0, 15, 16, 17, 31, 32, 2 ** 31);
  expect([4, 5, 6, 31].map((power) => counts.below(power))).toEqual([2, 5, 6, 6]);
});

test("of buckets that there are not, nothing is taken", () => {
  const counts = countsOf(5);
  counts.addAll({ sum: 0, bucket: [100_000], count: [3] });
  expect([counts.count, counts.quantile(1)]).toEqual([1, 5]);
});

test("cleared, it counts from the beginning", () => {
  const counts = countsOf(5, 6);
  counts.clear();
  expect([counts.count, counts.sum, counts.quantile(1)]).toEqual([0, 0, undefined]);
});
