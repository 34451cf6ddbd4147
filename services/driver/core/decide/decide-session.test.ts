import { describe, expect, test } from "vitest";
import { sessionNumber } from "../../../shared/core/id.js";
import { granted, mergeOf, outputsOf, ToldDriver } from "../testing/testing.js";
import { aSpec } from "../testing/testing-spec.js";

const leaseMs = 30_000;

/** A driver with job 1 of ten ranges. */
function aDriver(changes: Parameters<typeof aSpec>[0] = {}): ToldDriver {
  const driver = new ToldDriver({ leaseMs });
  driver.submit(aSpec(changes));
  return driver;
}

describe("a hello", () => {
  test("begins a session, and is answered with a welcome", () => {
    const driver = aDriver();
    const actor = driver.actor();
    expect(actor.session).toBe(1);
    expect(actor.heard()).toEqual(["welcome"]);
  });

  test("numbers sessions through the run for all time", () => {
    const driver = aDriver();
    driver.actor().say("leave");
    expect(driver.actor().session).toBe(2);
    expect(driver.merger().session).toBe(3);
  });

  test("of the same process continues its session: what it names it keeps, what it does not name returns (S1, H1)", () => {
    const driver = aDriver();
    driver.actor().ask(6);
    const again = driver.actor({ ranges: [granted(1, [0, 2, 5])] });
    expect(driver.job().table.counts).toMatchObject({ ready: 7, held: 3 });
    expect([0, 2, 5].map((range) => driver.job().table.holderOf(range))).toEqual([1, 1, 1]);
    expect(driver.farm.sessions.size).toBe(1);
    again.done(1, [0, 2, 5]);
    expect(driver.job().grants.size).toBe(0);
  });

  test("that names nothing gives everything back at once, to whoever asks", () => {
    const driver = aDriver();
    driver.actor({ name: "a" }).ask(10);
    const waiting = driver.actor({ name: "b", slots: 10 }).ask(10);
    driver.actor({ name: "a" });
    expect(waiting.grants()).toEqual([{ grant: 2, ranges: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }]);
  });

  test("closes the older stream of the same process, which was replaced", () => {
    const driver = aDriver();
    const older = driver.actor();
    const newer = driver.actor();
    expect(driver.effectsOn(older.stream).at(-1)).toMatchObject({
      kind: "close-stream",
      refusal: { why: "replaced" },
    });
    expect([older.session, newer.session]).toEqual([undefined, 2]);
  });

  test("of another process ends the older session, fences its stream and takes all that it held back (S1, S3)", () => {
    const driver = aDriver();
    const older = driver.actor({ incarnation: "first" }).ask(10);
    const newer = driver.actor({ incarnation: "second" });
    expect(driver.effectsOn(older.stream).at(-1)).toMatchObject({
      kind: "close-stream",
      refusal: { why: "fenced", message: expect.stringContaining("--name") as unknown },
    });
    expect(driver.facts("session-ended")).toHaveLength(1);
    expect(driver.job().table.counts).toMatchObject({ ready: 10, held: 0 });
    expect(newer.ask(1).grants()).toEqual([{ grant: 2, ranges: [0] }]);
  });

  test("of an actor leaves a merger of the same name alone", () => {
    const driver = aDriver();
    const actor = driver.actor({ name: "node-1" });
    const merger = driver.merger({ name: "node-1" });
    expect([actor.session, merger.session]).toEqual([1, 2]);
  });

  test("finds what it names and another was faster with revoked (H2)", () => {
    const driver = aDriver();
    driver.actor({ name: "slow" }).ask(3).say("detach-stream");
    driver.pass(leaseMs + 1_000);
    driver.actor({ name: "fast" }).ask(2).done(2, [0, 1]);
    const back = driver.actor({ name: "slow", ranges: [granted(1, [0, 1, 2])] });
    expect(back.heard()).toEqual(["welcome", "revoke-ranges"]);
    expect(driver.effects("revoke-ranges")[0]?.revoked).toEqual([granted(1, [0, 1])]);
  });

  test("is left what it names and what was returned meanwhile: an hour's work may be in it (H2)", () => {
    const driver = aDriver();
    driver.actor({ name: "slow" }).ask(3).say("detach-stream");
    driver.pass(leaseMs + 1_000);
    const back = driver.actor({ name: "slow", ranges: [granted(1, [0, 1, 2])] });
    expect(back.heard()).not.toContain("revoke-ranges");
    back.done(1, [0, 1, 2]);
    expect(driver.job().table.counts).toMatchObject({ done: 3, ready: 7 });
  });

  test("finds jobs that are over, or unknown, closed when it names something of them (H3)", () => {
    const driver = aDriver({ inputs: [1] });
    driver.actor({ name: "fast" }).ask(1).done(1, [0]);
    driver.merger().ask(1).merged(mergeOf(1, 2));
    driver.workFiles();
    driver.forget();
    const actor = driver.actor({ name: "slow", ranges: [granted(1, [0]), granted(1, [5], 9)] });
    const merger = driver.merger({ name: "slow", merges: [mergeOf(1, 1)] });
    expect(actor.heard()).toEqual(["welcome", "close-job", "close-job"]);
    expect(merger.heard()).toEqual(["welcome", "close-job"]);
    expect(driver.effects("close-job").map(({ job }) => job)).toEqual([1, 9, 1]);
  });

  test("finds a job that is stopping closed for actors, and for mergers too when it was cancelled (H3)", () => {
    const driver = aDriver({ inputs: [4], everyOutputs: 2 });
    driver.actor({ name: "away" }).ask(4).say("detach-stream");
    const other = driver.actor({ name: "other", ranges: [granted(1, [0, 1])] });
    other.done(1, [0, 1]);
    const merger = driver.merger().ask(1);
    merger.merged(mergeOf(1, 2)); // Accepted, and not published yet: the job is not over.
    driver.control("cancel");
    driver.forget();
    const back = driver.actor({ name: "away", ranges: [granted(1, [2, 3])] });
    const again = driver.merger({ merges: [mergeOf(1, 2)] });
    expect(back.heard()).toEqual(["welcome", "close-job"]);
    expect(again.heard()).toEqual(["welcome", "close-job"]);
  });

  test("that names ranges which a job does not have is malformed, and changes nothing", () => {
    const driver = aDriver();
    driver.actor().ask(2);
    const sessions = driver.facts("session-opened").length;
    const other = driver.actor({ ranges: [granted(1, [9, 10])] });
    expect(driver.effectsOn(other.stream)).toMatchObject([
      {
        kind: "close-stream",
        refusal: { why: "malformed", message: expect.stringContaining("10 ranges") as unknown },
      },
    ]);
    expect(driver.facts("session-opened")).toHaveLength(sessions);
    expect(driver.job().table.counts.held).toBe(2);
  });

  test("that names more ranges than any node can hold is malformed (P7)", () => {
    const driver = new ToldDriver({ namedRangesMax: 5 });
    driver.submit();
    const actor = driver.actor({ ranges: [granted(1, [0, 1, 2]), granted(2, [3, 4, 5])] });
    expect(driver.effectsOn(actor.stream)).toMatchObject([
      { refusal: { why: "malformed", message: "held ranges: 6 ranges are named, more than 5" } },
    ]);
    expect(driver.actor({ ranges: [granted(1, [0, 1, 2, 3, 4])] }).session).toBe(1);
  });

  test("of a merger keeps the merge that it names, and gives the other back", () => {
    const driver = aDriver({ inputs: [4], everyOutputs: 2 });
    driver.actor().ask(4).done(1, [0, 1, 2, 3]);
    expect(driver.merger().ask(2).merges()).toEqual([mergeOf(1, 2), mergeOf(2, 3)]);
    const again = driver.merger({ merges: [mergeOf(2, 3)] });
    expect(driver.facts("merge-returned")).toEqual([{ kind: "merge-returned", ...mergeOf(1, 2) }]);
    expect(again.ask(1).merges()).toEqual([mergeOf(1, 4)]);
    again.merged(mergeOf(2, 3));
    expect(driver.effects("publish-merge")).toEqual([{ kind: "publish-merge", merge: mergeOf(2, 3) }]);
  });
});

