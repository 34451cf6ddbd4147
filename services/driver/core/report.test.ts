import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { spansOf, eachRange } from "../../shared/core/spans.js";
import { jobStatus } from "./status.js";
import { jobReport } from "./testing/testing-report.js";
import { mergeOf, ToldDriver } from "./testing/testing.js";
import { aSpec } from "./testing/testing-spec.js";

/** A job of 8 ranges: 0 to 2 merged, 3 to 5 in a group that was given up, 6 failed, 7 merged alone. */
function aJob(): ToldDriver {
  const driver = new ToldDriver();
  driver.submit(
    aSpec({ inputs: [6, 9], eventsPerRange: 2, everyOutputs: 3, attempts: 1, mergeAttempts: 1, name: "zee" }),
  );
  const actor = driver.actor({ node: "node-7" }).ask(8);
  const merger = driver.merger().ask(3);
  actor.done(1, [0, 1, 2, 3, 4, 5]);
  actor.fail(1, 6, "event");
  merger.merged(mergeOf(1, 2));
  merger.failMerge(mergeOf(2, 3));
  actor.done(1, [7]);
  merger.merged(mergeOf(3, 4));
  return driver;
}

const nowhere = { waiting: 0, running: 0, done: 0, merged: 0, kept: 0, failed: 0 };

describe("the report of a job", () => {
  test("accounts for every range: merged, kept or failed, and once (P1)", () => {
    const driver = aJob();
    driver.workFiles();
    const report = jobReport(driver.farm, driver.job());
    const accounts = [...report.mergedFiles, ...report.keptGroups, ...report.failed].flatMap(({ spans }) =>
      spans.flatMap(([first, count]) => [...eachRange(spansOf({ first, count }))]),
    );
    expect(accounts.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(report.ranges).toEqual({ ...nowhere, total: 8, merged: 4, failed: 1, kept: 3 });
    expect(report.events).toEqual({ ...nowhere, total: 15, merged: 7, failed: 2, kept: 6 });
  });

  test("says how the job ended, and with what", () => {
    const driver = aJob();
    driver.workFiles();
    const report = jobReport(driver.farm, driver.job());
    expect(report).toMatchObject({
      run: "run-1",
      job: 1,
      name: "zee",
      state: "finished-with-failures",
      reason: "",
    });
    expect(report.mergedFiles[1]).toEqual({
      group: 3,
      missing: [],
      path: "jobs/1/merged/zee.0003.lhe",
      guid: "",
      sizeBytes: 1_000,
      adler32: "0000004d",
      events: 10,
      spans: [[7, 1]],
    });
    expect(report.keptGroups).toEqual([
      {
        group: 2,
        message: "the merge command ended with exit code 2",
        stderrTail: "",
        attempts: 1,
        mergers: ["merger"],
        spans: [[3, 3]],
      },
    ]);
  });

  test("says of a failure what, where, which attempt and of which events", () => {
    const driver = aJob();
    driver.workFiles();
    const report = jobReport(driver.farm, driver.job());
    expect(report.failures).toEqual([
      {
        range: 6,
        events: { input: "/in/2.lhe", first: 7, last: 8 },
        class: "event",
        node: "node-7",
        attempt: 1,
        final: true,
        message: "event failure",
        signal: "",
        stderrTail: "",
      },
    ]);
    expect(report.failed).toEqual([{ class: "event", message: "event failure", spans: [[6, 1]] }]);
  });

  test("says of a job that was stopped why, and that all its ranges failed for it", () => {
    const driver = new ToldDriver();
    driver.submit();
    driver.actor().ask(1).fail(1, 0, "fatal");
    const report = jobReport(driver.farm, driver.job());
    expect(report).toMatchObject({ state: "failed", reason: "fatal failure" });
    expect(report.failed).toEqual([{ class: "fatal", message: "fatal failure", spans: [[0, 10]] }]);
  });

  test("accounts for every range of a job that is still at work", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [12], everyOutputs: 3, attempts: 1, mergeAttempts: 1 }));
    const actor = driver.actor().ask(10);
    actor.done(1, [0, 1, 2, 3, 4, 5, 7]);
    actor.fail(1, 6, "event");
    const merger = driver.merger().ask(2);
    merger.failMerge(mergeOf(1, 2));
    const report = jobReport(driver.farm, driver.job());
    expect(report).toMatchObject({ state: "running", endedAtUnixMs: undefined, reason: "" });
    expect(report.ranges).toEqual({
      ...{ total: 12, waiting: 2, running: 2, merged: 0 },
      ...{ done: 4, kept: 3, failed: 1 },
    });
    expect(report.done.spans).toEqual([
      [3, 3],
      [7, 1],
    ]);
    expect(report.mergedFiles).toEqual([]);
  });

  test("tells ranges that failed for several reasons apart, and those of one reason together", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [6], attempts: 1 }));
    const actor = driver.actor().ask(6);
    for (const [range, failureClass] of ["event", "event", "node", "event"].entries())
      actor.fail(1, range, failureClass === "event" ? "event" : "node");
    const report = jobReport(driver.farm, driver.job(), 100);
    expect(report).toMatchObject({ ...jobReport(driver.farm, driver.job(), 1) });
    expect(report.failed.flatMap(({ spans }) => spans.map(([, count]) => count)).length).toBeGreaterThan(0);
  });

  test("adds up whatever becomes of a job, and however it is read (L1)", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(39), fc.nat(3)), { maxLength: 60 }),
        fc.integer({ min: 1, max: 50 }),
        (steps, some) => {
          const driver = new ToldDriver();
          driver.submit(aSpec({ inputs: [25, 15], everyOutputs: 4, attempts: 1, mergeAttempts: 1 }));
          const actor = driver.actor().ask(40);
          const merger = driver.merger().ask(20);
          const told = new Set<number>();
          for (const [range, becomes] of steps) {
            if (told.has(range)) continue;
            told.add(range);
            if (becomes === 0) actor.fail(1, range, "event");
            else actor.done(1, [range]);
            for (const merge of merger.merges().slice(0, becomes === 3 ? 1 : 0)) merger.merged(merge);
          }
          const report = jobReport(driver.farm, driver.job(), some);
          const { counts } = driver.job().table;
          expect(report.ranges).toMatchObject({ total: 40, merged: counts.merged, failed: counts.failed });
          expect(report.ranges.waiting + report.ranges.running).toBe(counts.ready + counts.held);
          expect(report.failed.flatMap(({ spans }) => spans).reduce((sum, [, count]) => sum + count, 0)).toBe(
            counts.failed,
          );
        },
      ),
      { seed: 7, numRuns: 60 },
    );
  });
});

