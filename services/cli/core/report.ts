// The report of a job (shared/core/report.ts), as far as the command line reads it.

import type { FailureClass } from "../../shared/core/failure.js";
import type { JobSpec, MergeSpec, MergeTool } from "../../shared/core/job-spec.js";
import type {
  FailureLine,
  FateCounts,
  KeptLine,
  MergedLine,
  RangesLine,
  ReportHead,
  ReportState,
  SpanPair,
} from "../../shared/core/report.js";
import type { ReportedDone } from "../../shared/core/whole-report.js";

export type MergedFile = MergedLine;

/** Ranges that failed for good, for one reason. */
export interface FailedRanges {
  readonly spans: readonly SpanPair[];
  readonly class: FailureClass;
  readonly message: string;
}

/** One failure of a payload, final or not. */
export type ReportedFailure = Omit<FailureLine, "range" | "exitCode" | "signal">;

/** What decides which ranges and events a job has, and how its files are named. */
export type ReportedSpec = Pick<
  JobSpec,
  "name" | "inputs" | "eventsPerRange" | "outputs" | "outputSuffix"
> & {
  readonly merge: Pick<MergeSpec, "grouping" | "everyOutputs"> & { readonly tool: Pick<MergeTool, "kind"> };
};

/** `report.json`. */
export interface ReportSummary extends Omit<ReportHead, "schema" | "run" | "copies" | "spec" | "failed"> {
  readonly spec: ReportedSpec;
  readonly failed: readonly (Omit<ReportHead["failed"][number], "class"> & {
    readonly class: FailureClass;
  })[];
}

/** It, and the beginnings of its lists, for people. */
export interface ShownReport {
  readonly summary: ReportSummary;
  /** From its submission to its end, or to the report. */
  readonly tookMs: number;
  readonly failures: readonly ReportedFailure[];
  readonly kept: readonly KeptLine[];
}

/** All of it, to be audited. */
export interface JobReport {
  readonly job: number;
  readonly name: string;
  readonly state: ReportState;
  readonly spec: ReportedSpec;
  readonly ranges: FateCounts;
  readonly events: Pick<FateCounts, "total" | "merged">;
  /** Where nothing is merged. */
  readonly done: ReportedDone;
  readonly mergedFiles: readonly MergedFile[];
  readonly failed: readonly FailedRanges[];
  readonly keptGroups: readonly KeptLine[];
  /** Where each range is, as `ranges.jsonl` says. */
  readonly rangeLines: readonly RangesLine[];
  readonly lists: ReportHead["lists"];
}
