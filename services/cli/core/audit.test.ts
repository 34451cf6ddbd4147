import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditJob, isInMergedFolder, type FoundFiles } from "./audit.js";
import type { JobReport } from "./report.js";
import { filesOf, job1, mergedFileOf, reportOf, type ReportChanges } from "./testing.js";
import { problemsIn, verdictText } from "./verdict-text.js";

function problems(report: JobReport, found: FoundFiles = filesOf(report)): readonly string[] {
  return auditJob(job1, report, found).flatMap((check) =>
    check.problems.map((problem) => `${check.name}: ${problem}`),
  );
}

/** Group 2 could not be merged; ranges 5-9 are kept. */
const withKept = reportOf({
  state: "finished-with-failures",
  ranges: { total: 10, merged: 5, failed: 0, kept: 5 },
  events: { total: 20, merged: 10 },
  mergedFiles: [mergedFileOf(1)],
  keptGroups: [{ group: 2, message: "hadd ended with exit code 1", spans: [[5, 5]] }],
});

const keptOutputs = [1, 3, 5, 7, 9].map(
  (first) => `jobs/1/outputs/00000/input2.events${first}-${first + 1}.grant7.jsonl`,
);

describe("a job that is as its report says", () => {
  it("has no problems", () => {
    expect(problems(reportOf())).toEqual([]);
  });

  it("may have failed ranges, with their reason", () => {
    const report = reportOf({
      state: "finished-with-failures",
      ranges: { total: 10, merged: 9, failed: 1, kept: 0 },
      events: { total: 20, merged: 18 },
      mergedFiles: [
        mergedFileOf(1, {
          spans: [
            [0, 2],
            [3, 2],
          ],
          events: 8,
        }),
        mergedFileOf(2),
      ],
      failed: [{ spans: [[2, 1]], class: "event", message: "ended with exit code 1" }],
    });
    expect(problems(report)).toEqual([]);
  });

  it("may keep the outputs of a group that could not be merged", () => {
    expect(problems(withKept, filesOf(withKept, { inOutputsFolder: keptOutputs }))).toEqual([]);
  });
});

