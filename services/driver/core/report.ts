// What a job's report says: every range of the job is in exactly one merged file, in a kept output, done in a job without
// outputs, or failed with the reason why (P1). shared/core/report.ts has its form; report-ranges.ts says where ranges are.

import { present } from "../../shared/core/assert.js";
import { failureClasses, type Failure } from "../../shared/core/failure.js";
import type { GroupNumber, JobNumber } from "../../shared/core/id.js";
import type { KeptLine, MergedLine, ReportHead, SpanPair } from "../../shared/core/report.js";
import { eachSpan, noSpans, without, type Spans } from "../../shared/core/spans.js";
import type { FarmView } from "./state/farm.js";
import type { JobView } from "./state/job.js";
import type { MergeGroupView } from "./state/merge-group.js";
import { mergedPathOf } from "./state/merged-path.js";
import { reasonOf, standing } from "./status.js";

/** What of the report can be told at once. Times in it are Unix milliseconds. */
export type ReportBasics = Pick<
  ReportHead,
  "run" | "name" | "state" | "reason" | "groupsGivenUp" | "copies" | "spec"
> & {
  readonly job: JobNumber;
  readonly submittedAtUnixMs: number;
  /** Undefined while the job is at work. */
  readonly endedAtUnixMs: number | undefined;
  readonly failuresCounted: number;
  readonly quarantinedNodes: readonly QuarantineReport[];
};

interface QuarantineReport {
  readonly node: string;
  readonly reason: string;
  readonly sinceUnixMs: number;
}

/** Nodes in quarantine that a report names. */
const quarantinedMax = 1_000;

/** How the job stands, or how it ended: before it is called over (status.ts), since its report comes first. */
export function reportBasics(farm: Pick<FarmView, "run" | "nodes">, job: JobView): ReportBasics {
  const { stage } = job;
  const ended = stage.kind === "ended" || stage.kind === "reported" ? stage : undefined;
  const broken = stage.kind === "broken" ? stage : undefined;
  return {
    run: farm.run,
    job: job.number,
    name: job.spec.name,
    state: ended?.outcome ?? standing(job),
    reason: reasonOf(stage),
    submittedAtUnixMs: job.submittedAtUnixMs,
    endedAtUnixMs: (ended ?? broken)?.atUnixMs,
    groupsGivenUp: job.groupsFailed,
    failuresCounted: job.failures.counted,
    copies: { made: job.copiesMade, won: job.copiesWon },
    quarantinedNodes: quarantineReports(farm),
    spec: { ...job.spec, inputs: job.layout.inputs },
  };
}

/** Where ranges and events were when the job went out of service. */
export function lastFates({ stage, layout }: JobView): Pick<ReportHead, "ranges" | "events"> {
  const none = { waiting: 0, running: 0, done: 0, merged: 0, kept: 0, failed: 0, total: 0 };
  if (stage.kind !== "broken") return { ranges: none, events: none };
  const { ready: waiting, held: running, done, merged, failed, eventsDone } = stage.known;
  const ranges = { waiting, running, done, merged, kept: 0, failed, total: layout.ranges };
  const events = { ...none, waiting: layout.events - eventsDone, done: eventsDone, total: layout.events };
  return { ranges, events };
}

function quarantineReports({ nodes }: Pick<FarmView, "nodes">): QuarantineReport[] {
  const reports: QuarantineReport[] = [];
  for (const { name, quarantine } of nodes.values()) {
    if (quarantine !== undefined) reports.push({ node: name, ...quarantine });
    if (reports.length === quarantinedMax) break;
  }
  return reports;
}

/** The group's merged file, when it is published. */
export function mergedLine(job: JobView, number: GroupNumber): MergedLine | undefined {
  const group = job.groups.get(number);
  if (group?.stage.kind !== "published" && group?.stage.kind !== "closed") return undefined;
  const { adler32, ...file } = group.stage.file;
  const path = mergedPathOf(job, number);
  const missing = pairsOf(missingIn(job, group));
  return { group: number, path, ...file, adler32: hexOf(adler32), spans: pairsOf(group.spans), missing };
}

function missingIn({ rangeGroups }: JobView, { number, spans }: MergeGroupView): Spans {
  if (rangeGroups === undefined) return noSpans;
  const { group, late } = rangeGroups.fixed.placeOf(number);
  return late === 0 ? without(rangeGroups.fixed.membersOf(group), spans) : noSpans;
}

/** The group, when its merge was given up. */
export function keptLine(job: JobView, number: GroupNumber): KeptLine | undefined {
  const group = job.groups.get(number);
  if (group?.stage.kind !== "failed") return undefined;
  const { attemptsUsed: attempts, failedOn: mergers, spans } = group;
  const { message, stderrTail } = group.stage.failure;
  return { group: number, message, stderrTail, attempts, mergers, spans: pairsOf(spans) };
}

/** A key of `failures.final`, taken apart again. */
export function splitReason(key: string): Pick<Failure, "class" | "message"> {
  const blank = key.indexOf(" ");
  const failureClass = failureClasses.find((name) => name === key.slice(0, blank));
  return { class: present(failureClass, "class of a failure"), message: key.slice(blank + 1) };
}

export function hexOf(adler32: number): string {
  return adler32.toString(16).padStart(8, "0");
}

function pairsOf(spans: Spans): SpanPair[] {
  return [...eachSpan(spans)].map(({ first, count }) => [first, count]);
}
