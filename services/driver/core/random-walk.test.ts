// Whatever anybody says, in whatever order: the driver never throws, never contradicts itself (checkFarm looks after
// each turn, and replays the journal), whatever waits can be explained, and a job comes to its end as soon as honest actors and mergers are there.

import fc from "fast-check";
import { expect, test } from "vitest";
import { eachRange } from "../../shared/core/spans.js";
import { jobNumber } from "../../shared/core/id.js";
import { checkExplained } from "./testing/testing-explain.js";
import { checkHistory, checkReport } from "./testing/testing-history.js";
import { plantFlaw, type Flaw } from "./testing/testing-faults.js";
import type { ToldDriver } from "./testing/testing.js";
import { leaseMs, Walk, weights, type Action, type Step } from "./testing/testing-walk.js";

const step: fc.Arbitrary<Step> = fc.record({
  action: fc.oneof(
    ...Object.entries(weights).map(([action, weight]) => ({
      weight,
      arbitrary: fc.constant(action as Action),
    })),
  ),
  dice: fc.nat(),
});

/** Everybody else falls silent, and an honest actor and an honest merger join: soon no job is left. */
function finish(driver: ToldDriver): void {
  driver.nowMs += leaseMs + 1_000;
  driver.tell({ kind: "tick" });
  const actor = driver.actor({ name: "honest", labels: { cpu: "amd" } });
  const merger = driver.merger({ name: "honest" });
  for (const job of driver.farm.jobs.keys()) {
    driver.control("resume", { job, requestId: `at last ${job}` });
    driver.control("close", { job, requestId: `whole ${job}` });
  }
  for (let turns = 1; driver.farm.live.size > 0; turns += 1) {
    expect(turns, "turns until all jobs are over").toBeLessThan(100);
    actor.ask(100 * turns);
    merger.ask(100 * turns);
    driver.pass(1_000); // What failed waits no longer than its backoff.
    const [lent, merges] = [driver.effects("send-grant"), merger.merges()];
    driver.forget(); // What is lent from now on is seen to in the next turn.
    for (const { grant, stream } of lent)
      if (stream === actor.stream) actor.done(grant.grant, [...eachRange(grant.spans)], grant.job);
    for (const merge of merges) merger.merged(merge);
    driver.workFiles();
  }
}

test("nothing that anybody says makes the driver throw, contradict itself or stand still", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: "max" }), (steps) => {
      const walk = new Walk();
      for (const one of steps) {
        walk.take(one);
        checkExplained(walk.driver);
      }
      finish(walk.driver);
      for (const job of walk.driver.farm.jobs.values()) {
        checkReport(walk.driver, job);
        checkHistory(walk.driver, job);
      }
    }),
    { seed: 20_261, numRuns: 200 },
  );
}, 240_000);

const flaw: fc.Arbitrary<Flaw> = fc.record({
  part: fc.constantFrom("table", "table", "ready", "room", "groupsWaiting", "unmerged"),
  calls: fc.nat(60),
});

test("a job in which something breaks, whenever that is, goes out of service at most, and all others end", () => {
  let broken = 0;
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 5, maxLength: 30, size: "max" }),
      fc.array(step, { minLength: 5, maxLength: 30, size: "max" }),
      flaw,
      (before, after, planted) => {
        const walk = new Walk();
        const { driver } = walk;
        for (const one of before) walk.take(one);
        driver.parts = plantFlaw(driver.job(1), planted);
        for (const one of after) {
          walk.take(one);
          checkExplained(driver);
        }
        finish(driver);
        for (const fact of driver.facts("job-broken")) expect(fact.job).toBe(jobNumber(1));
        broken += driver.facts("job-broken").length;
        for (const job of driver.farm.jobs.values())
          if (job.stage.kind !== "broken") checkReport(driver, job);
      },
    ),
    { seed: 20_262, numRuns: 60 },
  );
  expect(broken).toBeGreaterThan(20);
});
