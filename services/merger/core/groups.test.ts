import { describe, expect, test } from "vitest";
import { failureOf } from "../../shared/core/failure.js";
import { noSpans } from "../../shared/core/spans.js";
import { isTooMuch, takeGroup } from "./groups.js";
import { begin, busy, fakeSettings, job, lend, mergeOf, open } from "./scripted-merger.js";
import { newMerger } from "./state.js";

describe("work", () => {
  test("who is welcome asks for as many groups as there are slots, and for one more when one is free", () => {
    const merger = begin();
    expect(merger.join()).toEqual(["hello", "demand 2"]);
    expect(merger.hear(open)).toEqual([]);
    expect(merger.hear(lend(1))).toEqual(["start 1 in 0"]);
    expect(merger.hear(lend(2))).toEqual(["start 2 in 1"]);
    expect(merger.end(0)).toEqual(["result 1: 1 merged", "demand 3"]);
    expect(merger.hear(lend(3))).toEqual(["start 3 in 0"]);
  });

  test("while merges are short, a group waits here and begins when a slot is free; while they are long, none does", () => {
    const merger = begin({ slots: 1, prefetch: 1 });
    expect(merger.join()).toEqual(["hello", "demand 1"]);
    merger.hear(open);
    merger.hear(lend(1));
    merger.wait(999);
    expect(merger.end(0)).toEqual(["result 1: 1 merged", "demand 3"]);
    merger.hear(lend(2));
    expect(merger.hear(lend(3))).toEqual([]);
    merger.wait(1_000);
    expect(merger.end(0)).toEqual(["start 3 in 0", "result 2: 2 merged"]);
    expect(merger.end(0)).toEqual(["result 3: 3 merged", "demand 5"]);
  });

  test("a group of a job that is not open yet waits for its open-job", () => {
    const merger = begin();
    merger.join();
    expect(merger.hear(lend(1))).toEqual([]);
    expect(merger.hear(open)).toEqual(["start 1 in 0"]);
  });

  test("a group of inputs that are not told yet waits for its extend-job (W3)", () => {
    const merger = begin();
    merger.join();
    merger.hear({ ...open, spec: { ...open.spec, inputs: [] } });
    expect(merger.hear(lend(1))).toEqual([]);
    const { inputs } = open.spec;
    expect(merger.hear({ kind: "extend-job", job, firstInput: 0, inputs })).toEqual(["start 1 in 0"]);
    merger.hear({ ...open, spec: { ...open.spec, inputs: [] } });
    expect(merger.hear(lend(2))).toEqual(["start 2 in 1"]);
  });

  test("a group that is lent twice counts once, also after it was acknowledged", () => {
    const merger = busy();
    expect(merger.hear(lend(1))).toEqual([]);
    expect(merger.end(0)).toEqual(["result 1: 1 merged", "demand 3"]);
    merger.hear({ kind: "acknowledge", numbers: [1] });
    expect(merger.hear(lend(1))).toEqual([]);
    expect(merger.tally()).toMatchObject({ waiting: 0, running: 1, unacknowledged: 0 });
  });

  test("a failure is reported with what was lost", () => {
    const merger = busy();
    const failure = failureOf("transient", "no");
    expect(merger.end(1, { kind: "failed", failure, lost: noSpans })).toEqual([
      "result 1: 2 failed",
      "demand 3",
    ]);
  });
});

describe("what is no longer wanted", () => {
  test("a revoked group is ended when it runs, and its temporary is removed if it was done first", () => {
    const merger = busy();
    expect(merger.hear({ kind: "revoke", merges: [mergeOf(1), mergeOf(2)] })).toEqual([
      "abort 1 in 0",
      "abort 2 in 1",
    ]);
    expect(merger.end(0, { kind: "aborted" })).toEqual(["demand 3"]);
    expect(merger.end(1)).toEqual(["remove 2", "demand 4"]);
  });

  test("a revoked group is forgotten when it waits or was reported, and its temporary is removed", () => {
    const merger = begin({ slots: 1, prefetch: 1 });
    merger.join();
    merger.hear(open);
    merger.hear(lend(1));
    merger.end(0);
    merger.hear(lend(2));
    merger.hear(lend(3));
    expect(merger.hear({ kind: "revoke", merges: [mergeOf(1), mergeOf(3)] })).toEqual([
      "remove 1",
      "remove 3",
      "demand 4",
    ]);
    expect(merger.tally()).toMatchObject({ waiting: 0, running: 1, unacknowledged: 0 });
  });

  test("the temporary of a merge that nobody knows any more is removed when it is revoked (P3)", () => {
    const merger = busy();
    merger.end(0);
    merger.hear({ kind: "acknowledge", numbers: [1] });
    expect(merger.hear({ kind: "revoke", merges: [mergeOf(1)] })).toEqual(["remove 1"]);
  });

  test("the end of a job ends its merges, but leaves alone what was reported: it may be about to be published", () => {
    const merger = busy();
    merger.end(0);
    merger.hear(lend(3));
    expect(merger.hear({ kind: "close-job", job })).toEqual(["abort 3 in 0", "abort 2 in 1"]);
    expect(merger.end(0, { kind: "aborted" })).toEqual(["demand 4"]);
    expect(merger.tally().unacknowledged).toBe(1);
    expect(merger.hear(lend(4))).toEqual(["demand 5"]);
    expect(merger.tally().waiting).toBe(0);
  });

  test("a job that was closed may be opened again", () => {
    const merger = begin();
    merger.join();
    merger.hear(open);
    merger.hear({ kind: "close-job", job });
    merger.hear(open);
    expect(merger.hear(lend(1))).toEqual(["start 1 in 0"]);
  });
});

test("a driver that lends far more than was asked for is not listened to (W6, P7)", () => {
  const merger = newMerger({ ...fakeSettings, slots: 2, prefetch: 3 });
  const word = lend(1);
  if (word.kind !== "lend") return expect.unreachable();
  for (let group = 1; !isTooMuch(merger, word); group += 1)
    takeGroup(merger, { ...word.lent, merge: mergeOf(group) });
  expect(merger.waiting.size).toBe(4 * (2 + 3));
});

test("so many grants of a job are remembered, and the oldest are forgotten first (P7)", () => {
  const merger = newMerger(fakeSettings);
  const word = lend(1);
  if (word.kind !== "lend") return expect.unreachable();
  const take = (group: number): boolean => takeGroup(merger, { ...word.lent, merge: mergeOf(group) });
  for (let group = 1; group <= 65_537; group += 1) expect(take(group)).toBe(true);
  expect(take(2)).toBe(false);
  expect(take(1)).toBe(true);
});
