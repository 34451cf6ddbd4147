import { expect, test } from "vitest";
import { present } from "../../shared/core/assert.js";
import { failureOf } from "../../shared/core/failure.js";
import { grantNumber, jobNumber } from "../../shared/core/id.js";
import { failureReasonsMax, failureRecordsMax } from "./state/job.js";
import { jobReport } from "./testing/testing-report.js";
import { ToldDriver, type Peer } from "./testing/testing.js";
import { aSpec } from "./testing/testing-spec.js";

const beyond = 5;
const ranges = failureRecordsMax + beyond;

/** Fails the first ranges of job 1, each with a sentence of its own where that is wanted. */
function fail(
  actor: Peer,
  { grant, count }: { readonly grant: number; readonly count: number },
  own: boolean,
): void {
  actor.report({
    failures: Array.from({ length: count }, (_, range) => ({
      job: jobNumber(1),
      range,
      grant: grantNumber(grant),
      failure: { ...failureOf("event", own ? `no ${range}` : "bad event"), stderrTail: "oh" },
    })),
  });
}

/** A job in which more ranges failed for good, on the only node, than records are kept. */
function aJob(own = false): { readonly driver: ToldDriver; readonly actor: Peer } {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [ranges], attempts: 1 }));
  const actor = driver.actor({ node: "n1" }).ask(ranges);
  fail(actor, { grant: 1, count: ranges }, own);
  return { driver, actor };
}

const failuresOf = (driver: ToldDriver) => jobReport(driver.farm, driver.job()).failures;

test("every range that failed for good is listed once, with class, node and attempts (F1)", () => {
  const failures = failuresOf(aJob().driver);
  expect(failures.map(({ range }) => range)).toEqual(Array.from({ length: ranges }, (_, range) => range));
  expect(failures[0]).toMatchObject({ range: 0, node: "n1", attempt: 1, stderrTail: "oh" });
  expect(failures.slice(failureRecordsMax)).toEqual(
    Array.from({ length: beyond }, (_, i) => ({
      range: failureRecordsMax + i,
      events: { input: "/in/1.lhe", first: failureRecordsMax + i + 1, last: failureRecordsMax + i + 1 },
      class: "event",
      node: "n1",
      attempt: 1,
      final: true,
      message: "bad event",
      signal: "",
      stderrTail: "",
    })),
  );
});

test("one of too many reasons to be told apart still has its class", () => {
  const last = failuresOf(aJob(true).driver).at(-1);
  expect(ranges).toBeGreaterThan(failureReasonsMax);
  expect(last).toMatchObject({
    class: "event",
    message: "failed for one of many other reasons; see the failures",
  });
});

test("ranges that failed with their job are not listed (F2)", () => {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [ranges], attempts: 1 }));
  driver.actor().ask(1).fail(1, 0, "event");
  driver.control("cancel");
  expect(failuresOf(driver).map(({ range }) => range)).toEqual([0]);
});

test("a range that is tried again has failed no more; what it failed with then stays, beside what it fails with now", () => {
  const { driver, actor } = aJob();
  driver.workFiles();
  driver.control("retry");
  expect(failuresOf(driver)).toHaveLength(failureRecordsMax);
  fail(actor.ask(ranges + 1), { grant: 2, count: 1 }, false);
  const ofFirst = failuresOf(driver).filter(({ range }) => range === 0);
  expect(ofFirst).toMatchObject([{ stderrTail: "oh" }, { stderrTail: "", attempt: 1 }]);
});

test("a range that was given up while nobody held it, before a retry and after it, is told of once each time", () => {
  const driver = new ToldDriver({ outputLostMax: 1 });
  driver.submit(aSpec({ inputs: [1] }));
  const [actor, merger] = [driver.actor(), driver.merger().ask(2)];
  for (const times of [1, 2]) {
    const { grant = 0 } = actor.ask(times).grants().at(-1) ?? {};
    actor.done(grant, [0]);
    merger.failMerge(present(merger.merges().at(-1), "merge"), [0]);
    driver.workFiles();
    expect(failuresOf(driver)).toMatchObject(Array.from({ length: times }, () => ({ range: 0, node: "" })));
    driver.control("retry");
  }
});
