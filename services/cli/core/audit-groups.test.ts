import { describe, expect, it } from "vitest";
import { auditJob, type FoundFiles } from "./audit.js";
import type { JobReport, MergedFile } from "./report.js";
import { filesOf, job1, keptReport, mergedFileOf, reportOf, smallSpec } from "./testing.js";

function problems(report: JobReport, found: FoundFiles = filesOf(report)): readonly string[] {
  return auditJob(job1, report, found).flatMap((check) =>
    check.problems.map((problem) => `${check.name}: ${problem}`),
  );
}

/** Groups of three ranges within an input: 0-2, 3-4, 5-7, 8-9. Range 1 failed. */
function byRange(changes: readonly Partial<MergedFile>[] = []): JobReport {
  const merge = {
    ...smallSpec.merge,
    grouping: { kind: "range", acrossFiles: false } as const,
    everyOutputs: 3,
  };
  const files: readonly Partial<MergedFile>[] = [
    {
      events: 4,
      spans: [
        [0, 1],
        [2, 1],
      ],
      missing: [[1, 1]],
    },
    { events: 4, spans: [[3, 2]] },
    { events: 6, spans: [[5, 3]] },
    { events: 4, spans: [[8, 2]] },
  ];
  return reportOf({
    spec: { ...smallSpec, merge },
    state: "finished-with-failures",
    ranges: { total: 10, merged: 9, failed: 1, kept: 0 },
    events: { total: 20, merged: 18 },
    mergedFiles: files.map((file, i) => mergedFileOf(i + 1, { ...file, ...changes[i] })),
    failed: [{ spans: [[1, 1]], class: "event", message: "ended with exit code 1" }],
  });
}

describe("merged files of a job that groups by range (V4)", () => {
  it("have the names and ranges of their groups, or say what is missing", () => {
    expect(problems(byRange())).toEqual([]);
  });

  it("may be late, with a name that says so", () => {
    const late = mergedFileOf(5, {
      path: "jobs/1/merged/drell-yan.0001.late1.jsonl",
      events: 2,
      spans: [[1, 1]],
    });
    const report = byRange();
    const mergedFiles = [...report.mergedFiles, late];
    expect(problems(reportOf({ spec: report.spec, mergedFiles }))).toEqual([]);
  });

  it.each<[string, readonly Partial<MergedFile>[], string]>([
    [
      "a range that is missing, and not said to be",
      [{ missing: [] }],
      "drell-yan.0001.jsonl: expected all of ranges 0-2 in it or called missing",
    ],
    ["another's range", [{}, { spans: [[3, 3]] }], "drell-yan.0002.jsonl: expected ranges 3-4, found [3, 3]"],
    [
      "another's name",
      [{ path: "jobs/1/merged/drell-yan.0009.jsonl" }],
      "drell-yan.0009.jsonl: expected jobs/1/merged/drell-yan.0001.jsonl for group 1",
    ],
  ])("have problems: %s", (_name, changes, problem) => {
    expect(problems(byRange(changes))).toContain(`merged files: jobs/1/merged/${problem}`);
  });
});

describe("a job that keeps its outputs", () => {
  const outputs = [1, 2].flatMap((input) =>
    [1, 3, 5, 7, 9].map(
      (first) => `jobs/1/outputs/00000/input${input}.events${first}-${first + 1}.grant4.jsonl`,
    ),
  );

  it("has no problems when each range is done, and its output is there, once", () => {
    const report = keptReport();
    expect(problems(report, filesOf(report, { inOutputsFolder: outputs }))).toEqual([]);
  });

  it("has problems when one is missing, or there twice", () => {
    const report = keptReport();
    const [first = "", second = "", ...rest] = outputs;
    const again = second.replace("grant4", "grant5");
    const inOutputsFolder = [second, again, ...rest];
    expect(problems(report, filesOf(report, { inOutputsFolder, listed: outputs }))).toEqual([
      `outputs folder: ${first}: is not there`,
      `outputs folder: ${again}: the report does not keep it`,
    ]);
  });
});
