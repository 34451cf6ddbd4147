import { describe, expect, it } from "vitest";
import { granted, mergeOf, type ToldDriver } from "../testing/testing.js";
import { aCopy, copyTo } from "../testing/testing-copies.js";

const revoke = (grant: number) => ({ kind: "revoke-ranges", revoked: [granted(grant, [1])] });

/** Who holds range 1: its holder, and its copy. */
function holders(driver: ToldDriver): readonly (number | undefined)[] {
  return [driver.job().table.holderOf(1), driver.job().copies.get(1)];
}

/** Grants, with how many ranges each still holds. */
function left(driver: ToldDriver): Record<number, number> {
  return Object.fromEntries([...driver.job().grants].map(([grant, lent]) => [grant, lent.left]));
}

describe("a range with two holders: the first output wins (P4)", () => {
  it("when it is the copy's, the first holder is told to drop the range", () => {
    const { driver, slow, idle } = aCopy();
    idle.done(2, [1]);
    expect(driver.job().table.winnerOf(1)).toBe(2);
    expect(holders(driver)).toEqual([undefined, undefined]);
    expect(left(driver)).toEqual({ 1: 1 });
    expect(driver.effectsOn(slow.stream)).toMatchObject([revoke(1)]);
    expect(driver.job()).toMatchObject({ copiesMade: 1, copiesWon: 1 });
  });

  it("when it is the first holder's, the copy's is", () => {
    const { driver, slow, idle } = aCopy();
    slow.done(1, [0, 1]);
    expect(driver.job().table.winnerOf(1)).toBe(1);
    expect(left(driver)).toEqual({});
    expect(driver.effectsOn(idle.stream)).toMatchObject([revoke(2)]);
    expect(driver.job()).toMatchObject({ copiesMade: 1, copiesWon: 0 });
  });

  it("when it is that of a grant which holds the range no more, both are", () => {
    const { driver, slow, idle } = aCopy();
    slow.say("detach-stream");
    driver.pass(31_000);
    const third = driver.actor({ name: "third", node: "node-third" }).ask(2);
    const idleAgain = driver.actor({ name: "idle", node: "node-idle", ranges: [granted(2, [1])] }).ask(2);
    copyTo(driver, idleAgain, [0]);
    driver.forget();
    const back = driver.actor({ name: "slow", node: "node-slow", ranges: [granted(1, [0, 1])] });
    back.done(1, [0]);
    expect(driver.effectsOn(third.stream).map(({ kind }) => kind)).toEqual(["revoke-ranges"]);
    expect(driver.effectsOn(idleAgain.stream).map(({ kind }) => kind)).toEqual(["revoke-ranges"]);
    expect(idle.session).toBeUndefined();
  });

  it("the other one's output is superseded, and the winner's repeat is not", () => {
    const { slow, idle } = aCopy();
    idle.done(2, [1]);
    slow.done(1, [1]);
    expect(slow.answer()).toEqual({ number: 1, superseded: [granted(1, [1])] });
    idle.done(2, [1]);
    expect(idle.answer()).toEqual({ number: 1, superseded: [] });
  });

  it("outputs of both in one turn: the first that is told", () => {
    const { driver, slow, idle } = aCopy();
    slow.report({ outputs: [] });
    const report = (stream: number, grant: number) => ({
      ...{ kind: "report-results" as const, stream, number: 7, failures: [], returned: [], suspected: [] },
      outputs: [{ ...granted(grant, [1]), grant: [granted(grant, [1]).grant], ...column }],
    });
    driver.tell(report(idle.stream, 2), report(slow.stream, 1));
    expect(driver.job().table.winnerOf(1)).toBe(2);
    expect(slow.answer()).toEqual({ number: 7, superseded: [granted(1, [1])] });
  });

  it("one that is away learns of it from the answer to its hello", () => {
    const { driver, slow, idle } = aCopy();
    slow.say("detach-stream");
    idle.done(2, [1]);
    const back = driver.actor({ name: "slow", node: "node-slow", ranges: [granted(1, [0, 1])] });
    expect(driver.effectsOn(back.stream)).toContainEqual(expect.objectContaining(revoke(1)));
  });

  it("when it is found lost, neither grant counts any more", () => {
    const { driver, slow, idle } = aCopy({ everyOutputs: 1 });
    idle.done(2, [1]);
    const merger = driver.merger().ask(1);
    merger.failMerge(mergeOf(1, 3), [1]);
    slow.done(1, [1]);
    expect(slow.answer()).toEqual({ number: 1, superseded: [granted(1, [1])] });
    idle.done(2, [1]);
    expect(idle.answer()).toEqual({ number: 1, superseded: [granted(2, [1])] });
    expect(driver.job().table.winnerOf(1)).toBeUndefined();
  });
});

const column = { sizeBytes: [101], adler32: [1_001], wallMs: [10] };

