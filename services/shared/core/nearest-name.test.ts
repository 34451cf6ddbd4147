import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearestName } from "./nearest-name.js";

describe("a name that nobody knows", () => {
  const known = ["name", "inputs", "payload", "eventsPerRange", "every"];

  it("is taken for the nearest one that is known", () => {
    expect(nearestName("inptus", known)).toBe("inputs");
    expect(nearestName("playload", known)).toBe("payload");
    expect(nearestName("eventsperrange", known)).toBe("eventsPerRange");
  });

  it("is taken for none when none is near", () => {
    expect(nearestName("colour", known)).toBeUndefined();
    expect(nearestName("x", [])).toBeUndefined();
  });

  it("may have three mistakes, however long it is: a letter missing, too many, wrong, or before its neighbour", () => {
    expect(nearestName("nid01234.clustre.exmple", ["nid01234.cluster.example"])).toBeDefined();
    expect(nearestName("nid0123.clustre.exmple", ["nid01234.cluster.example"])).toBeDefined();
    expect(nearestName("nid0123.clustre.exmpl", ["nid01234.cluster.example"])).toBeUndefined();
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 9, maxLength: 12 });
    fc.assert(
      fc.property(word, fc.array(word, { maxLength: 4 }), (name, words) => {
        const fewest = Math.min(...words.map((other) => mistakesIn(name, other)));
        const nearest = nearestName(name, words);
        if (fewest > 3) expect(nearest).toBeUndefined();
        else expect(mistakesIn(name, nearest ?? "")).toBe(fewest);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

/** By the book: in time of the product of their lengths. */
function mistakesIn(from: string, to: string): number {
  const known = new Map<string, number>();
  const rest = (i: number, j: number): number => {
    if (i === from.length || j === to.length) return from.length - i + to.length - j;
    const key = `${i} ${j}`;
    const change = from[i] === to[j] ? 0 : 1;
    const isSwap = from[i] === to[j + 1] && from[i + 1] === to[j];
    const swapped = isSwap ? rest(i + 2, j + 2) + 1 : Number.POSITIVE_INFINITY;
    const fewest =
      known.get(key) ??
      Math.min(rest(i + 1, j) + 1, rest(i, j + 1) + 1, rest(i + 1, j + 1) + change, swapped);
    known.set(key, fewest);
    return fewest;
  };
  return rest(0, 0);
}
