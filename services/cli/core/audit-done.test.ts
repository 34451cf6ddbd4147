import { describe, expect, it } from "vitest";
import { auditJob, type FoundFiles } from "./audit.js";
import type { JobReport } from "./report.js";
import { doneReport, filesOf, job1, reportOf, type ReportChanges } from "./testing.js";

function problems(report: JobReport, found: FoundFiles = filesOf(report)): readonly string[] {
  return auditJob(job1, report, found).flatMap((check) =>
    check.problems.map((problem) => `${check.name}: ${problem}`),
  );
}

describe("a job without outputs", () => {
  const summaries = (report: JobReport): readonly string[] =>
    auditJob(job1, report, filesOf(report)).map(({ summary }) => summary);

  it("has no problems when each range is done or failed", () => {
    expect(problems(doneReport())).toEqual([]);
    const some = doneReport({
      state: "finished-with-failures",
      ranges: { total: 10, merged: 0, failed: 1, kept: 0 },
      done: {
        ranges: 9,
        events: 18,
        spans: [
          [0, 2],
          [3, 7],
        ],
      },
      failed: [{ spans: [[2, 1]], class: "event", message: "ended with exit code 1" }],
    });
    expect(problems(some)).toEqual([]);
    expect(summaries(some)).toContain("10 in all: 9 done once, 1 failed with a reason; outputs: none");
    expect(summaries(some)).toContain("18 of 20 done");
  });

  it.each<[string, ReportChanges, string]>([
    [
      "a range missing",
      { done: { ranges: 9, events: 18, spans: [[0, 9]] } },
      "ranges: range 9 (events 9-10 of /in/2.lhe): missing",
    ],
    [
      "a wrong count",
      { done: { ranges: 9, events: 20, spans: [[0, 10]] } },
      "ranges: done.ranges says 9, counted 10",
    ],
    [
      "wrong events",
      { done: { ranges: 10, events: 19, spans: [[0, 10]] } },
      "events: done.events says 19, its spans have 20",
    ],
    [
      "ranges that are done in a job with outputs",
      { spec: reportOf().spec },
      "ranges: 10 ranges are called done, and the job merges its outputs",
    ],
  ])("has problems: %s", (_name, changes, problem) => {
    expect(problems(doneReport(changes))).toContain(problem);
  });

  it("leaves no file behind", () => {
    const report = doneReport();
    const stray = "jobs/1/outputs/00000/input1.events1-2.grant1.jsonl";
    expect(problems(report, filesOf(report, { inOutputsFolder: [stray], listed: [] }))).toHaveLength(1);
  });
});
