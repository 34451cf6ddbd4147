import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs, seededRng } from "./rng.js";

test("one seed gives one sequence, evenly spread over [0, 1)", () => {
  const [first, second] = [seededRng(42), seededRng(42)];
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 10_000; i += 1) {
    const drawn = first.next();
    expect(second.next()).toBe(drawn);
    counts[Math.floor(drawn * 4)] = (counts[Math.floor(drawn * 4)] ?? 0) + 1;
  }
  expect(counts).toHaveLength(4); // No draw was below 0, or 1 and above.
  for (const count of counts) expect(count).toBeGreaterThan(2_300);
});

test("a backoff doubles up to its limit, and is spread over the upper half", () => {
  const bounds = { firstMs: 100, lastMs: 3_000 };
  fc.assert(
    fc.property(
      fc.nat({ max: 2_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, drawn) => {
        const full = attempt > 4 ? 3_000 : 100 * 2 ** attempt;
        const waited = backoffMs(attempt, bounds, { next: () => drawn });
        expect(waited).toBeGreaterThanOrEqual(full / 2);
        expect(waited).toBeLessThanOrEqual(full);
      },
    ),
    { seed: 6 },
  );
});