describe("damage to a report", () => {
  it.each<[string, ReportChanges, string]>([
    [
      "a range missing",
      { mergedFiles: [mergedFileOf(1, { spans: [[0, 4]], events: 8 }), mergedFileOf(2)] },
      "ranges: range 4 (events 9-10 of /in/1.lhe): missing",
    ],
    [
      "ranges missing across inputs",
      {
        mergedFiles: [
          mergedFileOf(1, { spans: [[0, 4]], events: 8 }),
          mergedFileOf(2, { spans: [[6, 4]], events: 8 }),
        ],
      },
      "ranges: ranges 4-5 (event 9 of /in/1.lhe to event 2 of /in/2.lhe): missing",
    ],
    [
      "the last range missing",
      { mergedFiles: [mergedFileOf(1), mergedFileOf(2, { spans: [[5, 4]], events: 8 })] },
      "ranges: range 9 (events 9-10 of /in/2.lhe): missing",
    ],
    [
      "a range twice",
      { mergedFiles: [mergedFileOf(1), mergedFileOf(2, { spans: [[4, 6]], events: 12 })] },
      "ranges: range 4 (events 9-10 of /in/1.lhe): twice, in jobs/1/merged/drell-yan.0001.jsonl and in jobs/1/merged/drell-yan.0002.jsonl",
    ],
    [
      "a range merged and failed",
      { failed: [{ spans: [[3, 1]], class: "event", message: "bad" }] },
      'ranges: range 3 (events 7-8 of /in/1.lhe): twice, in jobs/1/merged/drell-yan.0001.jsonl and in the failed ranges ("bad")',
    ],
    [
      "a range that is not the job's",
      { mergedFiles: [mergedFileOf(1), mergedFileOf(2, { spans: [[5, 6]], events: 10 })] },
      "ranges: jobs/1/merged/drell-yan.0002.jsonl: span [5, 6] is not inside the job's 10 ranges",
    ],
    [
      "a wrong total",
      { ranges: { total: 11, merged: 10, failed: 0, kept: 0 } },
      "ranges: ranges.total says 11, counted 10",
    ],
    [
      "a wrong count",
      { ranges: { total: 10, merged: 9, failed: 0, kept: 0 } },
      "ranges: ranges.merged says 9, counted 10",
    ],
    [
      "a wrong sum of events",
      { events: { total: 20, merged: 19 } },
      "events: events.merged says 19, the merged files have 20",
    ],
    [
      "wrong events in all",
      { events: { total: 21, merged: 20 } },
      "events: events.total says 21, the inputs have 20",
    ],
    [
      "wrong events of a file",
      { mergedFiles: [mergedFileOf(1, { events: 9 }), mergedFileOf(2)] },
      "events: jobs/1/merged/drell-yan.0001.jsonl: events says 9, its spans have 10",
    ],
    ["another job", { job: 2 }, "report: the report is of job 2, expected job 1"],
    [
      "an empty boast",
      { state: "finished-with-failures" },
      "report: the job is called finished-with-failures, but no range failed and no merge was given up",
    ],
    [
      "a path that leads elsewhere",
      { mergedFiles: [mergedFileOf(1), mergedFileOf(2, { path: "jobs/1/merged/../../../etc/passwd" })] },
      "merged files: jobs/1/merged/../../../etc/passwd: expected a file in jobs/1/merged/, the report names another place",
    ],
  ])("is found: %s", (_name, changes, problem) => {
    expect(problems(reportOf(changes))).toContain(problem);
  });

  it("is found: a finished job with failed ranges", () => {
    expect(
      problems({ ...withKept, state: "finished" }, filesOf(withKept, { inOutputsFolder: keptOutputs })),
    ).toEqual(["report: the job is called finished, but 5 of its ranges are in no merged file"]);
  });

  it("is found wherever one range is taken from, or given to, a span", () => {
    const range = fc.integer({ min: 0, max: 9 });
    const property = fc.property(range, fc.boolean(), (at, isTaken) => {
      const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
      const ranges = isTaken ? all.filter((each) => each !== at) : [...all, at];
      const spans = ranges.map((each) => [each, 1] as const);
      const report = reportOf({ mergedFiles: [mergedFileOf(1, { spans, events: 20 })] });
      const found = problems(report).filter((problem) => problem.startsWith(`ranges: range ${at} `));
      expect(found).toHaveLength(1);
    });
    fc.assert(property, { seed: 1 });
  });
});

describe("damage to files", () => {
  const report = reportOf();
  const whole = filesOf(report);
  const [first, second] = whole.mergedFiles;

  it.each<[string, Partial<FoundFiles>, string]>([
    [
      "a merged file that is gone",
      { mergedFiles: [{ kind: "unreadable", why: "is not there" }, ...(second ? [second] : [])] },
      "merged files: jobs/1/merged/drell-yan.0001.jsonl: is not there",
    ],
    [
      "a merged file cut short",
      { mergedFiles: [...(first ? [first] : []), { kind: "read", sizeBytes: 39, adler32: 42 }] },
      "merged files: jobs/1/merged/drell-yan.0002.jsonl: expected 40 bytes, found 39",
    ],
    [
      "a changed byte",
      { mergedFiles: [{ kind: "read", sizeBytes: 40, adler32: 0xabc }, ...(second ? [second] : [])] },
      "merged files: jobs/1/merged/drell-yan.0001.jsonl: expected adler32 0000002a, found 00000abc",
    ],
    [
      "a merged file that nobody reported",
      { inMergedFolder: [...whole.inMergedFolder, "jobs/1/merged/drell-yan.0003.jsonl"] },
      "merged folder: jobs/1/merged/drell-yan.0003.jsonl: the report does not name it",
    ],
    [
      "a temporary file left behind",
      { inMergedFolder: [...whole.inMergedFolder, "jobs/1/merged/2.9.tmp"] },
      "merged folder: jobs/1/merged/2.9.tmp: a temporary file was left behind",
    ],
  ])("is found: %s", (_name, changes, problem) => {
    expect(problems(report, { ...whole, ...changes })).toEqual([problem]);
  });

  it.each([
    ["an output left behind", "the report does not keep it", ""],
    ["an output that never became whole", "a temporary file was left behind", ".tmp"],
  ])("is found: %s", (_name, problem, end) => {
    const stray = `jobs/1/outputs/00000/input1.events1-2.grant4.jsonl${end}`;
    const found = filesOf(report, { inOutputsFolder: [stray], listed: [] });
    expect(problems(report, found)).toEqual([`outputs folder: ${stray}: ${problem}`]);
  });

  it("is found: a merged file named twice", () => {
    const twice = reportOf({
      mergedFiles: [mergedFileOf(1), mergedFileOf(2, { path: mergedFileOf(1).path })],
    });
    expect(problems(twice)).toContain(
      "merged files: jobs/1/merged/drell-yan.0001.jsonl: stands in the report twice",
    );
  });

  it("is found: a kept output that is gone, one too many, one of another range", () => {
    const [gone = "", ...others] = keptOutputs;
    const again = (others[0] ?? "").replace("grant7", "grant8");
    const stranger = "jobs/1/outputs/00000/input1.events1-2.grant7.jsonl";
    const found = filesOf(withKept, { inOutputsFolder: [...others, again, stranger], listed: keptOutputs });
    expect(problems(withKept, found)).toEqual([
      `outputs folder: ${gone}: is not there`,
      `outputs folder: ${again}: the report does not keep it`,
      `outputs folder: ${stranger}: the report does not keep it`,
    ]);
  });
});

