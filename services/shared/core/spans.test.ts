import fc from "fast-check";
import { expect, test } from "vitest";
import {
  eachRange,
  flawOf,
  noSpans,
  piecesOf,
  rangesIn,
  SpansBuilder,
  spansOf,
  spansOfAscending,
} from "./spans.js";

const ascending = fc.uniqueArray(fc.nat({ max: 100 })).map((ranges) => ranges.sort((a, b) => a - b));

test("ascending ranges become canonical spans, and spans become them again", () => {
  fc.assert(
    fc.property(ascending, (ranges) => {
      const spans = spansOfAscending(ranges);
      expect([...eachRange(spans)]).toEqual(ranges);
      expect(rangesIn(spans)).toBe(ranges.length);
      expect(flawOf(spans, 101)).toBeUndefined();
      for (let i = 1; i < spans.first.length; i += 1) {
        const end = (spans.first[i - 1] ?? 0) + (spans.count[i - 1] ?? 0);
        expect(spans.first[i]).toBeGreaterThan(end); // (C2)
      }
    }),
    { seed: 2 },
  );
});

test("a builder joins what follows, whole spans too", () => {
  const builder = new SpansBuilder();
  expect(builder.isEmpty).toBe(true);
  builder.add(0);
  builder.add(1, 3);
  builder.add(9);
  builder.add(8); // In an order of its own: nothing is joined backwards.
  expect([builder.first, builder.count]).toEqual([
    [0, 9, 8],
    [4, 1, 1],
  ]);
  expect(builder.isEmpty).toBe(false);
});

test("pieces of spans have all their ranges, in their order, and no more each than they may", () => {
  const some = fc.array(fc.record({ first: fc.nat(99), count: fc.integer({ min: 1, max: 9 }) }));
  fc.assert(
    fc.property(some, fc.integer({ min: 1, max: 12 }), (parts, rangesMax) => {
      const spans = spansOf(...parts);
      const pieces = [...piecesOf(spans, rangesMax)];
      expect(pieces.flatMap((piece) => [...eachRange(piece)])).toEqual([...eachRange(spans)]);
      for (const piece of pieces.slice(0, -1)) expect(rangesIn(piece)).toBe(rangesMax);
      expect(rangesIn(pieces.at(-1) ?? noSpans)).toBeLessThanOrEqual(rangesMax);
    }),
    { seed: 6 },
  );
});

test("spans of a message that make no sense are named", () => {
  expect(flawOf({ first: [1, 2], count: [1] }, 10)).toBe("spans have 2 firsts and 1 counts");
  expect(flawOf(spansOf({ first: 1, count: 0 }), 10)).toBe("span 1+0 has no range");
  expect(flawOf(spansOf({ first: 1.5, count: 1 }), 10)).toBe("span 1.5+1 has no range");
  expect(flawOf(spansOf({ first: Number.NaN, count: 1 }), 10)).toBe("span NaN+1 has no range");
  expect(flawOf(spansOf({ first: -1, count: 1 }), 10)).toBe(
    "span -1+1 begins before 0, where the last one ended",
  );
  expect(flawOf(spansOf({ first: 4, count: 2 }, { first: 5, count: 1 }), 10)).toBe(
    "span 5+1 begins before 6, where the last one ended",
  );
  expect(flawOf(spansOf({ first: 9, count: 2 }), 10)).toBe("span 9+2 ends beyond the job's 10 ranges");
});

test("spans may touch, since a column of another value may tell them apart", () => {
  expect(flawOf(spansOf({ first: 0, count: 2 }, { first: 2, count: 2 }), 4)).toBeUndefined();
});
