// A payload process that lives for many ranges: when it is begun, fed, ended and begun again.

import { expect, test } from "vitest";
import { failureOf } from "../../shared/core/failure.js";
import { stepStream, streamWakeAtMs } from "./stream.js";
import type { FromPayload } from "./stream-words.js";
import { atWork, ToldStream } from "./testing-stream.js";

test("the first range begins a process, and none is told before the process is ready (T2)", () => {
  const told = new ToldStream().hand("1.1", "2.1");
  expect(told.wanted()).toEqual(["start-process"]);
  told.ready();
  expect(told.wanted()).toEqual(["<range 1.1> <range 2.1>", "begun 1.1", "begun 2.1"]);
});

test("a range that is done has taken the time since it was told", () => {
  const told = atWork("1.1");
  told.nowMs += 70;
  expect(
    stepStream(told.stream, { kind: "heard", words: [{ type: "done", id: "1.1" }] }, told.nowMs),
  ).toEqual([{ kind: "end-range", id: "1.1", end: { kind: "made", wallMs: 70 } }]);
});

test("how far a range is, is passed on", () => {
  const told = atWork("1.1");
  const words = [{ type: "progress", id: "1.1", events: 3 }] as const;
  expect(stepStream(told.stream, { kind: "heard", words }, told.nowMs)).toEqual([
    { kind: "progressed", id: "1.1", events: 3 },
  ]);
});

test("a range that the payload says failed has its class and message, and the process goes on", () => {
  const told = atWork("1.1").hear({ type: "failed", id: "1.1", class: "event", message: "no such cell" });
  told.hand("2.1");
  expect(told.wanted()).toEqual(["1.1 event: no such cell", "<range 2.1>", "begun 2.1"]);
});

test("when a process ends, the one range that it worked on failed, and the next process begins (T4, T5)", () => {
  const told = atWork("1.1").done("1.1").hand("2.1");
  told.wanted();
  told.ended({ exitCode: undefined, signal: "SIGSEGV" }).hand("3.1");
  expect(told.wanted()).toEqual([
    "2.1 event: expected the payload to go on until it is told to stop, found that SIGSEGV ended it",
    "start-process",
  ]);
});

test("when a process ends that worked on several, all are suspects (T4)", () => {
  expect(atWork("1.1", "2.1", "3.1").done("2.1").ended().wanted()).toEqual([
    "2.1 made",
    "1.1 suspect",
    "3.1 suspect",
  ]);
});

test("what a process's end means, the job may say", () => {
  expect(atWork("1.1").ended({ exitCode: 65 }).wanted()[0]).toMatch("1.1 event: ");
});

test("an end with exit code 0 that nobody asked for is a failure too", () => {
  expect(atWork("1.1").ended({ exitCode: 0 }).wanted()).toEqual([
    "1.1 transient: expected the payload to go on until it is told to stop, found that it ended with exit code 0",
  ]);
});

