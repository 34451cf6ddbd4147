// What must hold of a job's whole story, once it is over; for tests.

import { assert } from "../../../shared/core/assert.js";
import { eachRange, spansOf } from "../../../shared/core/spans.js";
import type { DurableFact } from "../facts/fact.js";
import type { Job } from "../state/job.js";
import { jobReport } from "./testing-report.js";
import type { ToldDriver } from "./testing.js";

/** Every range is accounted for once, and the state says what the counts say (P1). */
export function checkReport(driver: ToldDriver, job: Job): void {
  const { ranges, state, reason, ...report } = jobReport(driver.farm, job);
  const accounts = [...report.mergedFiles, ...report.keptGroups, ...report.failed, report.done].flatMap(
    ({ spans }) => spans.flatMap(([first, count]) => [...eachRange(spansOf({ first, count }))]),
  );
  accounts.sort((first, second) => first - second);
  const isEach = accounts.length === ranges.total && accounts.every((range, i) => range === i);
  assert(isEach, `each of ${ranges.total} ranges once, not ${accounts.join(" ")}`);
  const finished =
    ranges.merged + report.done.ranges === ranges.total ? "finished" : "finished-with-failures";
  const expected = reason === "" ? [finished] : ["failed", "cancelled"];
  assert(expected.includes(state), `a job that is ${expected.join(" or ")}, not ${state}`);
}

/** A range has one output at a time (P4), and its credit is spent by its payload's failures and by nothing else (P5). */
export function checkHistory(driver: ToldDriver, job: Job): void {
  const facts = driver.journal.filter((fact) => "job" in fact && fact.job === job.number);
  // Cancelling undoes outputs and retrying gives credit back; decide-control.test.ts looks after these.
  if (facts.some(({ kind }) => kind === "job-cancelled" || kind === "job-retried")) return;
  checkOutputs(facts);
  const credit = new Map<number, number>();
  for (const fact of facts) {
    if (fact.kind === "range-tried" && fact.counted)
      credit.set(fact.range, (credit.get(fact.range) ?? 0) + 1);
  }
  for (let range = 0; range < job.table.ranges; range += 1) {
    const spent = credit.get(range) ?? 0;
    assert(job.table.creditUsed(range) === spent, `range ${range} has spent ${spent} of its credit`);
  }
}

function checkOutputs(facts: readonly DurableFact[]): void {
  const done = new Set<number>();
  for (const fact of facts) {
    if (fact.kind !== "ranges-done" && fact.kind !== "outputs-lost") continue;
    const isLost = fact.kind === "outputs-lost";
    for (const range of eachRange(fact.spans)) {
      assert(
        done.has(range) === isLost,
        `range ${range} ${isLost ? "has an output to lose" : "has no output yet"}`,
      );
      if (isLost) done.delete(range);
      else done.add(range);
    }
  }
}
