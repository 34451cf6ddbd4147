// What a job's report is made of: version 1 (docs/report.md). The driver writes it, the command line reads it.
//
//   P1. `ranges` and `events` say where each range is, and add up to their totals, while the job runs too.
//   P2. What may be long is in lists beside it, one JSON object a line: no list has to fit into one string.

import type { FailureClass } from "./failure.js";
import type { JobSpec } from "./job-spec.js";
import type { LatencySummary } from "./latencies.js";

/** Where a range can be. `done`: its output waits to be merged, or nothing is merged; `kept`: its merge was given up. */
export const rangeFates = ["waiting", "running", "done", "merged", "kept", "failed"] as const;
export type RangeFate = (typeof rangeFates)[number];

/** Where a job can stand; the first three are not over, and `broken` is out of service: its report tells of before. */
export const reportStates = [
  "open",
  "running",
  "suspended",
  "finished",
  "finished-with-failures",
  "failed",
  "cancelled",
  "broken",
] as const;
export type ReportState = (typeof reportStates)[number];

/** How many of something are where. */
export type FateCounts = Readonly<Record<RangeFate, number>> & { readonly total: number };

/** In ISO 8601. What is not known, or was not yet, is absent. */
export interface ReportTimes {
  readonly submitted: string;
  /** When the first of its results was made durable; so too the last one. */
  readonly firstDone?: string;
  readonly lastDone?: string;
  /** When a merged file was published last. */
  readonly lastMerged?: string;
  readonly ended?: string;
  /** When the report was made. */
  readonly updated: string;
}

/** Slot-seconds of all nodes while the job was there, as far as they were told; `held` is the sum of the others. */
export interface Utilisation {
  readonly held: number;
  /** Ranges of the job ran whose results count, or that run still. */
  readonly busy: number;
  /** Ranges of the job ran for nothing: they failed, were ended, came second, or their node was lost. */
  readonly lost: number;
  /** A payload was being started. */
  readonly starting: number;
  /** The slot had nothing to do. */
  readonly waiting: number;
  /** Ranges of other jobs ran. */
  readonly otherJobs: number;
}

/** Ranges that failed for good for one reason: `reason` is what `ranges.jsonl` calls it. */
export interface ReportedReason {
  readonly reason: number;
  readonly class: FailureClass;
  readonly message: string;
  readonly ranges: number;
}

/** A node that failed whatever it was given, and so was given no more. */
export interface QuarantinedNode {
  readonly node: string;
  readonly reason: string;
  readonly since: string;
}

export const reportLists = ["ranges", "merged", "kept", "outputs", "failures"] as const;
export type ReportList = (typeof reportLists)[number];

/** What `report.json` says that it is. */
export const reportSchema = "noctua.report/v1";

/** `report.json`. */
export interface ReportHead {
  readonly schema: typeof reportSchema;
  readonly run: string;
  readonly job: number;
  readonly name: string;
  readonly state: ReportState;
  /** Why the job failed; empty when it did not. */
  readonly reason: string;
  readonly times: ReportTimes;
  readonly ranges: FateCounts;
  readonly events: FateCounts;
  /** What is published. */
  readonly mergedFiles: { readonly files: number; readonly sizeBytes: number; readonly events: number };
  readonly failed: readonly ReportedReason[];
  /** Merges that were given up: their outputs are kept. */
  readonly groupsGivenUp: number;
  /** Failures of payloads, final or not; so many of them are told in `failures.jsonl`. */
  readonly failures: { readonly counted: number; readonly told: number };
  /** Ranges that were lent a second time; and those of them whose copy had the first output. */
  readonly copies: { readonly made: number; readonly won: number };
  /** Those that were in quarantine when the report was made; at most 1,000. */
  readonly quarantinedNodes: readonly QuarantinedNode[];
  readonly utilisation: Utilisation;
  /** Of all jobs since the driver began. */
  readonly latencies: readonly LatencySummary[];
  /** How many lines each list has. */
  readonly lists: Readonly<Record<ReportList, number>>;
  /** With the inputs that were added. */
  readonly spec: JobSpec;
}

/** First range and number of ranges. */
export type SpanPair = readonly [first: number, count: number];

/** A line of `ranges.jsonl`: ascending, together every range of the job once. */
export interface RangesLine {
  readonly first: number;
  readonly count: number;
  readonly state: RangeFate;
  /** Of those that failed: number of the reason in the report. */
  readonly reason?: number;
}

/** A line of `merged.jsonl`: a file that is published. */
export interface MergedLine {
  readonly group: number;
  /** Relative to the workdir. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Eight hexadecimal digits. */
  readonly adler32: string;
  readonly events: number;
  /** Empty where an older merger made none. */
  readonly guid: string;
  readonly spans: readonly SpanPair[];
  /** Ranges of its group that are not in it, since they failed, or were done when it was merged. Of groups by range. */
  readonly missing: readonly SpanPair[];
}

/** A line of `kept.jsonl`: a merge that was given up. */
export interface KeptLine {
  readonly group: number;
  /** Of the last try; so too `stderrTail`, the end of what its command wrote to stderr. */
  readonly message: string;
  readonly stderrTail?: string | undefined;
  /** How often it was tried, and the mergers that failed it, ascending. Absent in reports of older drivers. */
  readonly attempts?: number | undefined;
  readonly mergers?: readonly string[] | undefined;
  readonly spans: readonly SpanPair[];
}

/** A line of `outputs.jsonl`: an output that stays as it is, since nothing is merged or its merge was given up. */
export interface OutputLine {
  readonly range: number;
  /** Relative to the workdir. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Eight hexadecimal digits. */
  readonly adler32: string;
}

/** A line of `failures.jsonl`: a failure of a payload, final or not. Beyond the first ones there may be nothing known of how a process ended. */
export interface FailureLine {
  readonly range: number;
  readonly events: { readonly input: string; readonly first: number; readonly last: number };
  readonly class: FailureClass;
  readonly node: string;
  readonly attempt: number;
  /** It was the one that spent the range's credit. */
  readonly final: boolean;
  readonly message: string;
  readonly exitCode?: number;
  readonly signal: string;
  readonly stderrTail: string;
}
