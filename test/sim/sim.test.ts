import { describe, expect, test } from "vitest";
import { findingText, Tally } from "./tally.js";
import { lineOf } from "./transcript.js";
import { simulate } from "./world.js";

/** .ci/run has more, by `npm run sim -- --seeds <count>`. */
const seeds = 100;

describe("the simulated run", () => {
  test(`keeps every promise in ${seeds} worlds`, async () => {
    const tally = new Tally();
    for (let seed = 1; seed <= seeds; seed += 1) tally.add(await simulate(seed));
    process.stdout.write(`${tally.summary}\n`);
    expect(tally.found.map(findingText)).toEqual([]);
  }, 240_000);

  test("is the same whenever it is run from the same seed", async () => {
    for (const seed of [3, 17, 42]) {
      const first = await storyOf(seed);
      expect(first.length).toBeGreaterThan(100);
      expect(await storyOf(seed)).toEqual(first);
    }
  });
});

async function storyOf(seed: number): Promise<string[]> {
  const lines: string[] = [];
  await simulate(seed, { onlooker: (sighting, nowMs) => lines.push(lineOf(sighting, nowMs)) });
  return lines;
}
