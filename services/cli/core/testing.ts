// For tests: jobs and reports that are whole, to be changed where a test says so.

import { byArrival } from "../../shared/core/job-spec.js";
import { jobNumber } from "../../shared/core/id.js";
import type { FoundFiles } from "./audit.js";
import type { JobStatus, RangeCounts } from "./job-status.js";
import type { JobReport, MergedFile, ReportedSpec } from "./report.js";

export const job1 = jobNumber(1);

/** 400 ranges at work on two slots; `ranges` may name some of the counts. */
export function statusOf(
  changes: Partial<Omit<JobStatus, "ranges">> & { readonly ranges?: Partial<RangeCounts> } = {},
): JobStatus {
  return {
    job: job1,
    name: "drell-yan",
    state: "running",
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
    ...changes,
    ranges: { ready: 0, held: 0, done: 0, merged: 0, failed: 0, ...changes.ranges },
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
    spans: [[(group - 1) * 5, 5]],
    missing: [],
    ...changes,
  };
}

/** All ten ranges merged, into two files. */
export function reportOf(changes: Partial<JobReport> = {}): JobReport {
  return {
    job: 1,
    name: "drell-yan",
    state: "finished",
    reason: "",
    submittedAt: "2026-11-22T12:00:00.000Z",
    endedAt: "2026-11-22T12:01:00.000Z",
    spec: smallSpec,
    ranges: { total: 10, merged: 10, failed: 0, kept: 0 },
    events: { total: 20, merged: 20 },
    done: { ranges: 0, events: 0, spans: [] },
    mergedFiles: [mergedFileOf(1), mergedFileOf(2)],
    failed: [],
    keptGroups: [],
    failures: [],
    quarantinedNodes: [],
    latencies: [],
    ...changes,
  };
}

/** The same without outputs. */
export function doneReport(changes: Partial<JobReport> = {}): JobReport {
  return reportOf({
    spec: { ...smallSpec, outputs: "none" },
    ranges: { total: 10, merged: 0, failed: 0, kept: 0 },
    events: { total: 20, merged: 0 },
    done: { ranges: 10, events: 20, spans: [[0, 10]] },
    mergedFiles: [],
    ...changes,
  });
}

/** The same with outputs that stay as they are. */
export function keptReport(changes: Partial<JobReport> = {}): JobReport {
  return doneReport({
    spec: { ...smallSpec, merge: { ...smallSpec.merge, tool: { kind: "none" } } },
    ...changes,
  });
}

/** The files that the report tells of, as they should be. */
export function filesOf(report: JobReport, changes: Partial<FoundFiles> = {}): FoundFiles {
  return {
    mergedFiles: report.mergedFiles.map(({ sizeBytes, adler32 }) => ({
      kind: "read",
      sizeBytes,
      adler32: Number.parseInt(adler32, 16),
    })),
    inMergedFolder: report.mergedFiles.map(({ path }) => path),
    inOutputsFolder: [],
    ...changes,
  };
}
