import { describe, expect, test } from "vitest";
import { jobReport } from "../testing/testing-report.js";
import { mergeOf, outputsOf, ToldDriver, type Peer } from "../testing/testing.js";
import { aSpec } from "../testing/testing-spec.js";

/** A job of six ranges merged in threes: 0 to 2 are merged, 3 is done, 4 is held, 5 is ready. */
function aHalfDoneJob(): { readonly driver: ToldDriver; readonly actor: Peer; readonly merger: Peer } {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [6], everyOutputs: 3, attempts: 2 }));
  const merger = driver.merger().ask(1);
  const actor = driver.actor().ask(5);
  actor.done(1, [0, 1, 2]);
  merger.merged(mergeOf(1, 2));
  driver.workFiles();
  actor.report({ number: 2, outputs: [outputsOf(1, [3])] });
  driver.forget();
  return { driver, actor, merger };
}

describe("a cancelled job", () => {
  test("keeps what is merged, gives up the rest with the reason, and is over", () => {
    const { driver, actor } = aHalfDoneJob();
    expect(driver.control("cancel")).toEqual({ kind: "done", job: 1 });
    driver.workFiles();
    expect(driver.job().stage).toMatchObject({ kind: "reported", outcome: "cancelled" });
    expect(actor.heard()).toContain("close-job");
    const report = jobReport(driver.farm, driver.job());
    expect(report).toMatchObject({ state: "cancelled", reason: "the job was cancelled" });
    expect(report.mergedFiles.map(({ spans }) => spans)).toEqual([[[0, 3]]]);
    expect(report.failed.map(({ spans }) => spans)).toEqual([[[3, 3]]]);
  });

  test("takes its groups back, and wants no late file of theirs", () => {
    const { driver, actor, merger } = aHalfDoneJob();
    actor.report({ number: 3, outputs: [outputsOf(1, [4])], returned: [] });
    driver.tell({ kind: "raise-demand", stream: actor.stream, credit: 9 });
    actor.report({ number: 4, outputs: [outputsOf(3, [5])] });
    merger.ask(2);
    expect(merger.merges()).toEqual([mergeOf(2, 4)]);
    driver.control("cancel");
    driver.forget();
    merger.merged(mergeOf(2, 4));
    expect(merger.heard()).toEqual(["acknowledge-merge", "revoke-merge"]);
    expect(driver.job().table.counts).toMatchObject({ merged: 3, failed: 3 });
  });

  test("publishes a merged file that was accepted before", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [2], everyOutputs: 1 }));
    driver.actor().ask(1).done(1, [0]);
    driver.merger().ask(1).merged(mergeOf(1, 2));
    driver.control("cancel");
    driver.workFiles();
    expect(driver.job().table.counts).toMatchObject({ merged: 1, failed: 1 });
  });
});

describe("a paused job", () => {
  test("grants nothing more, finishes what runs, and goes on when it is resumed", () => {
    const { driver, actor } = aHalfDoneJob();
    driver.control("pause");
    actor.ask(10);
    expect(actor.grants()).toEqual([]);
    actor.done(1, [4]);
    expect(driver.job().table.counts).toMatchObject({ done: 2, ready: 1 });
    expect(driver.control("resume")).toEqual({ kind: "done", job: 1 });
    expect(actor.grants()).toEqual([{ grant: 3, ranges: [5] }]);
  });

  test("stays paused through a restart of the driver", () => {
    const { driver } = aHalfDoneJob();
    driver.control("pause");
    driver.restart();
    const actor = driver.actor({ incarnation: "second process" }).ask(10);
    expect(actor.grants()).toEqual([]);
  });

  test("can be cancelled", () => {
    const { driver } = aHalfDoneJob();
    driver.control("pause");
    driver.control("cancel");
    driver.workFiles();
    expect(driver.job().stage).toMatchObject({ kind: "reported", outcome: "cancelled" });
  });
});

