// The report of a job that is over, version 1, as far as the command line reads it. The driver writes it.

import type { FailureClass } from "../../shared/core/failure.js";
import type { JobSpec, MergeSpec, MergeTool } from "../../shared/core/job-spec.js";
import type { LatencySummary } from "../../shared/core/latencies.js";
import type { JobState } from "./job-status.js";

/** First range and number of ranges. */
export type SpanPair = readonly [first: number, count: number];

export interface MergedFile {
  readonly group: number;
  /** Relative to the workdir. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Eight hexadecimal digits. */
  readonly adler32: string;
  readonly events: number;
  readonly spans: readonly SpanPair[];
  /** Ranges of its group that are not in it. Of groups by range. */
  readonly missing: readonly SpanPair[];
}

/** Ranges that failed for good, for one reason. */
export interface FailedRanges {
  readonly spans: readonly SpanPair[];
  readonly class: FailureClass;
  readonly message: string;
}

/** A merge that was given up: its outputs are kept. */
export interface KeptGroup {
  readonly group: number;
  readonly message: string;
  readonly spans: readonly SpanPair[];
}

/** One failure of a payload, final or not. */
export interface ReportedFailure {
  readonly events: { readonly input: string; readonly first: number; readonly last: number };
  readonly class: FailureClass;
  readonly node: string;
  readonly attempt: number;
  /** It was the one that spent the range's credit. */
  readonly final: boolean;
  readonly message: string;
  readonly stderrTail: string;
}

/** What decides which ranges and events a job has, and how its files are named. */
export type ReportedSpec = Pick<
  JobSpec,
  "name" | "inputs" | "eventsPerRange" | "outputs" | "outputSuffix"
> & {
  readonly merge: Pick<MergeSpec, "grouping" | "everyOutputs"> & { readonly tool: Pick<MergeTool, "kind"> };
};

/** A node that failed whatever it was given, and so was given no more. */
export interface QuarantinedNode {
  readonly node: string;
  readonly reason: string;
}

export interface JobReport {
  readonly job: number;
  readonly name: string;
  readonly state: Extract<JobState, "finished" | "finished-with-failures" | "failed" | "cancelled">;
  /** Why it failed; empty when it did not. */
  readonly reason: string;
  readonly submittedAt: string;
  readonly endedAt: string;
  readonly spec: ReportedSpec;
  readonly ranges: {
    readonly total: number;
    readonly merged: number;
    readonly failed: number;
    readonly kept: number;
  };
  readonly events: { readonly total: number; readonly merged: number };
  /** Where nothing is merged. */
  readonly done: { readonly ranges: number; readonly events: number; readonly spans: readonly SpanPair[] };
  readonly mergedFiles: readonly MergedFile[];
  readonly failed: readonly FailedRanges[];
  readonly keptGroups: readonly KeptGroup[];
  readonly failures: readonly ReportedFailure[];
  readonly quarantinedNodes: readonly QuarantinedNode[];
  /** Of all jobs since the driver began. */
  readonly latencies: readonly LatencySummary[];
}
