// How a job stands, as the driver tells it.

import type { JobNumber } from "../../shared/core/id.js";
import type { Outputs } from "../../shared/core/job-spec.js";
import { unreachable } from "../../shared/core/assert.js";
import type { ReportState } from "../../shared/core/report.js";

/** Where a job can stand, as its report says too. */
export type JobState = ReportState;

/** Ranges by where they stand; they sum up to all ranges of the job. */
export interface RangeCounts {
  readonly ready: number;
  readonly held: number;
  /** Have an output that is not in a merged file yet; or are done, in a job without outputs. */
  readonly done: number;
  readonly merged: number;
  readonly failed: number;
}

export interface JobStatus {
  readonly job: JobNumber;
  readonly name: string;
  readonly state: JobState;
  /** Ranges may be added, also while it is suspended. */
  readonly takesRanges: boolean;
  /** Grows with every fact about the job. */
  readonly sequence: number;
  readonly ranges: RangeCounts;
  readonly events: number;
  /** Events that are done, merged or not. */
  readonly eventsDone: number;
  readonly groupsOpen: number;
  readonly filesMerged: number;
  readonly groupsFailed: number;
  /** Failures of payloads so far, final or not. */
  readonly failures: number;
  readonly submittedUnixMs: number;
  /** Undefined while the job is not over. */
  readonly endedUnixMs: number | undefined;
  /** Why it failed; empty when it did not. */
  readonly reason: string;
  readonly actors: number;
  readonly slots: number;
  /** Ranges that were lent a second time, since they ran for very long; and those of them whose copy came first. */
  readonly copiesMade: number;
  readonly copiesWon: number;
  /** Connected nodes that are in quarantine; and the first of them, by name. */
  readonly nodesQuarantined: number;
  readonly quarantinedNodes: readonly string[];
  readonly outputs: Outputs;
  /** Events that are done within ranges that run, as far as their payloads say, some seconds ago. */
  readonly eventsRunning: number;
  /** They are not merged: they stay as they are. */
  readonly keepsOutputs: boolean;
  /** Merges that run for some seconds or longer; and those of them that run longest, as their mergers said some seconds ago. */
  readonly mergesRunning: number;
  readonly merging: readonly RunningMerge[];
  /** Merged files that there will be, if nothing fails; undefined when nobody knows. */
  readonly filesExpected: number | undefined;
  /** Until the wall time of the last of its actors ends; undefined when nobody knows. */
  readonly allocationLeftMs: number | undefined;
  /** Who waits for room, and what for; empty when nobody does. */
  readonly waitsFor: string;
}

export interface RunningMerge {
  readonly merger: string;
  readonly group: number;
  readonly bytesRead: number;
  /** Of all its inputs; 0 when an older merger does not tell. */
  readonly bytesTotal: number;
  readonly runningMs: number;
}

/** True when nothing more happens to the job by itself. */
export function isOver(state: JobState): boolean {
  switch (state) {
    case "open":
    case "running":
    case "suspended":
      return false;
    case "finished":
    case "finished-with-failures":
    case "failed":
    case "cancelled":
    case "broken":
      return true;
    default:
      return unreachable(state);
  }
}

export function rangesOf(status: JobStatus): number {
  const { ready, held, done, merged, failed } = status.ranges;
  return ready + held + done + merged + failed;
}

/** Ranges for which no payload has to run any more; of a job that was cut short, those that are done. */
export function rangesSettled(status: JobStatus): number {
  const { done, merged, failed } = status.ranges;
  return done + merged + (isCutShort(status) ? 0 : failed);
}

/**
 * It ended, or is about to, before its ranges did: those that are counted as failed are not done, and most of them were
 * never tried.
 */
export function isCutShort({ state, reason }: Pick<JobStatus, "state" | "reason">): boolean {
  return isOver(state) ? state === "cancelled" || state === "failed" : reason !== "";
}

/** What is to be said of ranges that are counted as failed. */
export function failedWord(status: Pick<JobStatus, "state" | "reason">): "failed" | "not done" {
  return isCutShort(status) ? "not done" : "failed";
}

/** Events that are done within ranges that run; what is known of them is older than what is known of the rest. */
export function eventsUnderWay({ events, eventsDone, eventsRunning }: JobStatus): number {
  return Math.max(0, Math.min(eventsRunning, events - eventsDone));
}

/** Whether a range is over only when it is in a merged file. */
export function isMerging({ outputs, keepsOutputs }: Pick<JobStatus, "outputs" | "keepsOutputs">): boolean {
  return outputs === "files" && !keepsOutputs;
}
