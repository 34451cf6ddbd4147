import { describe, expect, it, test } from "vitest";
import { present } from "../../../shared/core/assert.js";
import { sessionViewOf } from "../state/farm.js";
import { defaultRules, type CopyRules } from "../rules.js";
import { granted, outputsOf, ToldDriver, type Peer } from "../testing/testing.js";
import { aSpec, type SpecChanges } from "../testing/testing-spec.js";

interface Tail {
  readonly driver: ToldDriver;
  readonly slow: Peer;
  readonly fast: Peer;
}

interface TailChanges {
  readonly spec?: SpecChanges;
  readonly rules?: Partial<CopyRules>;
  /** Of the fast actor's ranges. */
  readonly wallMs?: number;
  readonly slowSlots?: number;
  readonly slowRanges?: number;
}

/**
 * The tail of a job of twelve ranges: a slow actor holds the first ones, and a fast one with ten slots has done all
 * others in 10 ms each, and asks for more.
 */
function aTail({ spec, rules, wallMs = 10, slowSlots = 2, slowRanges = 2 }: TailChanges = {}): Tail {
  const driver = new ToldDriver({ copies: { ...defaultRules.copies, slotPart: 1, ...rules } });
  driver.submit(aSpec({ inputs: [10 + slowRanges], ...spec }));
  const slow = driver.actor({ name: "slow", node: "node-slow", slots: slowSlots }).ask(slowRanges);
  const fast = driver.actor({ name: "fast", node: "node-fast", slots: 10 }).ask(30);
  const ranges = Array.from({ length: 10 }, (_, i) => slowRanges + i);
  fast.report({ outputs: [{ ...outputsOf(2, ranges), wallMs: ranges.map(() => wallMs) }] });
  driver.forget();
  return { driver, slow, fast };
}

/** Ranges that were copied, by the second of the wait in which they were. */
function copiedWithin(driver: ToldDriver, seconds: number): Record<number, readonly number[]> {
  const copied: Record<number, number[]> = {};
  for (let second = 1; second <= seconds; second += 1) {
    const before = driver.facts("ranges-copied").length;
    driver.pass(1_000);
    const now = driver.facts("ranges-copied").slice(before);
    if (now.length > 0)
      copied[second] = now.flatMap(({ spans }) =>
        spans.first.flatMap((first, i) => Array.from({ length: spans.count[i] ?? 0 }, (_, k) => first + k)),
      );
  }
  return copied;
}

describe("at the end of a job, idle slots get copies of what runs for very long", () => {
  it("once, on another node, under a grant of their own", () => {
    const { driver, fast } = aTail();
    expect(copiedWithin(driver, 60)).toEqual({ 7: [0, 1] });
    expect(fast.grants()).toEqual([{ grant: 3, ranges: [0, 1] }]);
    fast.done(3, [0, 1]);
    expect(driver.job().table.counts).toMatchObject({ held: 0, ready: 0 });
  });

  it("not before they took the job's factor times as long as nearly all others (Y2)", () => {
    expect(copiedWithin(aTail({ wallMs: 10_000 }).driver, 60)).toEqual({ 22: [0, 1] }); // A bucket is an eighth wide.
    const spec = { speculation: { enabled: true, factor: 3 } };
    expect(copiedWithin(aTail({ wallMs: 10_000, spec }).driver, 60)).toEqual({ 32: [0, 1] });
  });

  it("what waits behind them in their actor's order later, by its place (Y2)", () => {
    const tail = aTail({ wallMs: 10_000, slowSlots: 1, slowRanges: 3 });
    expect(copiedWithin(tail.driver, 100)).toEqual({ 22: [0], 42: [1], 63: [2] });
  });

  it("what was granted behind what its actor held already as well", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [12] }));
    const slow = driver.actor({ name: "slow", node: "node-slow", slots: 1 }).ask(1);
    const fast = driver.actor({ name: "fast", node: "node-fast", slots: 10 }).ask(10);
    slow.ask(2);
    const ranges = Array.from({ length: 10 }, (_, i) => 1 + i);
    fast.report({ outputs: [{ ...outputsOf(2, ranges), wallMs: ranges.map(() => 10_000) }] });
    fast.ask(20);
    expect(copiedWithin(driver, 25)).toEqual({ 22: [0] });
    fast.done(4, [0]);
    expect(copiedWithin(driver, 25)).toEqual({ 17: [11] });
  });

  it.each([
    [5, [0, 2]],
    [50, [2, 0]],
  ])("to the fastest that is there: one that takes %i ms, against 10", (meanMs, grants) => {
    const { driver, fast } = aTail({ rules: { perTickMax: 1 } });
    const other = driver.actor({ name: "other", node: "node-other" }).ask(2);
    driver
      .job()
      .paces.measure(sessionViewOf(driver.farm, present(other.session, "session")), 10, 10 * meanMs);
    expect(copiedWithin(driver, 8)).toEqual({ 7: [0], 8: [1] });
    expect([fast.grants().length, other.grants().length]).toEqual(grants);
  });

  it("again, when the copy came back without a result", () => {
    const { driver, fast } = aTail({ slowRanges: 1, spec: { inputs: [11] } });
    driver.pass(7_000);
    fast.giveBack(3, [0]);
    expect(copiedWithin(driver, 2)).toEqual({ 1: [0] });
  });
});

