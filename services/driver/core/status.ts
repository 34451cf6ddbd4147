// How a job stands, for whoever asks.

import type { JobNumber } from "../../shared/core/id.js";
import { fateOfOutputs, type Outputs } from "../../shared/core/job-spec.js";
import type { JobOutcome } from "./facts/fact.js";
import { lastEndMs } from "./state/attendance.js";
import type { FarmView } from "./state/farm.js";
import type { BrokenStage, JobStage, JobView } from "./state/job.js";
import type { RangeCounts } from "./state/range-table.js";

/** A job as a client sees it. It is over when its report is on disk, and not before. */
export interface JobStatus {
  readonly job: JobNumber;
  readonly name: string;
  /** `open`: at work, and ranges may still be added. */
  readonly state: "open" | "running" | "suspended" | "broken" | JobOutcome;
  /** Also while it is suspended. */
  readonly takesRanges: boolean;
  readonly sequence: number;
  readonly ranges: RangeCounts;
  readonly events: number;
  readonly eventsDone: number;
  readonly groupsOpen: number;
  readonly filesMerged: number;
  readonly groupsFailed: number;
  readonly failures: number;
  readonly submittedUnixMs: number;
  /** 0 while the job is not over. */
  readonly endedUnixMs: number;
  /** Why it failed; empty when it did not. */
  readonly reason: string;
  readonly actors: number;
  readonly slots: number;
  /** Ranges that were lent a second time; and those of them whose copy had the first output. */
  readonly copiesMade: number;
  readonly copiesWon: number;
  /** Connected nodes that are in quarantine; and the first of them, by name. */
  readonly nodesQuarantined: number;
  readonly quarantinedNodes: readonly string[];
  readonly outputs: Outputs;
  /** Outputs are not merged: they stay as they are. */
  readonly keepsOutputs: boolean;
  /** Merged files that there will be, if nothing fails; undefined when nobody knows. */
  readonly filesExpected: number | undefined;
  /** When the wall time of the last connected actor ends, monotonic, to the second; undefined when that of one is not known. */
  readonly endsAtMs: number | undefined;
  /** Who waits for room, and what for; empty when nobody does, or the job is over. */
  readonly waitsFor: string;
}

/** Nodes in quarantine that a status names. */
const quarantinedMax = 10;

/** Whether nothing more comes of a job by itself. */
export function isOver(state: JobStatus["state"]): boolean {
  return state !== "open" && state !== "running" && state !== "suspended";
}

export function jobStatus(farm: FarmView, job: JobView): JobStatus {
  const { table, stage } = job;
  const known = stage.kind === "broken" ? lastKnown(stage) : {};
  const isOver = stage.kind === "reported";
  const { actors, slots } = farm.attendance;
  return {
    job: job.number,
    name: job.spec.name,
    state: isOver ? stage.outcome : standing(job),
    takesRanges: job.intake.kind === "open",
    sequence: job.sequence,
    ranges: { ...table.counts },
    events: job.layout.events,
    eventsDone: job.eventsDone,
    groupsOpen: job.groupsOpen.size,
    filesMerged: job.filesMerged,
    groupsFailed: job.groupsFailed,
    failures: job.failures.counted,
    submittedUnixMs: job.submittedAtUnixMs,
    endedUnixMs: isOver ? stage.atUnixMs : 0,
    reason: reasonOf(stage),
    actors,
    slots,
    endsAtMs: lastEndMs(farm.attendance),
    copiesMade: job.copiesMade,
    copiesWon: job.copiesWon,
    nodesQuarantined: farm.barred.size,
    quarantinedNodes: [...farm.barred].slice(0, quarantinedMax),
    outputs: job.spec.outputs,
    keepsOutputs: fateOfOutputs(job.spec) === "kept",
    filesExpected: filesExpectedOf(job),
    waitsFor: isOver ? "" : waitIn(farm),
    ...known,
  };
}

/** How a job that is out of service was last. */
function lastKnown({ known, atUnixMs }: BrokenStage): Partial<JobStatus> {
  const { eventsDone, filesMerged, groupsFailed, ...ranges } = known;
  const counts = { ranges, eventsDone, filesMerged, groupsFailed };
  return { ...counts, endedUnixMs: atUnixMs, waitsFor: "" };
}

/** Why the job stands so; empty where there is nothing to say. */
export function reasonOf(stage: JobStage): string {
  if (stage.kind === "broken") return `${stage.reason} (while ${stage.doing})`;
  return "reason" in stage ? stage.reason : "";
}

/** Why a job ends or has ended before its ranges did: what of them is counted as failed is not done. Undefined of all others. */
export function cutShortBy({ stage }: Pick<JobView, "stage">): string | undefined {
  return "outcome" in stage && (stage.outcome === "cancelled" || stage.outcome === "failed")
    ? stage.reason
    : undefined;
}

/** Of a job that did not come to its end. */
export function standing({ stage, intake }: JobView): "open" | "running" | "suspended" | "broken" {
  if (stage.kind === "broken") return "broken";
  if (stage.kind === "suspended") return "suspended";
  return intake.kind === "open" ? "open" : "running";
}

/** Which peers wait for room, and what the first of them says. */
function waitIn({ sessions, attendance }: FarmView): string {
  const [number] = attendance.waiting;
  const first = number === undefined ? undefined : sessions.get(number);
  if (first === undefined) return "";
  const others = attendance.waiting.size - 1;
  const more = others === 0 ? "" : ` and ${others} more`;
  return `${first.role} ${first.name}${more}: ${first.waitsFor}`;
}

function filesExpectedOf({ spec, layout, intake, rangeGroups }: JobView): number | undefined {
  if (intake.kind === "open" || fateOfOutputs(spec) !== "merged") return undefined;
  if (rangeGroups !== undefined) return rangeGroups.fixed.count;
  const { grouping, everyOutputs } = spec.merge;
  if (grouping.kind === "arrival" && grouping.maxDelayMs !== undefined) return undefined;
  return Math.ceil(layout.ranges / everyOutputs);
}
