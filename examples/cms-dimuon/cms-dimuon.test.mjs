import { describe, expect, it } from "vitest";
import { countLines } from "./count.mjs";
import { bestPairs } from "./z-peak.mjs";

const pair = { entry: 1, run: 7, event: 9, type: "GG", charge: 0, ptGev: 50, reconstructed: { massGev: 91 } };

describe("the count", () => {
  it("finds what is there once, and what is not", async () => {
    const count = await countLines(["a", "b", "c", "d"], ["d", "a", "x", "b", "b"]);
    expect(count).toEqual({ expected: 4, once: 2, missing: 1, twice: 1, foreign: 1 });
  });
});

describe("a collision", () => {
  it("counts once, with its hardest pair", () => {
    const harder = { ...pair, entry: 2, ptGev: 60 };
    const other = { ...pair, entry: 3, event: 10 };
    expect(bestPairs([pair, harder, other])).toEqual([harder, other]);
  });

  it("counts with global muons of opposite charge only", () => {
    expect(
      bestPairs([
        { ...pair, type: "GT" },
        { ...pair, charge: 2 },
      ]),
    ).toEqual([]);
  });
});
