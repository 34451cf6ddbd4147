import { describe, expect, test } from "vitest";
import { eachRange } from "../../shared/core/spans.js";
import { explain } from "./explain/explain.js";
import { jobReport } from "./testing/testing-report.js";
import { jobStatus } from "./status.js";
import { mergeOf, ToldDriver, type Peer } from "./testing/testing.js";
import { anInput } from "../../shared/core/testing-spec.js";
import { aSpec, byRange, type SpecChanges } from "./testing/testing-spec.js";

function aDriver(changes: SpecChanges): ToldDriver {
  const driver = new ToldDriver();
  driver.submit(aSpec(changes));
  return driver;
}

/** Groups as they were planned: number and members. */
function planned(driver: ToldDriver): (readonly [number, number[]])[] {
  return driver.facts("merge-planned").map(({ group, spans }) => [group, [...eachRange(spans)]] as const);
}

/** Merges all that it is lent, and does what is to be done with files. */
function mergeAll(driver: ToldDriver, merger: Peer): void {
  for (const merge of merger.merges())
    if (driver.job().groups.get(merge.group)?.stage.kind === "granted") merger.merged(merge);
  driver.workFiles();
}

describe("groups by range", () => {
  test("wait for their ranges, whatever is done first, and are numbered by these (P2)", () => {
    const driver = aDriver({ inputs: [4, 3], everyOutputs: 2, grouping: byRange(false) });
    const actor = driver.actor().ask(7);
    actor.done(1, [1, 3, 6]);
    expect(planned(driver)).toEqual([[4, [6]]]);
    actor.done(1, [2]);
    actor.done(1, [0, 4, 5]);
    expect(planned(driver)).toEqual([
      [4, [6]],
      [2, [2, 3]],
      [1, [0, 1]],
      [3, [4, 5]],
    ]);
  });

  test("are one file for many inputs, where they reach across files", () => {
    const driver = aDriver({ inputs: [2, 2, 1], everyOutputs: 100, grouping: byRange(true) });
    driver.actor().ask(5).done(1, [0, 1, 2, 3, 4]);
    expect(planned(driver)).toEqual([[1, [0, 1, 2, 3, 4]]]);
  });

  test("have those of their ranges that are done, and the report tells which failed", () => {
    const driver = aDriver({ inputs: [4], everyOutputs: 2, attempts: 1, grouping: byRange(false) });
    const merger = driver.merger().ask(5);
    const actor = driver.actor().ask(4);
    actor.fail(1, 1);
    actor.done(1, [0]);
    actor.fail(1, 2);
    actor.fail(1, 3);
    expect(planned(driver)).toEqual([[1, [0]]]);
    mergeAll(driver, merger);
    expect(jobReport(driver.farm, driver.job()).mergedFiles).toMatchObject([
      { group: 1, path: "jobs/1/merged/drell-yan.0001.lhe", spans: [[0, 1]], missing: [[1, 1]] },
    ]);
  });

  test("wait again when an output of theirs is lost, and have their number still", () => {
    const driver = aDriver({ inputs: [2], everyOutputs: 2, grouping: byRange(false) });
    const merger = driver.merger().ask(5);
    const actor = driver.actor().ask(4);
    actor.done(1, [0, 1]);
    merger.failMerge(mergeOf(1, 2), [1]);
    expect(driver.job().groups.size).toBe(0);
    actor.done(3, [1]);
    expect(planned(driver).slice(1)).toEqual([[1, [0, 1]]]);
  });

  test("are not confused by what a merger says too late of one that was planned anew (W1)", () => {
    const driver = aDriver({ inputs: [2], everyOutputs: 2, attempts: 1, grouping: byRange(false) });
    const slow = driver.merger({ name: "slow" }).ask(1);
    const actor = driver.actor().ask(4);
    actor.done(1, [0, 1]);
    slow.say("leave");
    const quick = driver.merger({ name: "quick" }).ask(5);
    quick.failMerge(mergeOf(1, 3), [1]);
    actor.fail(4, 1);
    const late = driver.merger({ name: "slow" });
    late.failMerge(mergeOf(1, 2), [1]);
    expect(late.heard().at(-1)).toBe("acknowledge-merge");
    expect(driver.job().groups.get(mergeOf(1, 5).group)?.stage).toMatchObject({ kind: "granted", grant: 5 });
  });

  test("of an open job wait for more only when they may get more (P2)", () => {
    const within = aDriver({ inputs: [3], everyOutputs: 2, open: true, grouping: byRange(false) });
    within.actor().ask(3).done(1, [0, 1, 2]);
    expect(planned(within)).toEqual([
      [1, [0, 1]],
      [2, [2]],
    ]);
    const across = aDriver({ inputs: [3], everyOutputs: 2, open: true, grouping: byRange(true) });
    const actor = across.actor().ask(9);
    actor.done(1, [0, 1, 2]);
    expect(planned(across)).toEqual([[1, [0, 1]]]);
    across.add([anInput({ path: "/in/more.lhe", events: 2 })]);
    actor.done(2, [3, 4]);
    expect(planned(across).slice(1)).toEqual([[2, [2, 3]]]);
    across.control("close");
    expect(planned(across).slice(2)).toEqual([[3, [4]]]);
  });

  test("make a late group of what a retry adds to one that is merged, with a name that says so", () => {
    const driver = aDriver({ inputs: [3, 2], everyOutputs: 3, attempts: 1, grouping: byRange(false) });
    const merger = driver.merger().ask(9);
    const actor = driver.actor().ask(20);
    actor.done(1, [0, 3, 4]);
    actor.fail(1, 1);
    actor.fail(1, 2);
    mergeAll(driver, merger);
    driver.control("retry");
    const again = driver.job().lastGrant;
    actor.done(again, [1]);
    actor.fail(again, 2);
    mergeAll(driver, merger);
    driver.control("retry", { requestId: "again" });
    actor.done(driver.job().lastGrant, [2]);
    mergeAll(driver, merger);
    const files = jobReport(driver.farm, driver.job()).mergedFiles;
    expect(
      files.map(({ path, spans, missing }) => [path.slice("jobs/1/merged/".length), spans, missing]),
    ).toEqual([
      ["drell-yan.0001.lhe", [[0, 1]], [[1, 2]]],
      ["drell-yan.0002.lhe", [[3, 2]], []],
      ["drell-yan.0001.late1.lhe", [[1, 1]], []],
      ["drell-yan.0001.late2.lhe", [[2, 1]], []],
    ]);
    expect(jobStatus(driver.farm, driver.job()).state).toBe("finished");
  });

  test("are planned anew with all their ranges by a retry, when their merge was given up", () => {
    const driver = aDriver({
      ...{ inputs: [2, 2], everyOutputs: 2, attempts: 1, mergeAttempts: 1 },
      grouping: byRange(false),
    });
    const merger = driver.merger().ask(9);
    const actor = driver.actor().ask(20);
    actor.done(1, [0, 2, 3]);
    actor.fail(1, 1);
    for (const merge of merger.merges()) merger.failMerge(merge);
    driver.workFiles();
    expect(jobReport(driver.farm, driver.job())).toMatchObject({ ranges: { kept: 3, failed: 1 } });
    driver.control("retry");
    actor.done(driver.job().lastGrant, [1]);
    mergeAll(driver, merger);
    const files = jobReport(driver.farm, driver.job()).mergedFiles;
    expect(files.map(({ group, spans }) => [group, spans])).toEqual([
      [1, [[0, 2]]],
      [2, [[2, 2]]],
    ]);
  });

  test("are explained by what they lack", () => {
    const driver = aDriver({ inputs: [4], everyOutputs: 3, grouping: byRange(false) });
    driver.actor().ask(4).done(1, [0, 2]);
    const { farm, moment, rules } = driver;
    const job = driver.job().number;
    expect(explain({ farm, moment, rules }, { kind: "range", job, range: 0 })).toMatchObject({
      sentence: expect.stringContaining(
        "it waits for merge group 1: 2 of its 3 ranges are done or failed",
      ) as unknown,
    });
  });
});

