// What a job's report says: every range of the job is in exactly one merged file, in a kept output, done in a job without
// outputs, or failed with the reason why (P1). Version 1 of the format; docs and `noctua verify` read it.

import { present } from "../../shared/core/assert.js";
import { fateOfOutputs, type JobSpec } from "../../shared/core/job-spec.js";
import { eachSpan, noSpans, without, type Spans } from "../../shared/core/spans.js";
import type { JobOutcome } from "./facts/fact.js";
import type { FarmView } from "./state/farm.js";
import type { FailureRecord, JobView } from "./state/job.js";
import type { MergeGroupView } from "./state/merge-group.js";
import { mergedPathOf } from "./state/merged-path.js";

/** Spans as pairs of first range and count. */
type SpanPairs = readonly (readonly [first: number, count: number])[];

interface MergedFileReport {
  readonly group: number;
  /** Relative to the workdir. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Eight hexadecimal digits. */
  readonly adler32: string;
  readonly events: number;
  /** Empty where an older merger made none. */
  readonly guid: string;
  readonly spans: SpanPairs;
  /** Ranges of its group that are not in it, since they failed, or were done when it was merged. Of groups by range. */
  readonly missing: SpanPairs;
}

interface FailureReport {
  readonly range: number;
  readonly events: { readonly input: string; readonly first: number; readonly last: number };
  readonly class: string;
  readonly node: string;
  readonly attempt: number;
  readonly final: boolean;
  readonly message: string;
  readonly exitCode?: number;
  readonly signal: string;
  readonly stderrTail: string;
}

export interface JobReport {
  readonly version: 1;
  readonly run: string;
  readonly job: number;
  readonly name: string;
  readonly state: JobOutcome;
  /** Why the job failed; empty when it did not. */
  readonly reason: string;
  readonly submittedAtUnixMs: number;
  readonly endedAtUnixMs: number;
  /** With the inputs that were added. */
  readonly spec: JobSpec;
  readonly ranges: {
    readonly total: number;
    readonly merged: number;
    readonly failed: number;
    readonly kept: number;
  };
  readonly events: { readonly total: number; readonly merged: number };
  /** Where nothing is merged. The outputs, where there are any, lie under their own names: spans say which. */
  readonly done: { readonly ranges: number; readonly events: number; readonly spans: SpanPairs };
  /** Ranges that were lent a second time; and those of them whose copy had the first output. */
  readonly copies: { readonly made: number; readonly won: number };
  readonly mergedFiles: readonly MergedFileReport[];
  /** Ranges that failed for good, by reason. */
  readonly failed: readonly { readonly class: string; readonly message: string; readonly spans: SpanPairs }[];
  /** Groups that were given up: their outputs are kept. */
  readonly keptGroups: readonly {
    readonly group: number;
    readonly message: string;
    readonly spans: SpanPairs;
  }[];
  /** The first failures of payloads, final or not, with all that is known of them. */
  readonly failures: readonly FailureReport[];
  /** Nodes that were in quarantine when the report was made: what they were given failed there. */
  readonly quarantinedNodes: readonly QuarantineReport[];
}

interface QuarantineReport {
  readonly node: string;
  readonly reason: string;
  readonly sinceUnixMs: number;
}

/** Nodes in quarantine that a report names. */
const quarantinedMax = 1_000;

/** The report of a job that has ended. */
export function jobReport(farm: Pick<FarmView, "run" | "nodes">, job: JobView): JobReport {
  const { stage, table, layout } = job;
  const ended = stage.kind === "ended" || stage.kind === "reported" ? stage : undefined;
  const { outcome, reason, atUnixMs } = present(ended, "end of the job");
  const groups = [...job.groups.values()].sort((one, other) => one.number - other.number);
  const mergedFiles = groups.flatMap((group) => mergedFileReport(job, group));
  return {
    version: 1,
    run: farm.run,
    job: job.number,
    name: job.spec.name,
    state: outcome,
    reason,
    submittedAtUnixMs: job.submittedAtUnixMs,
    endedAtUnixMs: atUnixMs,
    spec: { ...job.spec, inputs: job.layout.inputs },
    ranges: {
      total: table.ranges,
      merged: table.counts.merged,
      failed: table.counts.failed,
      kept: fateOfOutputs(job.spec) === "merged" ? table.counts.done : 0,
    },
    events: { total: layout.events, merged: mergedFiles.reduce((sum, file) => sum + file.events, 0) },
    done: doneReport(job),
    copies: { made: job.copiesMade, won: job.copiesWon },
    mergedFiles,
    failed: [...job.failures.final].map(([key, set]) => ({
      ...splitReason(key),
      spans: pairsOf(set.spans()),
    })),
    keptGroups: groups.flatMap(keptGroupReport),
    failures: job.failures.records.map((record) => failureReport(job, record)),
    quarantinedNodes: quarantineReports(farm),
  };
}

function doneReport({ spec, table, eventsDone, unmerged }: JobView): JobReport["done"] {
  if (fateOfOutputs(spec) === "merged") return { ranges: 0, events: 0, spans: [] };
  return { ranges: table.counts.done, events: eventsDone, spans: pairsOf(unmerged.spans()) };
}

function quarantineReports({ nodes }: Pick<FarmView, "nodes">): QuarantineReport[] {
  const reports = [...nodes.values()].flatMap(({ name, quarantine }) =>
    quarantine === undefined ? [] : [{ node: name, ...quarantine }],
  );
  return reports.slice(0, quarantinedMax);
}

function mergedFileReport(job: JobView, group: MergeGroupView): MergedFileReport[] {
  if (!("file" in group.stage)) return [];
  const { adler32, ...file } = group.stage.file;
  const path = mergedPathOf(job, group.number);
  const spans = pairsOf(group.spans);
  const missing = pairsOf(missingIn(job, group));
  return [{ group: group.number, path, ...file, adler32: hexOf(adler32), spans, missing }];
}

function missingIn({ rangeGroups }: JobView, { number, spans }: MergeGroupView): Spans {
  if (rangeGroups === undefined) return noSpans;
  const { group, late } = rangeGroups.fixed.placeOf(number);
  return late === 0 ? without(rangeGroups.fixed.membersOf(group), spans) : noSpans;
}

function keptGroupReport(group: MergeGroupView): JobReport["keptGroups"][number][] {
  if (group.stage.kind !== "failed") return [];
  return [{ group: group.number, message: group.stage.failure.message, spans: pairsOf(group.spans) }];
}

function failureReport(job: JobView, record: FailureRecord): FailureReport {
  const { input, first, last } = job.layout.locate(record.range);
  const { class: failureClass, message, exitCode, signal, stderrTail } = record.failure;
  return {
    range: record.range,
    events: { input: present(job.layout.inputs[input], "input").path, first, last },
    class: failureClass,
    node: record.node,
    attempt: record.attempt,
    final: record.final,
    message,
    ...(exitCode === undefined ? {} : { exitCode }),
    signal,
    stderrTail,
  };
}

/** A key of `failures.final`, taken apart again. */
export function splitReason(key: string): { readonly class: string; readonly message: string } {
  const blank = key.indexOf(" ");
  return { class: key.slice(0, blank), message: key.slice(blank + 1) };
}

function hexOf(adler32: number): string {
  return adler32.toString(16).padStart(8, "0");
}

function pairsOf(spans: Spans): SpanPairs {
  return [...eachSpan(spans)].map(({ first, count }) => [first, count] as const);
}