describe("the status of a job", () => {
  test("counts ranges, events and files as they stand, and who is there to work", () => {
    const driver = aJob();
    driver.actor({ name: "away" }).say("detach-stream");
    driver.tell({ kind: "confirm-published", merge: mergeOf(1, 2) });
    expect(jobStatus(driver.farm, driver.job())).toMatchObject({
      job: 1,
      name: "zee",
      state: "running",
      ranges: { ready: 0, held: 0, done: 4, merged: 3, failed: 1 },
      events: 15,
      eventsDone: 13,
      groupsOpen: 2,
      filesMerged: 1,
      groupsFailed: 1,
      failures: 1,
      endedUnixMs: 0,
      reason: "",
      actors: 1,
      slots: 2,
    });
  });

  test("says that the job is over when its report is on disk, and not before", () => {
    const driver = new ToldDriver();
    driver.submit();
    driver.actor().ask(1).fail(1, 0, "fatal");
    expect(jobStatus(driver.farm, driver.job())).toMatchObject({ state: "running", endedUnixMs: 0 });
    driver.nowMs += 5_000;
    driver.workFiles();
    expect(jobStatus(driver.farm, driver.job())).toMatchObject({
      state: "failed",
      endedUnixMs: 1_700_000_001_000,
      reason: "fatal failure",
    });
  });

  test("has a sequence that grows with every fact about the job, after a recovery too", () => {
    const driver = new ToldDriver();
    driver.submit();
    const actor = driver.actor();
    const sequences = [driver.job().sequence];
    for (const change of [
      () => actor.ask(2),
      () => actor.done(1, [0]),
      () => actor.fail(1, 1),
      () => actor.say("leave"),
    ]) {
      change();
      sequences.push(driver.job().sequence);
    }
    expect(sequences).toEqual([1, 2, 3, 4, 4]);
  });
});
