// What still fits into the wall time of an actor's node. The actor says how many seconds it has; the driver, which knows
// how long events take, says what that is enough for.
//
//   W1. An actor is lent what its slots will be done with before the end: its slots begin so many ranges one after the
//       other as 95 % of the ranges on that kind of node leave time for. While nothing is measured, all fits that begins in
//       time; where nobody knows the end, all fits.
//   W2. When not one more range fits, of no job that it may run and that still has ranges to do, it is asked to leave: with
//       so much grace as there is time. That there is nothing to do just now is no reason.
//   W3. When an allocation is over, its nodes fall silent, and are not to blame for it.

import { formatDuration } from "../../../shared/core/duration.js";
import type { Bench } from "../bench.js";
import { canRun } from "../decide/can-run.js";
import { bestTimes } from "../state/event-times.js";
import type { Fact } from "../facts/fact.js";
import type { FarmView, SessionView } from "../state/farm.js";
import { isLendable } from "../state/fleet.js";
import { insideJob } from "../state/fault.js";
import { isAtWork, type JobView } from "../state/job.js";
import { placesOn } from "./places.js";

/** What is left at the end for storing and reporting outputs, and for leaving. */
export const handInMs = 5_000;

/** The share of ranges that are to fit. */
const fittingShare = 0.95;

/** How many more ranges of the job the actor may hold; infinite when nobody knows that they would not fit (W1). */
export function roomFor(job: JobView, session: SessionView, nowMs: number): number {
  const leftMs = timeLeftMs(session, nowMs);
  if (leftMs === undefined) return Number.POSITIVE_INFINITY;
  const neededMs = neededMsOn(job, session.kind);
  if (neededMs === undefined) return leftMs > 0 ? Number.POSITIVE_INFINITY : 0;
  return Math.max(0, Math.floor(leftMs / neededMs) * placesOn(job, session) - session.held);
}

/** Whether its node was lent until now at most, so that its end is no surprise (W3). */
export function isAllocationOver({ endsAtMs }: SessionView, nowMs: number): boolean {
  return endsAtMs !== undefined && endsAtMs <= nowMs;
}

/** Asks actors to leave whose time is too short for anything (W2). */
export function* drainEnding({ farm, moment }: Bench): Generator<Fact, void, void> {
  const shortest = new Map<string, Shortest>();
  for (const session of farm.sessions.values()) {
    const leftMs = timeLeftMs(session, moment.nowMs);
    if (leftMs === undefined || !isLendable(session)) continue;
    const needed = shortest.get(session.kind) ?? shortestOn(farm, session);
    shortest.set(session.kind, needed);
    if (leftMs > 0 && leftMs >= needed.ms) continue;
    const graceMs = Math.max(0, Math.round(leftMs));
    yield {
      kind: "session-drained",
      session: session.number,
      reason: reasonOf(session, moment.nowMs, needed),
      graceMs,
    };
  }
}

/** Until it has to be done with payloads; undefined when nobody knows. */
function timeLeftMs({ endsAtMs }: SessionView, nowMs: number): number | undefined {
  return endsAtMs === undefined ? undefined : endsAtMs - handInMs - nowMs;
}

function neededMsOn(job: JobView, kind: string): number | undefined {
  const ms = bestTimes(job.times, kind).quantileMs(fittingShare);
  return ms === undefined ? undefined : Math.max(1, ms);
}

/** The time that is enough for a range of the job whose ranges are the shortest; of no job when there is none. */
interface Shortest {
  readonly ms: number;
  readonly job: JobView | undefined;
}

function shortestOn(farm: FarmView, session: SessionView): Shortest {
  let shortest: Shortest | undefined;
  for (const number of farm.live) {
    const job = farm.jobs.get(number);
    if (job === undefined || !hasRangesLeft(job) || !canRun(job, session)) continue;
    const ms = insideJob(number, "its ranges were timed", () => neededMsOn(job, session.kind)) ?? 0;
    if (shortest === undefined || ms < shortest.ms) shortest = { ms, job };
  }
  return shortest ?? { ms: 0, job: undefined };
}

function hasRangesLeft(job: JobView): boolean {
  return isAtWork(job) && job.stage.kind !== "stopping" && job.table.counts.ready + job.table.counts.held > 0;
}

function reasonOf({ endsAtMs = 0 }: SessionView, nowMs: number, { ms, job }: Shortest): string {
  const left = formatDuration(endsAtMs - nowMs);
  if (job === undefined || endsAtMs - nowMs <= handInMs) return `its wall time ends in ${left}`;
  const needs = `a range of job ${String(job.number)} may take ${formatDuration(ms)}`;
  return `its wall time ends in ${left}: too soon for anything more, since ${needs}`;
}
