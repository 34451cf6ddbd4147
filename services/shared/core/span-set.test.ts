import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SpanSet } from "./span-set.js";
import { eachRange, flawOf, rangesIn, spansOf, spansOfAscending, type Spans } from "./spans.js";

const total = 200;

/** All that a set can be asked, beside what a plain set of numbers says. */
function agrees(set: SpanSet, model: ReadonlySet<number>, front: number): void {
  const ascending = [...model].sort((a, b) => a - b);
  expect(set.size).toBe(model.size);
  expect(set.spans()).toEqual(spansOfAscending(ascending));
  expect(set.front(front)).toEqual(spansOfAscending(ascending.slice(0, front)));
  const part = { first: Math.floor(front / 2), count: Math.max(1, front) };
  const within = ascending.filter((range) => range >= part.first && range < part.first + part.count);
  expect(set.within(part)).toEqual(spansOfAscending(within));
  for (const range of [0, front, total - 1]) expect(set.has(range)).toBe(model.has(range));
}

/** The part of [first, first + count) that is in the model, or is not, up to where that changes. */
function run(model: ReadonlySet<number>, first: number, count: number): { first: number; count: number } {
  const isIn = model.has(first);
  let end = first + 1;
  while (end < Math.min(total, first + count) && model.has(end) === isIn) end += 1;
  return { first, count: end - first };
}

describe("a set of spans", () => {
  test("is what a set of numbers would be, whatever is added and removed", () => {
    const step = fc.record({
      first: fc.nat({ max: total - 1 }),
      count: fc.integer({ min: 1, max: 40 }),
      front: fc.nat({ max: total }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const set = new SpanSet();
        const model = new Set<number>();
        for (const { first, count, front } of steps) {
          const span = run(model, first, count);
          const isIn = model.has(first);
          if (isIn) set.remove(span);
          else set.add(span);
          for (const range of eachRange(spansOf(span))) {
            if (isIn) model.delete(range);
            else model.add(range);
          }
          agrees(set, model, front);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("keeps its spans canonical: none is empty, none touches the next (C1, C2)", () => {
    const set = new SpanSet();
    for (const first of [4, 0, 2, 6]) set.add({ first, count: 1 });
    expect(set.spans()).toEqual(spansOf(...[0, 2, 4, 6].map((first) => ({ first, count: 1 }))));
    set.add({ first: 3, count: 1 });
    set.add({ first: 1, count: 1 });
    expect(set.spans()).toEqual(spansOf({ first: 0, count: 5 }, { first: 6, count: 1 }));
  });

  test("refuses to add what is there, whole or in part (T1)", () => {
    const set = new SpanSet();
    set.add({ first: 10, count: 10 });
    for (const span of [
      { first: 10, count: 10 },
      { first: 5, count: 6 },
      { first: 19, count: 1 },
      { first: 0, count: 100 },
      { first: 30, count: 0 },
    ]) {
      expect(() => set.add(span), JSON.stringify(span)).toThrow("expected");
    }
    expect(set.spans()).toEqual(spansOf({ first: 10, count: 10 }));
  });

  test("refuses to remove what is not there, whole or in part (T1)", () => {
    const set = new SpanSet();
    set.add({ first: 10, count: 10 });
    for (const span of [
      { first: 0, count: 1 },
      { first: 9, count: 2 },
      { first: 19, count: 2 },
      { first: 20, count: 1 },
      { first: 12, count: 0 },
    ]) {
      expect(() => set.remove(span), JSON.stringify(span)).toThrow("expected");
    }
    expect(set.size).toBe(10);
  });

  test("is eaten from its front however many spans lie behind (T2)", () => {
    const set = new SpanSet();
    for (let first = 0; first < 20_000; first += 2) set.add({ first, count: 1 });
    let eaten = 0;
    for (let front: Spans = set.front(7); front.first.length > 0; front = set.front(7)) {
      expect(flawOf(front, 20_000)).toBeUndefined();
      expect(front.first[0]).toBe(eaten * 2);
      for (let i = 0; i < front.first.length; i += 1) set.remove({ first: front.first[i] ?? 0, count: 1 });
      eaten += rangesIn(front);
      if (eaten === 7_000) set.add({ first: 1, count: 1 }); // Before what is left, where dead spans lie.
      if (eaten === 7_000) set.remove({ first: 1, count: 1 });
    }
    expect(eaten).toBe(10_000);
    expect(set.size).toBe(0);
  });

  test("holds a hundred million ranges as one span", () => {
    const set = new SpanSet();
    set.add({ first: 0, count: 100_000_000 });
    expect(set.front(3)).toEqual({ first: [0], count: [3] });
    set.remove({ first: 0, count: 3 });
    expect(set.spans()).toEqual({ first: [3], count: [99_999_997] });
  });

  test("can be cleared and used again", () => {
    const set = new SpanSet();
    set.add({ first: 3, count: 4 });
    set.clear();
    expect(set.size).toBe(0);
    expect(set.front(10)).toEqual(spansOf());
    set.add({ first: 4, count: 2 });
    expect(set.spans()).toEqual(spansOf({ first: 4, count: 2 }));
  });
});
