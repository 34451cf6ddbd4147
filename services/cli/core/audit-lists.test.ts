import { expect, test } from "vitest";
import { rangeLayout } from "../../shared/core/event-range.js";
import type { JobReport } from "./report.js";
import { checkLists } from "./audit-lists.js";
import { reportOf, smallSpec, type ReportChanges } from "./testing.js";

const layout = rangeLayout(smallSpec);
const problemsOf = (changes: ReportChanges = {}): readonly string[] =>
  checkLists(reportOf(changes), layout).problems;
const lines = (...told: JobReport["rangeLines"]): ReportChanges => ({ rangeLines: told });

test("lists that say the same as each other and as the report have no problems", () => {
  expect(problemsOf()).toEqual([]);
});

test("a range that no line has is missing, and one that two have is there twice", () => {
  expect(problemsOf(lines({ first: 0, count: 9, state: "merged" }))).toContainEqual(
    expect.stringMatching(/^range 9 .*: missing$/),
  );
  const twice = lines({ first: 0, count: 10, state: "merged" }, { first: 3, count: 1, state: "failed" });
  expect(problemsOf(twice)).toContainEqual(expect.stringMatching(/^range 3 .*: twice/));
});

test("what the report counts is counted anew in the lines", () => {
  expect(problemsOf({ ranges: { merged: 8, waiting: 2 } })).toEqual([
    "ranges.waiting says 2, ranges.jsonl has 0",
    "ranges.merged says 8, ranges.jsonl has 10",
  ]);
});

test("nothing waits or runs in a job that is over", () => {
  const waiting = lines({ first: 0, count: 9, state: "merged" }, { first: 9, count: 1, state: "waiting" });
  expect(problemsOf({ ...waiting, ranges: { merged: 9, waiting: 1 } })).toContain(
    "1 ranges are called waiting, and the job is over",
  );
});

test("a range is called merged when it is in a merged file, and only then", () => {
  const swapped = lines({ first: 0, count: 9, state: "merged" }, { first: 9, count: 1, state: "kept" });
  expect(problemsOf({ ...swapped, ranges: { merged: 9, kept: 1 } })).toContain(
    "ranges.jsonl calls others merged than merged.jsonl has in files",
  );
});

test("a list that lost a line is found out by the number that the report tells", () => {
  const { lists } = reportOf();
  expect(problemsOf({ lists: { ...lists, merged: 3 } })).toContain(
    "merged.jsonl has 2 lines, the report says 3",
  );
});