describe("groups by arrival with a longest wait", () => {
  const grouping = { kind: "arrival", maxDelayMs: 5_000 } as const;

  test("are planned smaller when an output has waited for so long (P1)", () => {
    const driver = aDriver({ inputs: [9], everyOutputs: 4, grouping });
    const actor = driver.actor().ask(9);
    actor.done(1, [3]);
    driver.pass(4_000);
    actor.done(1, [5]);
    expect(planned(driver)).toEqual([]);
    driver.pass(3_000);
    expect(planned(driver)).toEqual([[1, [3, 5]]]);
    driver.pass(60_000);
    expect(planned(driver)).toHaveLength(1);
  });

  test("are not, where enough come in time", () => {
    const driver = aDriver({ inputs: [9], everyOutputs: 2, grouping });
    const actor = driver.actor().ask(9);
    for (const range of [0, 1, 2, 3]) {
      actor.done(1, [range]);
      driver.pass(2_000);
    }
    expect(planned(driver)).toEqual([
      [1, [0, 1]],
      [2, [2, 3]],
    ]);
  });
});

describe("a job that keeps its outputs", () => {
  test("is finished when its ranges are done, and merges nothing (P3)", () => {
    const driver = aDriver({ inputs: [4], attempts: 1, keepsOutputs: true });
    const merger = driver.merger().ask(5);
    const actor = driver.actor().ask(4);
    actor.done(1, [0, 1, 3]);
    const { farm, moment, rules } = driver;
    const job = driver.job().number;
    expect(explain({ farm, moment, rules }, { kind: "range", job, range: 0 })).toMatchObject({
      sentence: expect.stringContaining("and stays there: merge: none") as unknown,
    });
    actor.done(1, [2]);
    driver.workFiles();
    expect(merger.merges()).toEqual([]);
    expect(jobStatus(driver.farm, driver.job())).toMatchObject({ state: "finished", keepsOutputs: true });
    expect(jobReport(driver.farm, driver.job())).toMatchObject({
      ranges: { total: 4, merged: 0, failed: 0, kept: 0 },
      done: { ranges: 4, events: 4, spans: [[0, 4]] },
    });
    expect(driver.job().table.outputOf(2)).toEqual({ grant: 1, sizeBytes: 102, adler32: 1_002 });
  });

  test("keeps what is done when it is cancelled, and does the rest when it is retried", () => {
    const driver = aDriver({ inputs: [4], keepsOutputs: true });
    const actor = driver.actor().ask(20);
    actor.done(1, [0, 2]);
    driver.control("cancel");
    driver.workFiles();
    expect(jobReport(driver.farm, driver.job())).toMatchObject({
      state: "cancelled",
      ranges: { failed: 2 },
      done: { ranges: 2 },
    });
    driver.control("retry");
    actor.done(driver.job().lastGrant, [1, 3]);
    driver.workFiles();
    expect(jobStatus(driver.farm, driver.job()).state).toBe("finished");
  });
});
