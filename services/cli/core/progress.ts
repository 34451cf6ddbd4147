// One line that tells how a job goes on:
//   drell-yan [#######=>>..........] 168/400 ranges, 1/4 merged, 28.0 events/s, ETA 9s (1h59m left)
//
//   L1. A line is never longer than its width: the bar becomes short, and what matters least goes first.
//   L2. What stops the job (no actor, the driver away) stands where the ETA would stand.
//   L3. Nothing is rounded up to the end of the job, and no failure is rounded away.

import { unreachable } from "../../shared/core/assert.js";
import { formatDuration } from "../../shared/core/duration.js";
import { columnDuration } from "./columns.js";
import {
  eventsUnderWay,
  failedWord,
  isCutShort,
  isMerging,
  isOver,
  rangesOf,
  rangesSettled,
  type JobStatus,
} from "./job-status.js";
import type { DoneCounts } from "./pace-meter.js";
import { outOf, shortCount } from "./short-count.js";

/** What a line is made of. */
export interface ProgressView {
  readonly status: JobStatus;
  /** Of ranges and events that are done; undefined while nobody can tell. */
  readonly perSecond: DoneCounts | undefined;
  /** Why nothing is heard of the job; empty while all is well. */
  readonly away: string;
}

const yearMs = 365 * 86_400_000;

/** Cells of a bar: few widths, so that it does not breathe with every digit that comes or goes. */
const barWidths = [20, 10] as const;

export function progressLine(view: ProgressView, width: number): string {
  const { status } = view;
  const parts = partsOf(view);
  const leastFirst = parts.toSorted((a, b) => b.rank - a.rank);
  for (let shed = 0; shed < parts.length; shed += 1) {
    const dropped = new Set(leastFirst.slice(0, shed)); // (L1)
    const kept = parts.filter((part) => !dropped.has(part));
    for (const cells of barWidths) {
      const line = `${status.name} ${bar(status, cells)} ${joined(kept)}`;
      if (line.length <= width) return line;
    }
  }
  return `${status.name} ${outOf(rangesSettled(status), rangesOf(status))}`.slice(0, width);
}

/**
 * A bar of `cells` cells: `#` for what is merged, `=` for what is done, `x` for what failed, `>` for what actors have, `.`
 * for what waits, or was given up. Without outputs, what is done is as good as merged.
 */
export function bar(status: JobStatus, cells: number): string {
  const total = rangesOf(status);
  const { merged, done, held } = status.ranges;
  const endOf = (count: number): number => (total === 0 ? 0 : Math.floor((count * cells) / total)); // (L3)
  const settled = rangesSettled(status);
  const failed = settled - merged - done;
  let settledEnd = endOf(settled);
  let doneEnd = endOf(merged + done);
  if (failed > 0 && settledEnd === doneEnd) {
    const room = settled < total ? cells - 1 : cells;
    settledEnd = Math.min(doneEnd + 1, room);
    doneEnd = settledEnd - 1; // (L3)
  }
  const mergedEnd = Math.min(doneEnd, endOf(isMerging(status) ? merged : merged + done));
  const heldEnd = Math.max(settledEnd, endOf(settled + held));
  const parts = ["#".repeat(mergedEnd), "=".repeat(doneEnd - mergedEnd), "x".repeat(settledEnd - doneEnd)];
  return `[${parts.join("").padEnd(heldEnd, ">").padEnd(cells, ".")}]`;
}

/** A part of the line, and how dispensable it is. */
interface Part {
  readonly text: string;
  readonly rank: number;
  /** It belongs to the part before it. */
  readonly isMore?: boolean;
}

function joined(parts: readonly Part[]): string {
  return parts.map(({ text, isMore }, i) => `${i === 0 ? "" : isMore === true ? " " : ", "}${text}`).join("");
}

function partsOf(view: ProgressView): readonly Part[] {
  const { status } = view;
  const parts: Part[] = [{ text: `${outOf(rangesSettled(status), rangesOf(status))} ranges`, rank: 0 }];
  if (isMerging(status)) parts.push({ text: filesText(status), rank: 4 });
  const events = eventsUnderWay(status);
  if (events > 0) parts.push({ text: `+${shortCount(events)} events`, rank: 6 });
  if (status.failures > 0 || status.ranges.failed > 0) parts.push({ text: failureText(status), rank: 2 });
  if (view.away !== "" || isOver(status.state)) return [...parts, { text: outlookText(view), rank: 1 }];
  if (isCutShort(status)) return [...parts, { text: "ending", rank: 1 }];
  if (view.perSecond !== undefined) parts.push({ text: rateText(view.perSecond.events), rank: 5 });
  return [...parts, ...outlookParts(view)];
}

