import { expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { logQuestionOf } from "./log-question.js";

const job = jobNumber(1);
const nothing = { range: undefined, event: undefined, merge: undefined };

test("one thing is asked for: a job, a range, an event, all merges or one group", () => {
  expect(logQuestionOf(job, nothing)).toEqual({ kind: "job", job });
  expect(logQuestionOf(job, { ...nothing, range: 3 })).toEqual({ kind: "range", job, range: 3 });
  const event = { kind: "event", job, path: "a.lhe", event: 5 };
  expect(logQuestionOf(job, { ...nothing, event: "a.lhe:5" })).toEqual(event);
  expect(logQuestionOf(job, { ...nothing, merge: true })).toEqual({ kind: "merges", job });
  expect(logQuestionOf(job, { ...nothing, merge: 3 })).toEqual({ kind: "group", job, group: 3 });
});

test("several things are refused, naming them", () => {
  for (const two of [
    { merge: true, range: 3 },
    { merge: 3, event: "a.lhe:5" },
  ] as const)
    expect(logQuestionOf(job, { ...nothing, ...two })).toMatch(/^expected one thing .*, found several/);
  expect(logQuestionOf(job, { ...nothing, event: "5" })).toMatch(/^expected an input file/);
});
