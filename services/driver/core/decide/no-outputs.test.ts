// A job without outputs: what counts is that each range is done, once.

import { describe, expect, test } from "vitest";
import { jobNumber } from "../../../shared/core/id.js";
import { spansOf } from "../../../shared/core/spans.js";
import { explain } from "../explain/explain.js";
import { defaultRules } from "../rules.js";
import { jobStatus } from "../status.js";
import { jobReport } from "../testing/testing-report.js";
import { granted, outputsOf, ToldDriver } from "../testing/testing.js";
import { aSpec, type SpecChanges } from "../testing/testing-spec.js";

function aDriver(changes: SpecChanges = {}): ToldDriver {
  const driver = new ToldDriver({ leaseMs: 30_000 });
  driver.submit(aSpec({ inputs: [4], ...changes, outputs: "none" }));
  return driver;
}

describe("a job without outputs", () => {
  test("is finished when its ranges are done, and merges nothing", () => {
    const driver = aDriver({ everyOutputs: 1 });
    const merger = driver.merger().ask(5);
    const actor = driver.actor().ask(4);
    actor.done(1, [0, 1, 3]);
    expect(jobStatus(driver.farm, driver.job()).ranges).toMatchObject({ held: 1, done: 3, merged: 0 });
    actor.done(1, [2]);
    driver.workFiles();
    expect(merger.merges()).toEqual([]);
    expect(jobStatus(driver.farm, driver.job())).toMatchObject({ state: "finished", outputs: "none" });
    expect(jobReport(driver.farm, driver.job())).toMatchObject({
      state: "finished",
      ranges: { total: 4, merged: 0, failed: 0, kept: 0 },
      done: { ranges: 4, events: 4, spans: [[0, 4]] },
      mergedFiles: [],
    });
  });

  test("keeps nothing of a range that is done but that it is", () => {
    const driver = aDriver();
    driver.actor().ask(4).done(1, [0, 1, 2]);
    const { table, unmerged } = driver.job();
    expect(unmerged.spans()).toEqual(spansOf({ first: 0, count: 3 }));
    expect(table.columns({ first: 0, count: 3 })).toMatchObject({
      holder: { value: [0], count: [3] },
      sizeBytes: [],
      adler32: [],
    });
  });

  test("counts a range once, whoever reports it and how often, and says superseded to nobody (O2)", () => {
    const driver = aDriver();
    const slow = driver.actor({ name: "slow" }).ask(4);
    slow.say("detach-stream");
    driver.pass(31_000);
    const fast = driver.actor({ name: "fast" }).ask(4);
    fast.done(2, [0, 1]);
    const again = driver.actor({ name: "slow" });
    again.done(1, [0, 1, 2]);
    expect(again.answer()).toEqual({ number: 1, superseded: [] });
    fast.done(2, [0, 1, 2]);
    expect(fast.answer()).toEqual({ number: 1, superseded: [] });
    expect(driver.facts("ranges-done").map(({ spans }) => spans)).toEqual([
      spansOf({ first: 0, count: 2 }),
      spansOf({ first: 2, count: 1 }),
    ]);
    expect(driver.job().eventsDone).toBe(3);
  });

  test("revokes from a joining actor what somebody else has done meanwhile (H2)", () => {
    const driver = aDriver();
    const first = driver.actor({ name: "slow" }).ask(4);
    first.say("detach-stream");
    driver.pass(31_000);
    driver.actor({ name: "fast" }).ask(4).done(2, [0, 1]);
    const slow = driver.actor({ name: "slow", ranges: [granted(1, [0, 1])] });
    expect(slow.heard()).toContain("revoke-ranges");
  });

  test("is told neither sizes nor checksums, and believes nothing of a message with some", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(4);
    actor.report({ outputs: [outputsOf(1, [0])] });
    expect(actor.answer()).toMatchObject({
      kind: "close-stream",
      refusal: { message: expect.stringContaining("1 ranges have 1 sizes, and the job makes no outputs") },
    });
    expect(driver.job().eventsDone).toBe(0);
  });

  test("takes in what an actor left behind that has gone, once (P6)", () => {
    const driver = aDriver();
    driver.actor().ask(4).say("detach-stream");
    const left = { ...outputsOf(1, [0, 2]), sizeBytes: [], adler32: [] };
    const nothing = { failures: [], returned: [], suspected: [] };
    for (const handIn of [1, 2]) {
      driver.tell({ kind: "take-in-results", handIn, node: "node-1", outputs: [left], ...nothing });
      expect(driver.effects("settle-hand-in").at(-1)?.verdict).toEqual({ kind: "taken", superseded: [] });
    }
    expect([driver.job().eventsDone, driver.facts("ranges-done").length]).toEqual([2, 1]);
  });

  test("has its copies too, of which the first that is done counts (P4)", () => {
    const rules = { ...defaultRules.copies, afterMs: 0, measuredLeast: 1, measuredMin: 2, slotPart: 1 };
    const driver = new ToldDriver({ leaseMs: 3_600_000, copies: rules });
    driver.submit(aSpec({ inputs: [4], outputs: "none" }));
    const slow = driver.actor({ name: "slow", node: "n1" }).ask(4);
    slow.done(1, [0, 1, 2]);
    const fast = driver.actor({ name: "fast", node: "n2" }).ask(2);
    driver.pass(120_000);
    const [copy] = fast.grants();
    expect(copy?.ranges).toEqual([3]);
    fast.done(copy?.grant ?? 0, [3]);
    slow.done(1, [3]);
    expect(slow.answer()).toEqual({ number: 1, superseded: [] });
    expect(driver.job()).toMatchObject({ eventsDone: 4, copiesMade: 1, copiesWon: 1 });
  });

  test("keeps what is done when it is cancelled", () => {
    const driver = aDriver();
    driver.actor().ask(4).done(1, [0, 1]);
    driver.control("cancel");
    driver.workFiles();
    expect(jobReport(driver.farm, driver.job())).toMatchObject({
      state: "cancelled",
      ranges: { failed: 2 },
      done: { ranges: 2, spans: [[0, 2]] },
    });
  });

  test("does again what failed, when it is retried, and nothing else", () => {
    const driver = aDriver({ attempts: 1 });
    const actor = driver.actor().ask(4);
    actor.done(1, [0, 1, 2]);
    actor.fail(1, 3, "event");
    driver.workFiles();
    expect(jobStatus(driver.farm, driver.job()).state).toBe("finished-with-failures");
    driver.control("retry");
    actor.ask(5);
    expect(actor.grants().at(-1)).toEqual({ grant: 2, ranges: [3] });
    actor.done(2, [3]);
    driver.workFiles();
    expect(jobStatus(driver.farm, driver.job()).state).toBe("finished");
  });

  test("is explained as what it is (P9)", () => {
    const driver = aDriver();
    driver.actor().ask(4).done(1, [0, 1, 2, 3]);
    driver.workFiles();
    const { farm, moment, rules } = driver;
    const told = explain({ farm, moment, rules }, { kind: "job", job: jobNumber(1) });
    expect(told).toMatchObject({
      sentence: "Job 1 (drell-yan) is over: all its 4 ranges are done.",
      details: expect.arrayContaining([expect.stringContaining("outputs: none")]) as unknown,
    });
    const range = explain({ farm, moment, rules }, { kind: "range", job: jobNumber(1), range: 2 });
    expect(range).toMatchObject({
      sentence: expect.stringContaining("is done, and its job makes no outputs"),
    });
  });
});
