import { describe, expect, test } from "vitest";
import { mutants } from "./mutants.js";
import { driverWith } from "./mutated-driver.js";
import { lineOf } from "../transcript.js";
import { simulate, type Finding, type WorldOptions } from "../world.js";

interface Catch {
  readonly seed: number;
  readonly finding: Finding;
}

/** Tries all seeds up to the last, and one of them first. */
async function hunt(options: WorldOptions, seedsMax: number, first = 1): Promise<Catch | undefined> {
  for (const seed of new Set([first, ...Array.from({ length: seedsMax }, (_, i) => i + 1)])) {
    const { finding } = await simulate(seed, options);
    if (finding !== undefined) return { seed, finding };
  }
  return undefined;
}

describe("a planted bug is caught", () => {
  test.each(mutants)(
    "$bug: within $seedsMax seeds, by the oracle of $caughtBy",
    async ({ bug, seedsMax, seed, caughtBy, ...planted }) => {
      const caught = await hunt(planted, seedsMax, seed);
      const by =
        caught === undefined
          ? "nothing"
          : `${caught.finding.promise}, seed ${caught.seed}: ${caught.finding.flaw}`;
      process.stdout.write(`${bug}: caught by ${by.split("\n")[0] ?? ""}\n`);
      expect(caughtBy).toContain(caught?.finding.promise);
      expect(caught?.seed).toBeLessThanOrEqual(seedsMax);
    },
    240_000,
  );

  test("and one that is no bug is not", async () => {
    expect(await hunt({ pieces: driverWith({}) }, 12)).toBeUndefined();
  }, 240_000);

  test("a driver that is put together from its parts, unchanged, is the driver that ships", async () => {
    for (const seed of [5, 23])
      expect(await storyOf(seed, { pieces: driverWith({}) })).toEqual(await storyOf(seed, {}));
  });
});

async function storyOf(seed: number, options: WorldOptions): Promise<string[]> {
  const lines: string[] = [];
  await simulate(seed, { ...options, onlooker: (sighting, nowMs) => lines.push(lineOf(sighting, nowMs)) });
  return lines;
}
