import { describe, expect, test } from "vitest";
import { begin, busy, lend, mergeOf, open, welcome } from "./scripted-merger.js";

describe("sessions", () => {
  test("a hello names all that is held, and what was not acknowledged is sent again under a new number", () => {
    const merger = begin({ slots: 1, prefetch: 1 });
    merger.join();
    merger.hear(open);
    merger.hear(lend(1));
    merger.hear(lend(2));
    merger.end(0);
    merger.lose();
    expect(merger.tell({ kind: "link-up" })).toEqual(["hello 2,1"]);
    expect(merger.hear(welcome(2))).toEqual(["result 2: 1 merged", "demand 1"]);
    merger.hear({ kind: "acknowledge", numbers: [1] });
    expect(merger.tally().unacknowledged).toBe(1);
    merger.hear({ kind: "acknowledge", numbers: [2, 2, 77] });
    expect(merger.tally().unacknowledged).toBe(0);
  });

  test("merges go on while the driver is away, and are reported when it is back (P6)", () => {
    const merger = busy();
    merger.lose();
    expect(merger.end(0)).toEqual([]);
    expect(merger.join()).toEqual(["hello 2,1", "result 1: 1 merged", "demand 1"]);
  });

  test("a long hello comes in pieces", () => {
    const merger = begin({ slots: 1, prefetch: 2_000 });
    merger.join();
    for (let group = 1; group <= 1_500; group += 1) merger.hear(lend(group));
    merger.lose();
    expect(merger.tell({ kind: "link-up" }).map((hello) => hello.split(",").length)).toEqual([1_000, 500]);
  });

  test("a driver of a lower epoch is not listened to, and its link is closed", () => {
    const merger = begin();
    merger.setEpoch(2);
    merger.join();
    merger.lose();
    merger.setEpoch(1);
    merger.tell({ kind: "link-up" });
    expect(merger.hear(welcome(9))).toEqual([
      "close: the driver of epoch 1 was replaced: one of epoch 2 was met before",
    ]);
    expect(merger.hear(open)).toEqual([]);
    expect(merger.tally().isWelcome).toBe(false);
  });

  test("a hello that is not answered is given up", () => {
    const merger = begin();
    merger.tell({ kind: "link-up" });
    expect(merger.wakeAtMs()).toBe(30_000);
    expect(merger.wait(30_000)).toEqual(["close: the driver did not answer the hello within 30 s"]);
    expect(merger.wakeAtMs()).toBeUndefined();
  });

  test("a welcome that comes twice begins one session", () => {
    const merger = begin();
    merger.join();
    expect(merger.hear(welcome(1))).toEqual([]);
  });

  test("whoever is silent for the interval says what is owed, or that it lives", () => {
    const merger = begin();
    merger.join();
    expect(merger.wakeAtMs()).toBe(10_000);
    expect(merger.wait(10_000)).toEqual(["demand 2"]);
    merger.hear(open);
    merger.hear(lend(1));
    merger.hear(lend(2));
    expect(merger.wait(9_999)).toEqual([]);
    expect(merger.wait(1)).toEqual(["heartbeat"]);
  });

  test("how far a merge is is said when it is told, once, and to each driver anew (L4)", () => {
    const merger = busy();
    const progressed = (slot: number, bytesRead: number): string[] =>
      merger.tell({ kind: "merge-progressed", slot, bytesRead });
    expect(progressed(0, 0)).toEqual(["progress 1: 0", "progress 2: 0"]);
    expect(progressed(1, 500)).toEqual(["progress 2: 500"]);
    expect(progressed(1, 500)).toEqual([]);
    expect(merger.wait(9_999)).toEqual([]);
    merger.lose();
    expect(progressed(1, 600)).toEqual([]);
    merger.join();
    expect(progressed(1, 600)).toEqual(["progress 1: 0", "progress 2: 600"]);
    merger.hear({ kind: "revoke", merges: [mergeOf(1)] });
    expect(progressed(1, 700)).toEqual(["progress 2: 700"]);
  });
});

describe("leaving", () => {
  test("who drains hands back what waits, finishes what runs, and leaves when all is acknowledged", () => {
    const merger = begin({ slots: 1, prefetch: 1 });
    merger.join();
    merger.hear(open);
    merger.hear(lend(1));
    merger.hear(lend(2));
    expect(merger.drain(5_000)).toEqual(["draining", "result 1: 2 returned"]);
    expect(merger.hear(lend(3))).toEqual(["result 2: 3 returned"]);
    expect(merger.end(0)).toEqual(["result 3: 1 merged"]);
    expect(merger.hear({ kind: "acknowledge", numbers: [1, 2] })).toEqual([]);
    expect(merger.hear({ kind: "acknowledge", numbers: [3] })).toEqual([
      "exit drained: told to; all is handed in",
    ]);
    expect(merger.tell({ kind: "link-up" })).toEqual([]);
  });

  test("who is to hand back what waits stays: what runs goes on, and what is lent later is merged", () => {
    const merger = begin({ slots: 1, prefetch: 1 });
    merger.join();
    merger.hear(open);
    merger.hear(lend(1));
    merger.hear(lend(2));
    const words = merger.hear({ kind: "hand-back", reason: "drained" });
    expect(words[0]).toBe("result 1: 2 returned");
    expect(merger.end(0)[0]).toBe("result 2: 1 merged");
    expect(merger.hear(lend(3))).toContain("start 3 in 0");
  });

  test("what runs longer than the grace is handed back, and a driver that is away is not waited for without end", () => {
    const merger = busy();
    merger.drain(5_000);
    merger.lose();
    expect(merger.wakeAtMs()).toBe(5_000);
    expect(merger.wait(5_000)).toEqual(["abort 1 in 0", "abort 2 in 1"]);
    merger.end(0, { kind: "aborted" });
    expect(merger.end(1)).toEqual([]);
    expect(merger.wakeAtMs()).toBe(6_000);
    expect(merger.wait(1_000)).toEqual([
      "exit left-behind: told to; no driver has acknowledged 2 merge groups that it holds",
    ]);
  });

  test("who holds nothing leaves at once, with or without a driver", () => {
    expect(begin().drain(5_000)).toEqual(["exit drained: told to; all is handed in"]);
    const merger = begin();
    merger.join();
    expect(merger.drain(5_000)).toEqual(["draining", "exit drained: told to; all is handed in"]);
  });

  test("a second request may shorten the grace, and never lengthens it", () => {
    const merger = busy();
    merger.drain(5_000);
    expect(merger.hear({ kind: "drain", reason: "longer", graceMs: 9_000 })).toEqual([]);
    expect(merger.wakeAtMs()).toBe(5_000);
    expect(merger.hear({ kind: "drain", reason: "at once", graceMs: 0 })).toEqual([
      "abort 1 in 0",
      "abort 2 in 1",
    ]);
  });

  test("who was fenced, or finds another run in the workdir, leaves at once", () => {
    expect(busy().tell({ kind: "link-down", reason: "another process joined", fenced: true })).toEqual([
      "exit fenced: another process joined",
    ]);
    const merger = begin();
    merger.join();
    merger.lose();
    merger.tell({ kind: "link-up" });
    expect(merger.hear(welcome(2, "other"))).toEqual([
      "exit fenced: the workdir serves run other, and this process run r",
    ]);
  });
});
