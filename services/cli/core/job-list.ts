// What `noctua list` prints: a line a job.

import { unreachable } from "../../shared/core/assert.js";
import { formatDuration } from "../../shared/core/duration.js";
import { clipped, columnDuration, tableText, type Column } from "./columns.js";
import {
  failedWord,
  isCutShort,
  isMerging,
  rangesOf,
  rangesSettled,
  type JobState,
  type JobStatus,
} from "./job-status.js";
import { shortCount } from "./short-count.js";

const columns: readonly Column[] = [
  { title: "ID", isNumber: true },
  { title: "NAME" },
  { title: "STATE" },
  { title: "DONE", isNumber: true },
  { title: "RUN", isNumber: true },
  { title: "WAIT", isNumber: true },
  { title: "FAIL", isNumber: true },
  { title: "TOTAL", isNumber: true },
  { title: "SINCE", isNumber: true },
  { title: "INFO" },
];

export const nameWidth = 14;

/**
 * Done is what needs nothing more, merged or not; `width` is the terminal's, undefined where lines may be long; `paceOf` says
 * what there is to say of a job that is well.
 */
export function jobList(
  jobs: readonly JobStatus[],
  nowUnixMs: number,
  width: number | undefined,
  paceOf: (status: JobStatus) => string = () => "",
): string {
  if (jobs.length === 0) return "no jobs yet: noctua submit JOB.yaml";
  const rows = jobs.map((status) => [...rowOf(status, nowUnixMs), infoOf(status) || paceOf(status)]);
  const lines = tableText(columns, rows).split("\n");
  return (width === undefined ? lines : lines.map((line) => clipped(line, width))).join("\n");
}

function rowOf(status: JobStatus, nowUnixMs: number): readonly string[] {
  const { job, name, state, ranges, submittedUnixMs } = status;
  const counts = [ranges.done + ranges.merged, ranges.held, ranges.ready].map(shortCount);
  const failed = isCutShort(status) ? "-" : shortCount(ranges.failed);
  const since = columnDuration(Math.max(1_000, nowUnixMs - submittedUnixMs));
  return [
    ...[String(job), clipped(name, nameWidth), shortState(state)],
    ...[...counts, failed, shortCount(rangesOf(status)), since],
  ];
}

/** The report tells the rest of a job that finished with failures. */
export function shortState(state: JobState): string {
  return state === "finished-with-failures" ? "partly" : state;
}

/** What is most worth knowing of the job beside its numbers; empty when there is nothing. */
function infoOf(status: JobStatus): string {
  const { job, state } = status;
  switch (state) {
    case "open":
    case "running":
      return workInfo(status);
    case "suspended":
      return `${status.takesRanges ? "open, " : ""}paused: resume ${job}`;
    case "finished":
      return `took ${formatDuration(tookMs(status))}`;
    case "finished-with-failures":
    case "failed":
    case "broken":
      return status.reason === "" ? `see report ${job}` : status.reason;
    case "cancelled":
      return `${notDone(status)}after ${formatDuration(tookMs(status))}`;
    default:
      return unreachable(state);
  }
}

function workInfo(status: JobStatus): string {
  const { job, actors, failures, nodesQuarantined, ranges } = status;
  if (isCutShort(status)) return "ending";
  if (rangesSettled(status) === rangesOf(status)) {
    if (status.state === "open") return "takes inputs: add, close";
    return isMerging(status) ? `merging ${status.groupsOpen}` : "ending";
  }
  if (actors === 0) return "no actor";
  if (ranges.held === 0) return `see explain ${job}`;
  if (nodesQuarantined > 0) return `quarantined: ${nodesQuarantined}`;
  return failures === 0 ? "" : `${shortCount(failures)} ${failures === 1 ? "failure" : "failures"}`;
}

function notDone(status: JobStatus): string {
  const { failed } = status.ranges;
  return failed === 0 ? "" : `${shortCount(failed)} ${failedWord(status)}, `;
}

function tookMs({ submittedUnixMs, endedUnixMs }: JobStatus): number {
  return (endedUnixMs ?? submittedUnixMs) - submittedUnixMs;
}
