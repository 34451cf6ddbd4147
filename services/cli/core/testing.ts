// For tests: jobs and reports that are whole, to be changed where a test says so.

import { present } from "../../shared/core/assert.js";
import { byArrival } from "../../shared/core/job-spec.js";
import { jobNumber } from "../../shared/core/id.js";
import { outputNamed } from "../../shared/core/names.js";
import { reportSchema, type RangeFate, type SpanPair } from "../../shared/core/report.js";
import { rangesIn } from "../../shared/core/spans.js";
import type { FoundFiles } from "./audit.js";
import type { Check } from "./audit-file.js";
import { OutputsAudit, rangesKept } from "./audit-outputs.js";
import type { JobStatus, RangeCounts } from "./job-status.js";
import type { NodeStatus } from "../../shared/core/node-status.js";
import type {
  JobReport,
  MergedFile,
  ReportedFailure,
  ReportedSpec,
  ReportSummary,
  ShownReport,
} from "./report.js";

export const job1 = jobNumber(1);

/** 400 ranges at work on two slots; `ranges` may name some of the counts. */
export function statusOf(
  changes: Partial<Omit<JobStatus, "ranges">> & { readonly ranges?: Partial<RangeCounts> } = {},
): JobStatus {
  return {
    job: job1,
    name: "drell-yan",
    state: "running",
    takesRanges: false,
    sequence: 7,
    events: 400,
    eventsDone: 0,
    groupsOpen: 0,
    filesMerged: 0,
    groupsFailed: 0,
    failures: 0,
    submittedUnixMs: 1_000,
    endedUnixMs: undefined,
    reason: "",
    actors: 1,
    slots: 2,
    copiesMade: 0,
    copiesWon: 0,
    nodesQuarantined: 0,
    quarantinedNodes: [],
    outputs: "files",
    eventsRunning: 0,
    keepsOutputs: false,
    mergesRunning: 0,
    merging: [],
    filesExpected: undefined,
    allocationLeftMs: undefined,
    waitsFor: "",
    ...changes,
    ranges: { ready: 0, held: 0, done: 0, merged: 0, failed: 0, ...changes.ranges },
  };
}

/** A node of an actor with eight slots, all of them busy. */
export function nodeOf(name: string, changes: Partial<NodeStatus> = {}): NodeStatus {
  return {
    name,
    state: "at work",
    reason: "",
    sinceUnixMs: 1_000,
    actors: [name],
    mergers: [],
    labels: {},
    slots: 8,
    slotsBusy: 8,
    rangesHeld: 16,
    groupsHeld: 0,
    rangesDone: 40,
    failures: 0,
    groupsMerged: 0,
    mergesFailed: 0,
    allocationLeftMs: undefined,
    quarantine: undefined,
    drain: undefined,
    ...changes,
  };
}

/** Two inputs of 10 events, two events a range: ranges 0-4 and 5-9. */
export const smallSpec: ReportedSpec = {
  name: "drell-yan",
  inputs: ["/in/1.lhe", "/in/2.lhe"].map((path) => ({
    path,
    firstEvent: 1,
    events: 10,
    guid: "",
    scope: "",
    sizeBytes: 100,
    modifiedUnixMs: 5,
  })),
  eventsPerRange: 2,
  outputs: "files",
  outputSuffix: ".jsonl",
  merge: { grouping: byArrival, everyOutputs: 5, tool: { kind: "concat" } },
};

export function mergedFileOf(group: number, changes: Partial<MergedFile> = {}): MergedFile {
  return {
    group,
    path: `jobs/1/merged/drell-yan.000${group}.jsonl`,
    sizeBytes: 40,
    adler32: "0000002a",
    events: 10,
    guid: "",
    spans: [[(group - 1) * 5, 5]],
    missing: [],
    ...changes,
  };
}

/** All ten ranges merged, into two files. Where ranges are follows from the lists, unless it is told. */
export function reportOf(changes: ReportChanges = {}): JobReport {
  const { ranges, events, ...rest } = changes;
  const report = {
    job: 1,
    name: "drell-yan",
    state: "finished",
    spec: smallSpec,
    done: { ranges: 0, events: 0, spans: [] },
    mergedFiles: [mergedFileOf(1), mergedFileOf(2)],
    failed: [],
    keptGroups: [],
    ...rest,
  } as const satisfies Partial<JobReport>;
  const rangeLines = rest.rangeLines ?? linesOf(report);
  const lists = {
    ranges: rangeLines.length,
    merged: report.mergedFiles.length,
    kept: report.keptGroups.length,
    outputs: rangesIn(rangesKept(report, 10)),
    failures: 0,
  };
  return {
    lists,
    ...report,
    rangeLines,
    ranges: { ...noRanges, total: 10, merged: 10, done: report.done.ranges, ...ranges },
    events: { total: 20, merged: 20, ...events },
  };
}

export type ReportChanges = Partial<Omit<JobReport, "ranges" | "events">> & {
  readonly ranges?: Partial<JobReport["ranges"]>;
  readonly events?: Partial<JobReport["events"]>;
};

const noRanges = { total: 0, waiting: 0, running: 0, done: 0, merged: 0, kept: 0, failed: 0 };

