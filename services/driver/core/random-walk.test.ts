// Whatever anybody says, in whatever order: the driver never throws, never contradicts itself (checkFarm looks after
// each turn, and replays the journal), and a job comes to its end as soon as honest actors and mergers are there.

import fc from "fast-check";
import { expect, test } from "vitest";
import { eachRange, spansOf } from "../../shared/core/spans.js";
import type { Job } from "./job.js";
import { jobReport } from "./report.js";
import type { ToldDriver } from "./testing.js";
import { leaseMs, Walk, weights, type Action, type Step } from "./testing-walk.js";

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
  const actor = driver.actor({ name: "honest" });
  const merger = driver.merger({ name: "honest" });
  for (let turns = 1; driver.farm.live.size > 0; turns += 1) {
    expect(turns, "turns until all jobs are over").toBeLessThan(100);
    driver.forget();
    actor.ask(100 * turns);
    merger.ask(100 * turns);
    for (const { grant } of driver.effects("send-grant"))
      actor.done(grant.grant, [...eachRange(grant.spans)], grant.job);
    for (const merge of merger.merges()) merger.merged(merge);
    driver.workFiles();
  }
}

/** (P1) */
function checkReport(driver: ToldDriver, job: Job): void {
  const { ranges, state, reason, ...report } = jobReport(driver.farm, job);
  const accounts = [...report.mergedFiles, ...report.keptGroups, ...report.failed].flatMap(({ spans }) =>
    spans.flatMap(([first, count]) => [...eachRange(spansOf({ first, count }))]),
  );
  expect(accounts.sort((a, b) => a - b)).toEqual(Array.from({ length: ranges.total }, (_, range) => range));
  const finished = ranges.merged === ranges.total ? "finished" : "finished-with-failures";
  expect(state).toBe(reason === "" ? finished : "failed");
}

/** A range has one output at a time (P4), and its credit is spent by its payload's failures and by nothing else (P5). */
function checkHistory(driver: ToldDriver, job: Job): void {
  const credit = new Map<number, number>();
  const done = new Set<number>();
  for (const fact of driver.journal) {
    if (!("job" in fact) || fact.job !== job.number) continue;
    if (fact.kind === "range-failed") credit.set(fact.range, (credit.get(fact.range) ?? 0) + 1);
    if (fact.kind !== "ranges-done" && fact.kind !== "outputs-lost") continue;
    for (const range of eachRange(fact.spans)) {
      expect(done.has(range), `range ${String(range)} is done`).toBe(fact.kind === "outputs-lost");
      if (fact.kind === "ranges-done") done.add(range);
      else done.delete(range);
    }
  }
  for (let range = 0; range < job.table.ranges; range += 1)
    expect(job.table.creditUsed(range)).toBe(credit.get(range) ?? 0);
}

test("nothing that anybody says makes the driver throw, contradict itself or stand still", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: "max" }), (steps) => {
      const walk = new Walk();
      for (const one of steps) walk.take(one);
      finish(walk.driver);
      for (const job of walk.driver.farm.jobs.values()) {
        checkReport(walk.driver, job);
        checkHistory(walk.driver, job);
      }
    }),
    { seed: 20_261, numRuns: 200 },
  );
});