describe("nothing is copied", () => {
  const never = ({ driver }: Pick<Tail, "driver">): void => {
    expect(copiedWithin(driver, 60)).toEqual({});
  };

  it("when the job does not want it", () => {
    never(aTail({ spec: { speculation: { enabled: false, factor: 2 } } }));
  });

  it("while too little was measured (Y1)", () => {
    never(aTail({ rules: { measuredLeast: 11 } }));
    never(aTail({ spec: { inputs: [30] }, rules: { measuredMin: 11 } }));
  });

  it("while its job is paused, or over", () => {
    const paused = aTail();
    paused.driver.control("pause");
    never(paused);
    const over = aTail();
    over.driver.control("cancel");
    never(over);
  });

  it("of a range that has failed so often that its other holder's failure will be final", () => {
    const tail = aTail({ spec: { attempts: 1 }, slowRanges: 1 });
    tail.driver.pass(7_000);
    tail.slow.fail(1, 0);
    tail.driver.actor({ name: "third", node: "node-third" }).ask(2);
    expect(tail.driver.job().table.holderOf(0)).toBe(3);
    never(tail);
  });

  it("to an actor on the same node, one that leaves, or one that has asked for nothing (Y3)", () => {
    const { driver, fast } = aTail();
    fast.say("start-draining");
    driver.actor({ name: "neighbour", node: "node-slow" }).ask(2);
    driver.actor({ name: "quiet", node: "node-quiet" });
    never({ driver });
  });

  it("to an actor whose slots are all busy", () => {
    const { driver } = aTail();
    driver.submit(aSpec({ inputs: [20] }), "request-2");
    expect(driver.job(2).table.counts.held).toBeGreaterThanOrEqual(10);
    never({ driver });
  });

  it("to an actor that lacks a label which the job requires", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [11], requires: { cpu: "amd" } }));
    const amd = { labels: { cpu: "amd" }, slots: 10 };
    driver.actor({ name: "slow", node: "node-slow", ...amd }).ask(1);
    const fast = driver.actor({ name: "fast", node: "node-fast", ...amd }).ask(10);
    fast.done(2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    driver.actor({ name: "arm", node: "node-arm" }).ask(5);
    never({ driver });
  });

  it("in the tick in which something came back: that may be granted first", () => {
    const { driver, slow } = aTail();
    driver.pass(6_000);
    slow.say("leave");
    expect(driver.job().table.counts).toMatchObject({ ready: 0, held: 2 });
    expect(copiedWithin(driver, 5)).toEqual({}); // They were granted anew, and are young.
  });

  it("in the tick after the driver itself stood still: what was reported meanwhile is not read yet", () => {
    const { driver } = aTail();
    driver.pass(1_000);
    driver.nowMs += 30_000;
    driver.tell({ kind: "tick" });
    expect(driver.facts("ranges-copied")).toEqual([]);
    expect(copiedWithin(driver, 1)).toEqual({ 1: [0, 1] });
  });
});

describe("copies are limited (Y4)", () => {
  it("to a part of all slots, and one is always allowed", () => {
    expect(copiedWithin(aTail({ rules: { slotPart: 0.1 } }).driver, 20)).toEqual({ 7: [0] });
    const tail = aTail({ rules: { slotPart: 0.3 }, slowRanges: 5, slowSlots: 5 });
    expect(copiedWithin(tail.driver, 20)).toEqual({ 7: [0, 1, 2, 3] }); // 0.3 of 15 slots.
    tail.fast.done(3, [0]);
    expect(copiedWithin(tail.driver, 1)).toEqual({ 1: [4] });
  });

  it("in each tick", () => {
    expect(copiedWithin(aTail({ rules: { perTickMax: 1 } }).driver, 20)).toEqual({ 7: [0], 8: [1] });
  });

  it("by what was asked for (P7)", () => {
    const { driver, fast } = aTail({ slowRanges: 5, slowSlots: 5 });
    fast.say("detach-stream");
    const back = driver.actor({ name: "fast", node: "node-fast", slots: 10 }).ask(3);
    expect(copiedWithin(driver, 20)).toEqual({ 7: [0, 1, 2] });
    expect(back.grants()).toHaveLength(1);
  });
});

describe("how old grants are", () => {
  it("counts from the new driver on, after a restart", () => {
    const { driver } = aTail();
    driver.pass(4_000);
    driver.restart();
    driver.actor({ name: "slow", node: "node-slow", ranges: [granted(1, [0, 1])] });
    driver.actor({ name: "fast", node: "node-fast", slots: 10 }).ask(5);
    expect(copiedWithin(driver, 20)).toEqual({ 7: [0, 1] });
  });
});

test("an actor with a range that is to have a node of its own gets no copy beside it (pick-ranges.ts, K6)", () => {
  const driver = new ToldDriver({ copies: { ...defaultRules.copies, slotPart: 1 } });
  driver.submit(aSpec({ inputs: [1] }));
  const lives = ["first", "second", "third"];
  const [, , last] = lives.map((incarnation) => driver.actor({ name: "dying", incarnation }).ask(1));
  last?.say("leave");
  driver.submit(aSpec({ inputs: [12], priority: 1 }), "request-2");
  driver.actor({ name: "slow", node: "node-slow" }).ask(2);
  const fast = driver.actor({ name: "fast", node: "node-fast", slots: 10 }).ask(10);
  fast.done(2, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 2);
  fast.ask(30);
  expect(driver.effects("send-grant").at(-1)).toMatchObject({ alone: true, grant: { job: 1 } });
  expect(copiedWithin(driver, 60)).toEqual({});
});