describe("a session", () => {
  test("outlives its stream: what it holds stays until the lease ends", () => {
    const driver = aDriver();
    driver.actor().ask(4).say("detach-stream");
    driver.pass(leaseMs);
    expect(driver.job().table.counts.held).toBe(4);
    driver.pass(1_000);
    expect(driver.job().table.counts.held).toBe(0);
    expect(driver.facts("session-ended")[0]?.reason).toBe("nothing was heard of actor actor for 30 s");
  });

  test("is renewed by any message (S2)", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(4);
    const messages: (() => unknown)[] = [
      () => actor.say("hear"),
      () => actor.ask(4),
      () => actor.done(1, [0]),
      () => actor.giveBack(1, [1]),
      () => actor.say("start-draining"),
    ];
    for (const say of messages) {
      driver.pass(leaseMs - 1_000);
      say();
    }
    expect(actor.session).toBe(1);
    driver.pass(leaseMs + 1_000);
    expect(actor.session).toBeUndefined();
  });

  test("whose lease has ended is told so on its stream, and begins anew with a hello", () => {
    const driver = aDriver();
    const actor = driver.actor();
    driver.pass(leaseMs + 1_000);
    expect(driver.effectsOn(actor.stream).at(-1)).toMatchObject({
      kind: "close-stream",
      refusal: { why: "over" },
    });
    driver.forget();
    actor.say("hear");
    expect(driver.effectsOn(actor.stream)).toMatchObject([
      { kind: "close-stream", refusal: { why: "over" } },
    ]);
    expect(driver.actor().session).toBe(2);
  });

  test("has a full lease again after a stall of the driver's own loop", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(2);
    driver.pass(5_000);
    driver.nowMs += 10 * leaseMs;
    driver.tell({ kind: "tick" });
    expect(actor.session).toBe(1);
    driver.pass(leaseMs);
    expect(actor.session).toBe(1);
    driver.pass(1_000);
    expect(actor.session).toBeUndefined();
  });

  test("has a full lease again when a driver starts", () => {
    const driver = aDriver();
    driver.actor().ask(2).say("detach-stream");
    driver.nowMs += leaseMs;
    driver.tell({ kind: "start-driver", epoch: driver.farm.epoch, run: "run-1" });
    driver.pass(leaseMs);
    expect(driver.farm.sessions.size).toBe(1);
  });

  test("that leaves gives all back at no cost (S3, P5)", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(5);
    actor.done(1, [0]);
    actor.say("leave");
    expect(driver.job().table.counts).toMatchObject({ ready: 9, done: 1 });
    expect([1, 2, 3, 4].map((range) => driver.job().table.creditUsed(range))).toEqual([0, 0, 0, 0]);
    expect(driver.farm.sessions.size).toBe(0);
  });

  test("that drains is given nothing more, and may still report", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(2).say("start-draining").ask(8);
    expect(actor.grants()).toHaveLength(1);
    actor.done(1, [0, 1]);
    expect(driver.job().table.counts.done).toBe(2);
  });

  test("of a merger that ends gives its group to another, at no cost to the group's tries", () => {
    const driver = aDriver({ inputs: [2], everyOutputs: 2 });
    driver.actor().ask(2).done(1, [0, 1]);
    driver.merger({ name: "lost" }).ask(1).say("leave");
    expect(driver.merger({ name: "found" }).ask(1).merges()).toEqual([mergeOf(1, 3)]);
    expect([...driver.job().groups.values()][0]?.attemptsUsed).toBe(0);
  });
});