/** When the job will be done, or what it waits for; and how long the nodes are lent. */
function outlookParts(view: ProgressView): readonly Part[] {
  const { allocationLeftMs: leftMs } = view.status;
  const etaMs = etaOf(view);
  const text = etaMs === undefined ? outlookText(view) : etaText(etaMs);
  const outlook = { text, rank: etaMs === undefined ? 1 : 3 };
  if (leftMs === undefined) return text === "" ? [] : [outlook];
  const left = `(${columnDuration(leftMs)} left)`;
  if (text === "") return [{ text: left, rank: 7 }];
  // That the wall time ends before the job does is worth more than how fast it goes.
  const isShort = etaMs !== undefined && etaMs > leftMs;
  return isShort
    ? [{ ...outlook, text: `${text} ${left}` }]
    : [outlook, { text: left, rank: 7, isMore: true }];
}

/** Who would wait so long does not count days. */
function etaText(etaMs: number): string {
  return etaMs < yearMs ? `ETA ${formatDuration(etaMs)}` : "ETA over a year";
}

function filesText({ state, filesMerged, groupsFailed, filesExpected }: JobStatus): string {
  if (isOver(state) || filesExpected === undefined) return `${shortCount(filesMerged)} merged`;
  const expected = Math.max(filesMerged + groupsFailed, filesExpected);
  return `${outOf(filesMerged, expected, 100_000)} merged`;
}

/** Failures of payloads; of a job that is over, what failed for good. */
function failureText(status: JobStatus): string {
  const { state, failures, ranges } = status;
  if (ranges.failed > 0 && (isOver(state) || isCutShort(status) || ranges.failed > failures))
    return `${shortCount(ranges.failed)} ${failedWord(status)}`;
  const tries = failures === 1 ? "1 failure" : `${shortCount(failures)} failures`;
  return ranges.failed > 0 ? `${tries} (${shortCount(ranges.failed)} final)` : tries;
}

/** When a job that is at work will be done, and how fast it goes; empty while nobody can tell. */
export function paceText(view: ProgressView): string {
  const etaMs = etaOf(view);
  if (view.perSecond === undefined || etaMs === undefined) return "";
  return `ETA ${columnDuration(etaMs)}, ${rateText(view.perSecond.events)}`;
}

/** In whole seconds, since nobody plans by less; undefined while nobody can tell, and when no range is left. */
function etaOf({ status, perSecond }: ProgressView): number | undefined {
  const left = rangesOf(status) - rangesSettled(status);
  if (left === 0 || perSecond === undefined || status.actors === 0 || !isAtWork(status)) return undefined;
  return Math.ceil(left / perSecond.ranges) * 1_000;
}

function isAtWork({ state }: JobStatus): boolean {
  return state === "open" || state === "running";
}

/** What comes next, or what it waits for (L2). */
function outlookText({ status, perSecond, away }: ProgressView): string {
  if (away !== "") return away;
  switch (status.state) {
    case "finished":
      return "finished";
    case "finished-with-failures":
      return "finished with failures";
    case "failed":
    case "cancelled":
      return status.state;
    case "broken":
      return "out of service";
    case "suspended":
      return status.takesRanges ? "suspended, open" : status.state;
    case "open":
    case "running":
      return workText(status, perSecond !== undefined);
    default:
      return unreachable(status.state);
  }
}

function workText(status: JobStatus, isMoving: boolean): string {
  if (rangesSettled(status) === rangesOf(status)) {
    if (isMerging(status) && status.ranges.done > 0) return "merging";
    return status.state === "open" ? "takes inputs" : "ending";
  }
  if (status.actors === 0) return "waiting for an actor";
  return status.ranges.held === 0 && !isMoving ? `waiting (noctua explain ${status.job})` : "";
}

function rateText(perSecond: number): string {
  const [amount, unit] = rateUnits.find(([seconds]) => perSecond * seconds >= 0.995) ?? [3_600, "h"];
  const rate = perSecond * amount;
  if (rate >= 100_000) return `${shortCount(rate)} events/${unit}`;
  return `${rate >= 99.95 ? Math.round(rate) : rate.toFixed(1)} events/${unit}`;
}

const rateUnits = [
  [1, "s"],
  [60, "min"],
  [3_600, "h"],
] as const;