describe("a retried job", () => {
  /** A job of two ranges, the second of which failed for good. */
  function aJobWithFailure(): { readonly driver: ToldDriver; readonly actor: Peer } {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [2], everyOutputs: 1, attempts: 1 }));
    const actor = driver.actor().ask(2);
    driver.merger().ask(5).merged(mergeOf(1, 2));
    actor.done(1, [0]);
    actor.fail(1, 1, "event");
    driver.merger({ incarnation: "second process" }).ask(5).merged(mergeOf(1, 3));
    driver.workFiles();
    expect(driver.job().stage).toMatchObject({ kind: "reported", outcome: "finished-with-failures" });
    driver.forget();
    return { driver, actor };
  }

  test("grants anew what failed, with all its credit", () => {
    const { driver, actor } = aJobWithFailure();
    expect(driver.control("retry")).toEqual({ kind: "done", job: 1 });
    actor.ask(9);
    expect(actor.grants()).toEqual([{ grant: 4, ranges: [1] }]);
    expect(driver.job().table.creditUsed(1)).toBe(0);
    actor.done(4, [1]);
    expect(driver.job().table.counts).toMatchObject({ merged: 1, done: 1, failed: 0 });
  });

  test("takes no output of a grant before the retry: it may have been removed as superseded", () => {
    const { driver, actor } = aJobWithFailure();
    driver.control("retry");
    actor.done(1, [1]);
    expect(driver.job().table.stateOf(1)).toBe("ready");
  });

  test("merges anew the groups that were given up", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [1], everyOutputs: 1, mergeAttempts: 1 }));
    driver.actor().ask(1).done(1, [0]);
    const merger = driver.merger().ask(1);
    merger.failMerge(mergeOf(1, 2));
    driver.workFiles();
    driver.control("retry");
    merger.ask(2);
    merger.merged(mergeOf(1, 3));
    driver.workFiles();
    expect(driver.job().stage).toMatchObject({ kind: "reported", outcome: "finished" });
    expect(driver.job().revived).toEqual([]); // No range was, and a snapshot has no piece for none.
  });
});

describe("asking of a job", () => {
  test("twice is asking once, whatever became of the job meanwhile (P11)", () => {
    const { driver } = aHalfDoneJob();
    driver.control("pause", { requestId: "mine" });
    driver.control("resume");
    expect(driver.control("pause", { requestId: "mine" })).toEqual({ kind: "done", job: 1 });
    expect(driver.job().stage.kind).toBe("running");
    expect(driver.facts("job-suspended")).toHaveLength(1);
  });

  test("for what is so already is asking once too (P11)", () => {
    const { driver } = aHalfDoneJob();
    driver.control("pause", { requestId: "first" });
    expect(driver.control("pause", { requestId: "second" })).toEqual({ kind: "done", job: 1 });
    driver.control("resume");
    expect(driver.control("pause", { requestId: "second" })).toEqual({ kind: "done", job: 1 });
    expect(driver.job().stage.kind).toBe("running");
    driver.control("cancel", { requestId: "third" });
    driver.workFiles();
    expect(driver.control("cancel", { requestId: "fourth" })).toEqual({ kind: "done", job: 1 });
    driver.control("retry");
    expect(driver.control("cancel", { requestId: "fourth" })).toEqual({ kind: "done", job: 1 });
    expect(driver.job().stage.kind).toBe("running");
  });

  test("under an id that was used for something else is refused, saying for what", () => {
    const { driver } = aHalfDoneJob();
    expect(driver.control("cancel", { requestId: "request-1" })).toMatchObject({
      kind: "refused",
      why: "conflict",
      message: "request request-1 began job 1",
    });
    driver.control("pause", { requestId: "mine" });
    expect(driver.submit(aSpec(), "mine")).toMatchObject({ kind: "refused", why: "conflict" });
  });

  test("what can't be done is refused with how the job stands", () => {
    const { driver } = aHalfDoneJob();
    expect(driver.control("retry")).toMatchObject({ message: "cannot retry job 1: it is running" });
    expect(driver.control("pause", { job: 7 })).toMatchObject({ why: "unknown" });
    driver.control("cancel");
    driver.workFiles();
    expect(driver.control("pause")).toMatchObject({ message: "cannot pause job 1: it is over: cancelled" });
    expect(driver.control("cancel", { requestId: "again" })).toEqual({ kind: "done", job: 1 });
  });
});
