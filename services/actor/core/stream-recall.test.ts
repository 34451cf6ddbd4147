// Ranges that are taken back from a payload process which has not begun them.

import { expect, test } from "vitest";
import { streamWakeAtMs } from "./stream.js";
import type { FromPayload } from "./stream-words.js";
import { atWork, ToldStream } from "./testing-stream.js";

function recalled(told: ToldStream, id: string): ToldStream {
  return told.tell({ kind: "range-recalled", id });
}

/** Works on 1.1, and had 2.1 taken back. */
function withOneRecalled(): ToldStream {
  const told = recalled(atWork("1.1").hand("2.1"), "2.1");
  told.wanted();
  return told;
}

test("what has not begun is at its end at once, and its process hears that it is not wanted (T8)", () => {
  const told = recalled(atWork("1.1").hand("2.1"), "2.1");
  expect(told.wanted()).toEqual(["<range 2.1>", "<cancel 2.1>", "2.1 aborted"]);
});

test("what its process works on stays there, and what has ended is not looked for (T8)", () => {
  expect(recalled(recalled(atWork("1.1"), "1.1"), "9.9").wanted()).toEqual([]);
});

test("what its process was not told of is at its end without a word", () => {
  expect(recalled(new ToldStream().hand("1.1"), "1.1").wanted()).toEqual(["start-process", "1.1 aborted"]);
});

test.each<FromPayload>([
  { type: "cancelled", id: "2.1" },
  { type: "done", id: "2.1" },
  { type: "failed", id: "2.1", class: "event", message: "bad" },
])("whatever the process answers for it is forgotten, and the next begins: %j (T8)", (word) => {
  const told = withOneRecalled().hand("3.1");
  told.wanted();
  expect(told.hear(word).done("1.1").wanted()).toEqual(["forget-range", "1.1 made", "begun 3.1"]);
});

test("a process that goes on with it has time for one after the other (T7)", () => {
  const told = withOneRecalled().pass(9_000).done("1.1");
  expect(told.pass(999).wanted()).toEqual(["1.1 made"]);
  expect(told.passUntilDue().wanted()).toEqual(["end-process"]);
  expect(told.ended().wanted()).toEqual(["forget-range"]);
});

test("where the process ends, it is not told to the next one", () => {
  const told = withOneRecalled().hand("3.1");
  told.wanted();
  expect(told.ended().wanted().slice(1)).toEqual(["forget-range", "start-process"]);
  expect(told.ready().wanted()).toEqual(["<range 3.1>", "begun 3.1"]);
});

test("when it is closed, it is forgotten", () => {
  const told = withOneRecalled().tell({ kind: "closed" });
  expect(told.wanted()).toEqual(["1.1 aborted", "forget-range", "stop"]);
  expect(streamWakeAtMs(told.stream)).toBeUndefined();
});