function linesOf({
  done,
  mergedFiles,
  failed,
  keptGroups,
}: Pick<JobReport, "done" | "mergedFiles" | "failed" | "keptGroups">): JobReport["rangeLines"] {
  const lines = (state: RangeFate, lists: readonly { readonly spans: readonly SpanPair[] }[]) =>
    lists.flatMap(({ spans }) => spans.map(([first, count]) => ({ first, count, state })));
  return [
    ...lines("done", [done]),
    ...lines("merged", mergedFiles),
    ...lines("kept", keptGroups),
    ...failed.flatMap((reason, i) => lines("failed", [reason]).map((line) => ({ ...line, reason: i + 1 }))),
  ].sort((one, other) => one.first - other.first);
}

/** The same without outputs. */
export function doneReport(changes: ReportChanges = {}): JobReport {
  return reportOf({
    spec: { ...smallSpec, outputs: "none" },
    done: { ranges: 10, events: 20, spans: [[0, 10]] },
    mergedFiles: [],
    ...changes,
    ranges: { merged: 0, ...changes.ranges },
    events: { merged: 0, ...changes.events },
  });
}

/** The same with outputs that stay as they are. */
export function keptReport(changes: ReportChanges = {}): JobReport {
  return doneReport({
    spec: { ...smallSpec, merge: { ...smallSpec.merge, tool: { kind: "none" } } },
    ...changes,
  });
}

/** The report as people are shown it. */
export function shownOf(report: JobReport, changes: ShownChanges = {}): ShownReport {
  const { mergedFiles: files, failed, keptGroups, rangeLines: _, done, spec, ...head } = report;
  const { failures = [], tookMs = 65_000, summary } = changes;
  return {
    tookMs,
    failures,
    kept: keptGroups,
    summary: {
      ...head,
      spec,
      reason: "",
      times: {
        submitted: "2026-11-22T12:00:00.000Z",
        ended: "2026-11-22T12:01:05.000Z",
        updated: "2026-11-22T12:01:05.100Z",
      },
      events: { ...noRanges, done: done.events, ...report.events },
      mergedFiles: {
        files: files.length,
        sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        events: files.reduce((sum, { events }) => sum + events, 0),
      },
      failed: failed.map(({ spans, ...reason }, i) => {
        return { ...reason, reason: i + 1, ranges: spans.reduce((sum, [, count]) => sum + count, 0) };
      }),
      groupsGivenUp: keptGroups.length,
      failures: { counted: failures.length, told: failures.length },
      quarantinedNodes: [],
      utilisation: { held: 0, busy: 0, lost: 0, starting: 0, waiting: 0, otherJobs: 0 },
      latencies: [],
      ...summary,
    },
  };
}

interface ShownChanges {
  readonly tookMs?: number;
  readonly failures?: readonly ReportedFailure[];
  readonly summary?: Partial<ReportSummary>;
}

/** The files of the report, as the driver writes them. */
export function reportFilesOf(report: JobReport): ReadonlyMap<string, string> {
  const { summary } = shownOf(report);
  const head = { schema: reportSchema, run: "r", copies: { made: 0, won: 0 }, ...summary };
  const lines = (items: readonly unknown[]): string =>
    items.map((item) => `${JSON.stringify(item)}\n`).join("");
  return new Map([
    ["ranges.jsonl", lines(report.rangeLines)],
    ["merged.jsonl", lines(report.mergedFiles)],
    ["kept.jsonl", lines(report.keptGroups)],
    ["outputs.jsonl", ""],
    ["failures.jsonl", ""],
    ["report.json", JSON.stringify(head)],
  ]);
}

/** The files that the report tells of, as they should be. */
export function filesOf(report: JobReport, changes: FilesChanges = {}): FoundFiles {
  const { inOutputsFolder, listed, ...rest } = changes;
  return {
    mergedFiles: report.mergedFiles.map(({ sizeBytes, adler32 }) => ({
      kind: "read",
      sizeBytes,
      adler32: Number.parseInt(adler32, 16),
    })),
    inMergedFolder: report.mergedFiles.map(({ path }) => path),
    outputs: outputsCheck(report, inOutputsFolder ?? [], listed),
    ...rest,
  };
}

/** Default: `outputs.jsonl` lists what lies in the folder. */
type FilesChanges = Partial<FoundFiles> & {
  readonly inOutputsFolder?: readonly string[];
  readonly listed?: readonly string[];
};

/** Each output is read as it is listed, where it is in the folder. */
function outputsCheck(report: JobReport, inFolder: readonly string[], listed = inFolder): Check {
  const audit = new OutputsAudit(job1, report);
  audit.enter(inFolder);
  for (const path of listed) {
    const line = { range: rangeNamed(path), path, sizeBytes: 20, adler32: "0000002a" };
    const found = { kind: "read", sizeBytes: 20, adler32: 42 } as const;
    if (audit.pathOf(line) !== undefined)
      audit.note(line, inFolder.includes(path) ? found : { kind: "unreadable", why: "is not there" });
  }
  return audit.end();
}

/** Of the small job: two files of ten events, two a range. */
function rangeNamed(path: string): number {
  const { input, first } = present(outputNamed(path.slice(path.lastIndexOf("/") + 1)), "name of an output");
  return input * 5 + (first - 1) / 2;
}