describe("a stream", () => {
  test("without a session is told to say hello", () => {
    const driver = aDriver();
    driver.tell({ kind: "hear", stream: 99 });
    expect(driver.effectsOn(99)).toMatchObject([{ kind: "close-stream", refusal: { why: "over" } }]);
  });

  test("that breaks after its session ended says nothing, and one that takes leave is closed", () => {
    const driver = aDriver();
    const facts = driver.journal.length;
    driver.tell({ kind: "detach-stream", stream: 99 }, { kind: "leave", stream: 98 });
    expect(driver.journal).toHaveLength(facts);
    expect(driver.effectsOn(99)).toEqual([]);
    expect(driver.effectsOn(98)).toMatchObject([{ kind: "close-stream", refusal: { why: "left" } }]);
  });

  test("that takes leave is closed after all that was said on it is answered", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(1);
    driver.forget();
    const { stream } = actor;
    const report = { number: 1, outputs: [outputsOf(1, [0])], failures: [], returned: [], suspected: [] };
    driver.tell({ kind: "report-results", stream, ...report }, { kind: "leave", stream });
    expect(actor.heard()).toEqual(["acknowledge-results", "close-stream"]);
    expect(driver.farm.sessions.size).toBe(0);
  });

  test("that was replaced no longer speaks for its session", () => {
    const driver = aDriver();
    const older = driver.actor().ask(2);
    const newer = driver.actor({ ranges: [granted(1, [0, 1])] });
    older.say("detach-stream").say("leave");
    expect(driver.farm.sessions.get(sessionNumber(2))?.attachment).toMatchObject({ stream: newer.stream });
    expect(driver.job().table.counts.held).toBe(2);
  });
});
