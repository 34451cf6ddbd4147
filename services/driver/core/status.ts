// How a job stands, for whoever asks.

import type { JobNumber } from "../../shared/core/id.js";
import { fateOfOutputs, type Outputs } from "../../shared/core/job-spec.js";
import type { JobOutcome } from "./facts/fact.js";
import type { FarmView, SessionView } from "./state/farm.js";
import type { JobView } from "./state/job.js";
import type { RangeCounts } from "./state/range-table.js";

/** A job as a client sees it. It is over when its report is on disk, and not before. */
export interface JobStatus {
  readonly job: JobNumber;
  readonly name: string;
  /** `open`: at work, and ranges may still be added. */
  readonly state: "open" | "running" | "suspended" | JobOutcome;
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
  /** When the wall time of the last connected actor ends, monotonic; undefined when that of one of them is not known. */
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

/** `peers` are the same for all jobs: whoever asks about many counts once. */
export function jobStatus(farm: FarmView, job: JobView, peers = countPeers(farm)): JobStatus {
  const { table, stage } = job;
  const isOver = stage.kind === "reported";
  const { waitsFor, ...counts } = peers;
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
    reason: "reason" in stage ? stage.reason : "",
    ...counts,
    copiesMade: job.copiesMade,
    copiesWon: job.copiesWon,
    nodesQuarantined: farm.barred.size,
    quarantinedNodes: [...farm.barred].slice(0, quarantinedMax),
    outputs: job.spec.outputs,
    keepsOutputs: fateOfOutputs(job.spec) === "kept",
    filesExpected: filesExpectedOf(job),
    waitsFor: isOver ? "" : waitsFor,
  };
}

/** Of a job that is not over. */
export function standing({ stage, intake }: JobView): "open" | "running" | "suspended" {
  if (stage.kind === "suspended") return "suspended";
  return intake.kind === "open" ? "open" : "running";
}

export function countPeers(farm: FarmView): Pick<JobStatus, "actors" | "slots" | "endsAtMs" | "waitsFor"> {
  let actors = 0;
  let slots = 0;
  let endsAtMs = Number.NEGATIVE_INFINITY;
  for (const session of farm.sessions.values()) {
    if (session.role !== "actor" || session.attachment.kind === "away") continue;
    actors += 1;
    slots += session.slots;
    endsAtMs = Math.max(endsAtMs, session.endsAtMs ?? Number.POSITIVE_INFINITY);
  }
  return {
    actors,
    slots,
    endsAtMs: Number.isFinite(endsAtMs) ? endsAtMs : undefined,
    waitsFor: waitIn(farm),
  };
}

/** Which peers wait for room, and what the first of them says. */
function waitIn(farm: FarmView): string {
  let first: SessionView | undefined;
  let others = -1;
  for (const session of farm.sessions.values()) {
    if (session.waitsFor === "") continue;
    first ??= session;
    others += 1;
  }
  if (first === undefined) return "";
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