describe("a range with two holders: one that lets go leaves it to the other (C2)", () => {
  it("the first holder fails: credit is spent, and the copy is the holder", () => {
    const { driver, slow, idle } = aCopy();
    slow.fail(1, 1);
    expect(holders(driver)).toEqual([2, undefined]);
    expect(driver.job().table.creditUsed(1)).toBe(1);
    expect(left(driver)).toEqual({ 1: 1, 2: 1 });
    idle.done(2, [1]);
    expect(driver.job()).toMatchObject({ copiesMade: 1, copiesWon: 0 });
  });

  it("the copy fails: the first holder stays", () => {
    const { driver, idle } = aCopy();
    idle.fail(2, 1);
    expect(holders(driver)).toEqual([1, undefined]);
    expect(left(driver)).toEqual({ 1: 2 });
    expect(driver.job().table.counts).toMatchObject({ ready: 0, held: 2 });
  });

  it.each(["slow", "idle"] as const)(
    "the last credit of the %s one is not final while the other works",
    (name) => {
      const { driver, slow, idle } = aCopy({ attempts: 1 });
      const [first, second] = name === "slow" ? [slow, idle] : [idle, slow];
      const [grant, other] = name === "slow" ? [1, 2] : [2, 1];
      first.fail(grant, 1);
      expect(driver.job().table.stateOf(1)).toBe("held");
      expect(driver.facts("range-tried").map(({ final }) => final)).toEqual([false]);
      second.fail(other, 1);
      expect(driver.job().table.stateOf(1)).toBe("failed");
      expect(driver.facts("range-tried").map(({ final }) => final)).toEqual([false, true]);
    },
  );

  it("nor is that of an event which failed on two nodes, while a third one tries", () => {
    const { driver, slow, idle } = aCopy();
    slow.fail(1, 1, "event");
    const third = driver.actor({ name: "third", node: "node-third" }).ask(1);
    copyTo(driver, third, [1]);
    idle.fail(2, 1, "event");
    expect(holders(driver)).toEqual([3, undefined]);
    third.fail(3, 1, "event");
    expect(driver.job().table.stateOf(1)).toBe("failed");
  });

  it("and when the other saves it, it is done", () => {
    const { driver, slow, idle } = aCopy({ attempts: 1 });
    slow.fail(1, 1);
    idle.done(2, [1]);
    expect(driver.job().table.winnerOf(1)).toBe(2);
  });

  it("the first holder hands the range back: the copy is the holder, and nothing is ready", () => {
    const { driver, slow } = aCopy();
    slow.giveBack(1, [0, 1]);
    expect(holders(driver)).toEqual([2, undefined]);
    expect(driver.job().table.stateOf(0)).toBe("held"); // The idle actor has asked for one more.
    expect(driver.job().table.holderOf(0)).toBe(3);
  });

  it("the copy's actor hands it back: the first holder stays", () => {
    const { driver, idle } = aCopy();
    idle.giveBack(2, [1]);
    expect(holders(driver)).toEqual([1, undefined]);
  });

  it("a session ends, no credit is spent (P5)", () => {
    const { driver, slow, idle } = aCopy();
    slow.say("leave");
    expect(holders(driver)).toEqual([2, undefined]);
    idle.say("leave");
    expect(driver.job().table.counts).toMatchObject({ ready: 2, held: 0 });
    expect(driver.job().table.creditUsed(1)).toBe(0);
  });

  it("the copy's session ends", () => {
    const { driver, idle } = aCopy();
    idle.say("leave");
    expect(holders(driver)).toEqual([1, undefined]);
    expect(left(driver)).toEqual({ 1: 2 });
  });

  it("a hello does not name it any more", () => {
    const { driver } = aCopy();
    driver.actor({ name: "idle", node: "node-idle" });
    expect(holders(driver)).toEqual([1, undefined]);
    driver.actor({ name: "slow", node: "node-slow", ranges: [granted(1, [1])] });
    expect(driver.job().table.stateOf(0)).toBe("ready");
    expect(holders(driver)).toEqual([1, undefined]);
  });

  it("a hello names both: both go on", () => {
    const { driver } = aCopy();
    driver.actor({ name: "slow", node: "node-slow", ranges: [granted(1, [0, 1])] });
    driver.actor({ name: "idle", node: "node-idle", ranges: [granted(2, [1])] });
    expect(holders(driver)).toEqual([1, 2]);
  });

  it("what is told under a grant that let go changes nothing", () => {
    const { driver, slow, idle } = aCopy();
    slow.giveBack(1, [1]);
    slow.fail(1, 1);
    slow.giveBack(1, [1]);
    expect(holders(driver)).toEqual([2, undefined]);
    expect(driver.job().table.creditUsed(1)).toBe(0);
    idle.done(2, [1]);
    expect(driver.job().table.winnerOf(1)).toBe(2);
  });
});

describe("a job that stops lets go of copies too", () => {
  it("cancelled: nothing is held, and all of it is given up", () => {
    const { driver } = aCopy();
    driver.control("cancel");
    expect(driver.job().table.counts).toMatchObject({ held: 0, failed: 2 });
    expect(driver.job().copies.size).toBe(0);
    expect(left(driver)).toEqual({});
  });

  it("retried: what was lent twice is ready once, and both older grants are void", () => {
    const { driver, idle } = aCopy();
    driver.control("cancel");
    driver.workFiles();
    driver.control("retry");
    expect(driver.job().table.counts).toMatchObject({ ready: 1, held: 1 });
    idle.done(2, [1]);
    expect(idle.answer()).toEqual({ number: 1, superseded: [granted(2, [1])] });
  });

  it("after a restart of the driver both go on where they were", () => {
    const { driver } = aCopy();
    driver.restart();
    expect(holders(driver)).toEqual([1, 2]);
    expect(left(driver)).toEqual({ 1: 2, 2: 1 });
  });
});