describe("a path of the report", () => {
  it("is opened only inside the job's merged folder", () => {
    expect(isInMergedFolder(job1, "jobs/1/merged/a.0001")).toBe(true);
    for (const path of [
      "jobs/1/merged/..",
      "jobs/1/merged/a/b",
      "/etc/passwd",
      "jobs/2/merged/a",
      "jobs/1/merged/",
    ]) {
      expect(isInMergedFolder(job1, path)).toBe(false);
    }
  });
});

describe("the verdict", () => {
  it("is a line a check, and says at its end whether all is well", () => {
    const report = reportOf();
    const text = verdictText({ kind: "audited", job: job1, checks: auditJob(job1, report, filesOf(report)) });
    expect(text.split("\n")).toEqual([
      "job 1",
      "  ok    report          job 1, drell-yan, finished",
      "  ok    ranges          10 in all: 10 merged once, 0 failed with a reason, 0 kept unmerged",
      "  ok    lists           2 spans, 2 merged files, 0 groups given up",
      "  ok    events          20 of 20 merged",
      "  ok    merged files    2 with the size and adler32 reported, 80 bytes",
      "  ok    merged folder   holds the merged files and nothing else",
      "  ok    outputs folder  is empty",
      "  verified: every range is accounted for, none twice",
    ]);
  });

  it("calls what a job gave up that was cancelled not done", () => {
    const rangesOf = (changes: Parameters<typeof reportOf>[0]): string | undefined => {
      const report = reportOf({
        ...{ ranges: { total: 10, merged: 5, failed: 5, kept: 0 }, mergedFiles: [mergedFileOf(1)] },
        failed: [{ spans: [[5, 5]], class: "fatal", message: "bad" }],
        ...changes,
      });
      return auditJob(job1, report, filesOf(report)).find(({ name }) => name === "ranges")?.summary;
    };
    const merged = "10 in all: 5 merged once";
    expect(rangesOf({ state: "cancelled" })).toBe(`${merged}, 5 not done with a reason, 0 kept unmerged`);
    expect(rangesOf({ state: "failed" })).toBe(`${merged}, 5 not done with a reason, 0 kept unmerged`);
    expect(rangesOf({ state: "finished-with-failures" })).toBe(
      `${merged}, 5 failed with a reason, 0 kept unmerged`,
    );
  });

  it("names problems under their check, and counts those that it leaves out", () => {
    const check = {
      name: "ranges",
      summary: "",
      problems: Array.from({ length: 25 }, (_, i) => `problem ${i}`),
    };
    const verdict = { kind: "audited", job: job1, checks: [check] } as const;
    const text = verdictText(verdict);
    expect(text).toContain("WRONG ranges          25 problems\n          problem 0\n");
    expect(text).toContain("          problem 19\n          and 5 more\n  25 problems found");
    expect(problemsIn(verdict)).toBe(25);
  });

  it("says when a job is not over, or its report cannot be read", () => {
    expect(verdictText({ kind: "not-over", job: job1 })).toBe(
      "job 1: not over yet, so there is nothing to verify",
    );
    expect(problemsIn({ kind: "unreadable", job: job1, why: "no JSON" })).toBe(1);
  });
});
