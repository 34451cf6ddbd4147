// When a line is printed where no line can be rewritten: a log, a pipe, a CI run.

import { isCutShort, isOver, rangesOf, rangesSettled, type JobStatus } from "./job-status.js";

const plainLineEveryMs = 5_000;

/** What was printed last. */
export interface PrintedLine {
  readonly atMs: number;
  readonly phase: string;
  readonly text: string;
}

/** Where a job stands, as far as a change of it is worth a line of its own. */
export function phaseOf(status: JobStatus, away: string): string {
  if (away !== "") return away;
  if (isOver(status.state)) return status.state;
  if (isCutShort(status)) return "ending";
  if (rangesSettled(status) === rangesOf(status)) return "merging";
  return status.actors === 0 ? "waiting" : status.state;
}

/** True when a line is due: the phase changed, or it says something new and the last one is old enough. */
export function isLineDue(last: PrintedLine | undefined, next: PrintedLine): boolean {
  if (last === undefined || last.phase !== next.phase) return true;
  return next.text !== last.text && next.atMs - last.atMs >= plainLineEveryMs;
}
