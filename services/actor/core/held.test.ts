import fc from "fast-check";
import { expect, test } from "vitest";
import { eachRange } from "../../shared/core/spans.js";
import { byGrant, covers, heldGrantBytes, inPieces, keyOf, spanBytes } from "./held.js";
import { heldGrant, heldRange } from "./testing.js";

const ranges = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 300 })), {
    selector: String,
    maxLength: 400,
  })
  .map((pairs) => pairs.map(([grant, range]) => heldRange(grant, range)));

test("held ranges are told by grant, in spans that ascend", () => {
  const held = [heldRange(2, 5), heldRange(1, 9), heldRange(1, 7), heldRange(1, 8), heldRange(1, 3)];
  expect(byGrant(held)).toMatchObject([
    { grant: 1, spans: { first: [3, 7], count: [1, 3] } },
    { grant: 2, spans: { first: [5], count: [1] } },
  ]);
});

test("pieces name every range once, and no piece is longer than it may be", () => {
  const property = fc.property(ranges, fc.integer({ min: 34, max: 500 }), (held, bytesMax) => {
    const pieces = inPieces(byGrant(held), bytesMax);
    const named = pieces
      .flat()
      .flatMap(({ job, grant, spans }) => [...eachRange(spans)].map((range) => keyOf({ job, grant, range })));
    expect(named.sort()).toEqual(held.map(keyOf).sort());
    for (const piece of pieces) {
      const spans = piece.reduce((sum, { spans }) => sum + spans.first.length, 0);
      expect(piece.length * heldGrantBytes + spans * spanBytes).toBeLessThanOrEqual(bytesMax);
    }
  });
  fc.assert(property, { seed: 1 });
});

test("who holds nothing has one empty piece to tell", () => {
  expect(inPieces([], 100)).toEqual([[]]);
});

test("spans cover their own ranges and no others", () => {
  const property = fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 50 })), (numbers) => {
    const { spans } = heldGrant(
      1,
      numbers.sort((a, b) => a - b),
    );
    for (let range = 0; range <= 51; range += 1) expect(covers(spans, range)).toBe(numbers.includes(range));
  });
  fc.assert(property, { seed: 2 });
});
