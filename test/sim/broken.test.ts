// A bug in one of several jobs, met at some moment of a world in which everything else fails too: that job goes out of
// service, and for the others every promise is kept.

import { expect, test } from "vitest";
import { realParts, type TurnParts } from "../../services/driver/core/turn.js";
import type { DurableFact } from "../../services/driver/core/facts/fact.js";
import { driverWith } from "./mutants/mutated-driver.js";
import { simulate, type Finding } from "./world.js";

const seedsMax = 24;

/** In job 1, facts of that kind break. */
function breakingAt(kind: DurableFact["kind"]): TurnParts["apply"] {
  return (farm, fact) => {
    if (fact.kind === kind && "job" in fact && fact.job === 1)
      throw new TypeError("nothing is not a function");
    realParts.apply(farm, fact);
  };
}

test.each(["ranges-done", "merge-granted"] as const)(
  "a job that breaks when %s is applied harms no other",
  async (kind) => {
    const findings: (Finding | undefined)[] = [];
    let broken = 0;
    for (let seed = 1; seed <= seedsMax; seed += 4) {
      const pieces = driverWith(
        { apply: breakingAt(kind) },
        { isLookedInto: true, mayBreak: (job) => job === 1 },
      );
      const { finding } = await simulate(seed, {
        pieces,
        onlooker: (sighting) => {
          if (sighting.kind !== "facts-durable") return;
          if (sighting.facts.some((fact) => fact.kind === "job-broken")) broken += 1;
        },
      });
      if (finding !== undefined) findings.push(finding);
    }
    expect(findings).toEqual([]);
    expect(broken).toBeGreaterThan(seedsMax / 12);
  },
  120_000,
);