test("processes that process nothing are begun after a pause that grows, and the first output ends that (T5)", () => {
  const told = new ToldStream();
  const pauses: number[] = [];
  for (let i = 0; i < 9; i += 1) {
    told.hand(`${i}.1`);
    const fromMs = told.nowMs;
    while (!told.wanted().includes("start-process")) told.passUntilDue();
    pauses.push(told.nowMs - fromMs);
    told.ready().ended();
  }
  expect(pauses).toEqual([0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
  told.hand("10.1").passUntilDue().ready().done("10.1").ended();
  told.wanted();
  expect(told.hand("11.1").wanted()).toEqual(["start-process"]);
});

test("from the third failure to start on, each is that of one waiting range (T6)", () => {
  const told = new ToldStream().hand("1.1", "2.1");
  const ends: string[] = [];
  for (let i = 0; i < 4; i += 1) {
    told.ended().passUntilDue();
    ends.push(told.wanted().filter((wanted) => wanted.includes("node: "))[0] ?? "none");
  }
  const message = "node: expected the payload to say that it is ready, found exit code 1";
  expect(ends).toEqual(["none", "none", `1.1 ${message}`, `2.1 ${message}`]);
});

test("what no node could start is said of a range at once (T6)", () => {
  const told = new ToldStream().hand("1.1", "2.1").ended({ exitCode: 127 });
  expect(told.wanted()).toEqual([
    "start-process",
    "1.1 fatal: expected the payload to say that it is ready, found exit code 127",
  ]);
  told.passUntilDue().tell({ kind: "not-started", failure: failureOf("fatal", "no such program") });
  expect(told.wanted()).toEqual(["start-process", "2.1 fatal: no such program"]);
});

test("a process that is not ready in time is ended, and its ranges wait for the next (T3)", () => {
  const told = new ToldStream().hand("1.1").pass(59_999);
  expect(told.wanted()).toEqual(["start-process"]);
  told.pass(1);
  expect(told.wanted()).toEqual(["end-process"]);
  told.ended({ exitCode: undefined, signal: "SIGTERM" }).pass(1_000);
  expect(told.wanted()).toEqual(["start-process"]);
});

test("a range that takes too long failed, and those beside it are suspects (T4)", () => {
  const told = atWork("1.1").pass(5_000).handTo(1, "2.1");
  told.wanted();
  expect(told.passUntilDue().wanted()).toEqual(["end-process"]);
  expect(told.ended({ exitCode: undefined, signal: "SIGTERM" }).wanted()).toEqual([
    "1.1 event: expected the payload to end within 10 s, and ended it after that",
    "2.1 suspect",
  ]);
});

const broken = "transient: the payload broke its protocol: expected";
test.each<[string, FromPayload, string]>([
  ["a flaw", { type: "flaw", message: "expected sense, found none" }, `${broken} sense, found none`],
  ["another ready", { type: "ready" }, `${broken} one ready, found "another"`],
  [
    "an answer to what it was not given",
    { type: "done", id: "9.9" },
    `${broken} the id of a range that it was given and has not answered yet, found "9.9"`,
  ],
  [
    "cancelled of what is wanted",
    { type: "cancelled", id: "1.1" },
    `${broken} cancelled only of a range that it was told to cancel, found "1.1"`,
  ],
])("%s ends the process (T3)", (_name, word, message) => {
  const told = atWork("1.1").hear(word, { type: "done", id: "1.1" });
  expect(told.wanted()).toEqual(["end-process"]);
  expect(told.ended().wanted()).toEqual([`1.1 ${message}`]);
});

test("the same answer twice ends the process, and the first counts", () => {
  expect(atWork("1.1").done("1.1").done("1.1").wanted()).toEqual(["1.1 made", "end-process"]);
});

test("what runs behind a range that was answered twice is not to blame for it (T4)", () => {
  const told = atWork("1.1").hand("2.1").done("1.1").done("1.1");
  expect(told.wanted()).toEqual(["<range 2.1>", "1.1 made", "begun 2.1", "end-process"]);
  expect(told.ended().wanted()).toEqual(["2.1 suspect"]);
});

test("an answer before it is ready ends the process, and the range waits", () => {
  expect(new ToldStream().hand("1.1").done("1.1").wanted()).toEqual(["start-process", "end-process"]);
});

test("what is no longer wanted and was not told yet is at its end at once (T7)", () => {
  const told = new ToldStream().hand("1.1").tell({ kind: "range-cancelled", id: "1.1" });
  expect(told.wanted()).toEqual(["start-process", "1.1 aborted"]);
});

test.each<[FromPayload, string]>([
  [{ type: "cancelled", id: "1.1" }, "1.1 aborted"],
  [{ type: "failed", id: "1.1", class: "event", message: "" }, "1.1 aborted"],
  [{ type: "done", id: "1.1" }, "1.1 made"],
])("what is no longer wanted is answered in any case: %j (T7)", (word, end) => {
  const told = atWork("1.1").tell({ kind: "range-cancelled", id: "1.1" }).hear(word);
  expect(told.wanted()).toEqual(["<cancel 1.1>", end]);
});

test("a process that works on nothing else is ended when it goes on with what is no longer wanted (T7)", () => {
  const told = atWork("1.1", "2.1").tell({ kind: "range-cancelled", id: "1.1" }).pass(5_000);
  expect(told.wanted()).toEqual(["<cancel 1.1>"]);
  told.done("2.1").pass(999);
  expect(told.wanted()).toEqual(["2.1 made"]);
  expect(told.passUntilDue().wanted()).toEqual(["end-process"]);
  expect(told.ended().wanted()).toEqual(["1.1 aborted"]);
});

test("a process that has nothing to do for long is told to stop, and its end is nobody's", () => {
  const told = atWork("1.1").done("1.1");
  expect(told.pass(299_999).wanted()).toEqual(["1.1 made"]);
  expect(told.passUntilDue().wanted()).toEqual(["stop"]);
  expect(told.ended().wanted()).toEqual([]);
  expect(streamWakeAtMs(told.stream)).toBeUndefined();
});

test("when it is closed, all that it has is at its end (T1)", () => {
  expect(atWork("1.1", "2.1").tell({ kind: "closed" }).wanted()).toEqual([
    "1.1 aborted",
    "2.1 aborted",
    "stop",
  ]);
});

test("a tick that is due is not due again", () => {
  const told = new ToldStream()
    .hand("1.1")
    .tell({ kind: "range-cancelled", id: "1.1" })
    .ended()
    .passUntilDue();
  expect(streamWakeAtMs(told.stream)).toBeGreaterThan(told.nowMs);
});

test("ranges of one slot are processed in their order, and each takes the time since the one before (T2)", () => {
  const told = atWork("1.1");
  for (const id of ["2.1", "3.1"]) told.hand(id);
  expect(told.wanted()).toEqual(["<range 2.1>", "<range 3.1>"]);
  told.pass(9_000).done("1.1").pass(9_000);
  expect(told.wanted()).toEqual(["1.1 made", "begun 2.1"]);
  told.pass(1_000);
  expect(told.wanted()).toEqual(["end-process"]);
});

test("one that takes too much is ended: the range that it works on failed, or is suspect where another is to blame", () => {
  const failure = failureOf("event", "too much");
  const told = atWork("1.1").tell({ kind: "took-too-much", failure, culprit: undefined });
  expect(told.ended().wanted()).toEqual(["end-process", "1.1 event: too much"]);
  const other = atWork("2.1").tell({ kind: "took-too-much", failure, culprit: "1.1" });
  expect(other.ended().wanted()).toEqual(["end-process", "2.1 suspect"]);
});

test("when a process ends, what it was not working on waits for the next one (T4)", () => {
  const told = atWork("1.1").hand("2.1").hand("3.1").tell({ kind: "range-cancelled", id: "3.1" });
  told.wanted();
  told.ended();
  expect(told.wanted()).toEqual([
    "1.1 transient: expected the payload to go on until it is told to stop, found exit code 1",
    "3.1 aborted",
    "start-process",
  ]);
  expect(told.ready().wanted()).toEqual(["<range 2.1>", "begun 2.1"]);
});
