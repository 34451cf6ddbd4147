// One line that tells how a job goes on: drell-yan [######....] 232/400 ranges 2/4 merged 31.2/s ETA 6s
//
//   L1. A line is never longer than its width: the bar becomes short, and what matters least goes first.
//   L2. What stops the job (no actor, the driver away) stands where the ETA would stand.

import { unreachable } from "../../shared/core/assert.js";
import { formatDuration } from "../../shared/core/duration.js";
import { eventsUnderWay, isMerging, isOver, rangesOf, rangesSettled, type JobStatus } from "./job-status.js";

/** What a line is made of. */
export interface ProgressView {
  readonly status: JobStatus;
  /** How many merged files there will be; undefined when the asker does not know the job's merge rule. */
  readonly filesExpected: number | undefined;
  /** Undefined while nobody can tell. */
  readonly rangesPerSecond: number | undefined;
  /** Why nothing is heard of the job; empty while all is well. */
  readonly away: string;
}

/** Cells of a bar: few widths, so that it does not breathe with every digit that comes or goes. */
const barWidths = [20, 10] as const;

export function progressLine(view: ProgressView, width: number): string {
  const { status } = view;
  const wanted = tail(view);
  const leastFirst = wanted.toSorted((a, b) => b.rank - a.rank);
  for (let shed = 0; shed < wanted.length; shed += 1) {
    const dropped = new Set(leastFirst.slice(0, shed)); // (L1)
    const kept = wanted.filter((part) => !dropped.has(part)).map((part) => part.text);
    for (const cells of barWidths) {
      const line = [status.name, bar(status, cells), ...kept].join(" ");
      if (line.length <= width) return line;
    }
  }
  return `${status.name} ${rangesSettled(status)}/${rangesOf(status)}`.slice(0, width);
}

/**
 * A bar of `cells` cells: `#` for what is merged, `=` for what is done, `x` for what failed, `.` for what is to do. Without
 * outputs, what is done is as good as merged.
 */
export function bar(status: JobStatus, cells: number): string {
  const total = rangesOf(status);
  const { merged, done, failed } = status.ranges;
  const mergedEnd = cellsOf(isMerging(status) ? merged : merged + done, total, cells);
  const doneEnd = cellsOf(merged + done, total, cells);
  const failedEnd = cellsOf(merged + done + failed, total, cells);
  const parts = ["#".repeat(mergedEnd), "=".repeat(doneEnd - mergedEnd), "x".repeat(failedEnd - doneEnd)];
  return `[${parts.join("").padEnd(cells, ".")}]`;
}

function cellsOf(count: number, total: number, cells: number): number {
  return total === 0 ? 0 : Math.floor((count * cells) / total);
}

/** A part of the line, and how dispensable it is. */
interface Part {
  readonly text: string;
  readonly rank: number;
}

function tail(view: ProgressView): readonly Part[] {
  const { status } = view;
  const parts: Part[] = [{ text: `${rangesSettled(status)}/${rangesOf(status)} ranges`, rank: 0 }];
  if (isMerging(status)) parts.push({ text: filesText(view), rank: 4 });
  const events = eventsUnderWay(status);
  if (events > 0) parts.push({ text: `+${events} events`, rank: 6 });
  if (status.failures > 0 || status.ranges.failed > 0) parts.push({ text: failureText(status), rank: 3 });
  const speed = view.rangesPerSecond;
  if (speed !== undefined && view.away === "" && !isOver(status.state)) {
    parts.push({ text: `${rateText(speed)}/s`, rank: 5 });
  }
  const outlook = outlookText(view);
  if (outlook !== "") parts.push({ text: outlook, rank: outlook.startsWith("ETA") ? 2 : 1 });
  return parts;
}

function filesText({ status, filesExpected }: ProgressView): string {
  const known = status.filesMerged + status.groupsOpen + status.groupsFailed;
  const isFinal = isOver(status.state) || filesExpected === undefined;
  return isFinal
    ? `${status.filesMerged} merged`
    : `${status.filesMerged}/${Math.max(known, filesExpected)} merged`;
}

/** Failures of payloads; when a job was stopped, ranges failed that no payload had tried. */
function failureText({ failures, ranges }: JobStatus): string {
  if (ranges.failed > failures) return `${ranges.failed} failed`;
  const tries = failures === 1 ? "1 failure" : `${failures} failures`;
  return ranges.failed > 0 ? `${tries}, ${ranges.failed} final` : tries;
}

/** What comes next, or what it waits for (L2). */
function outlookText(view: ProgressView): string {
  const { status } = view;
  if (view.away !== "") return view.away;
  switch (status.state) {
    case "finished":
      return "finished";
    case "finished-with-failures":
      return "finished with failures";
    case "failed":
    case "cancelled":
    case "suspended":
      return status.state;
    case "open":
    case "running":
      return workText(view);
    default:
      return unreachable(status.state);
  }
}

function workText({ status, rangesPerSecond }: ProgressView): string {
  const left = rangesOf(status) - rangesSettled(status);
  if (left === 0) return isMerging(status) ? "merging" : "ending";
  if (status.actors === 0) return "waiting for an actor";
  // Whole seconds: nobody plans by less.
  return rangesPerSecond === undefined
    ? ""
    : `ETA ${formatDuration(Math.ceil(left / rangesPerSecond) * 1_000)}`;
}

function rateText(perSecond: number): string {
  if (perSecond >= 100) return String(Math.round(perSecond));
  return perSecond >= 0.1 ? perSecond.toFixed(1) : perSecond.toPrecision(1);
}
