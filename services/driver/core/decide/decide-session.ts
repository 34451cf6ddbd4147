// Hellos and leases (apply-session.ts, S1 to S3).
//
//   H1. A hello names all that its sender still holds: what it does not name is granted to others at once.
//   H2. What it names and what is done or given up already is revoked. What it names and was returned meanwhile is left
//       to it: whoever is done first wins (P4), and an event may have cost an hour already.
//   H3. Jobs of which it names something, and in which there is nothing left for it to do, are closed for it: it was away
//       when the others were told. Of other jobs that are over, a peer remembers nothing beyond its last session.

import {
  sessionNumber,
  type GrantNumber,
  type GroupNumber,
  type JobNumber,
} from "../../../shared/core/id.js";
import { eachRange, flawOf, spansOfAscending, type Spans } from "../../../shared/core/spans.js";
import type { Command, Hello } from "../facts/command.js";
import type { Bench } from "../bench.js";
import type { Fact, GrantedSpans, StreamKey, StreamRefusal } from "../facts/fact.js";
import { jobViewOf, sessionKey, sessionViewOf, type FarmView, type SessionView } from "../state/farm.js";
import { forgetGone, restoreAnew } from "./decide-node.js";
import { isOutOfService } from "./in-service.js";
import { suspectRunning } from "./decide-suspects.js";
import { factsInsideJob, insideJob } from "../state/fault.js";
import { isHolder } from "../state/holders.js";
import { isOpenTo, type JobView } from "../state/job.js";
import { flawOfNamed } from "./named-ranges.js";
import { reserve } from "../grant/reserve.js";
import { speculate } from "../grant/speculate.js";
import { drainEnding } from "../grant/wall-time.js";

type OpenSession = Extract<Command, { kind: "open-session" }>;

export function* decideHello(bench: Bench, command: OpenSession): Generator<Fact, void, void> {
  const { farm, moment } = bench;
  const { hello, stream } = command;
  const flaw = flawOfHello(bench, hello);
  if (flaw !== undefined) {
    yield { kind: "stream-refused", stream, refusal: { why: "malformed", message: flaw } };
    return;
  }
  const { role, name, incarnation, node, slots, labels } = hello;
  const older = olderSession(farm, hello);
  const isSameProcess = older?.incarnation === incarnation;
  if (older !== undefined) yield* fence(bench, older, isSameProcess);
  const session = sessionNumber(farm.lastSession + 1);
  const continues = isSameProcess ? older.number : undefined;
  const at = { atUnixMs: moment.unixMs };
  if (role === "actor" && !isSameProcess) yield* restoreAnew(farm, node);
  yield { kind: "session-opened", session, role, name, incarnation, node, slots, labels, continues, ...at };
  yield { kind: "session-heard", session, atMs: moment.nowMs };
  yield { kind: "session-attached", session, stream };
  const endsAtMs = hello.allocationEndsAtMs;
  if (endsAtMs !== undefined) yield { kind: "wall-time-told", session, endsAtMs };
  yield* returnUnnamed(farm, sessionViewOf(farm, session), hello);
  const closed = closedJobs(farm, hello);
  if (closed.size > 0) yield { kind: "jobs-closed", session, jobs: [...closed] };
  const revoked = hello.ranges
    .filter(({ job }) => !closed.has(job))
    .map((held) => insideJob(held.job, "a hello was judged", () => settledElsewhere(farm, held)))
    .filter((held) => held.spans.first.length > 0);
  if (revoked.length > 0) yield { kind: "ranges-revoked", session, revoked };
}

/** What makes a hello senseless, or undefined when nothing does. */
function flawOfHello({ farm, rules }: Bench, hello: Hello): string | undefined {
  const tooMany = flawOfNamed(hello.ranges, rules);
  if (tooMany !== undefined) return `held ranges: ${tooMany}`;
  for (const held of hello.ranges) {
    const job = farm.jobs.get(held.job);
    const isLooked = job !== undefined && !isOutOfService(farm, held.job);
    const flaw = isLooked ? flawOf(held.spans, job.table.ranges) : undefined;
    if (flaw !== undefined)
      return `held ranges of job ${String(held.job)}, grant ${String(held.grant)}: ${flaw}`;
  }
  return undefined;
}

function olderSession(farm: FarmView, hello: Hello): SessionView | undefined {
  const number = farm.names.get(sessionKey(hello.role, hello.name));
  return number === undefined ? undefined : sessionViewOf(farm, number);
}

/** Closes the older stream of the name. The session of another process ends; that of the same process is continued. */
function* fence(bench: Bench, older: SessionView, isSameProcess: boolean): Generator<Fact, void, void> {
  const who = `${older.role} ${older.name}`;
  if (older.attachment.kind === "attached") {
    const refusal: StreamRefusal = isSameProcess
      ? { why: "replaced", message: `${who} has a newer stream` }
      : { why: "fenced", message: `another process joined as ${who}; give each its own --name` };
    yield { kind: "stream-refused", stream: older.attachment.stream, refusal };
  }
  if (isSameProcess) return;
  yield* suspectRunning(bench, older);
  yield { kind: "session-ended", session: older.number, reason: `${who} was started anew` };
}

/** (H1) */
function* returnUnnamed(farm: FarmView, session: SessionView, hello: Hello): Generator<Fact, void, void> {
  // Copied, since each fact that is applied changes what the session holds.
  const holds = [...session.holds].map(([job, grants]) => ({ job, grants: [...grants] }));
  for (const { job: number, grants } of holds) {
    const job = farm.jobs.get(number);
    if (job === undefined) continue;
    for (const grant of grants)
      yield* factsInsideJob(number, "a hello was judged", returnUnnamedGrant(job, grant, hello));
  }
}

function* returnUnnamedGrant(job: JobView, grant: GrantNumber, hello: Hello): Generator<Fact, void, void> {
  const ranges = job.grants.get(grant);
  if (ranges !== undefined) {
    const named = new Set<number>();
    for (const held of hello.ranges) {
      if (held.job === job.number && held.grant === grant)
        for (const range of eachRange(held.spans)) named.add(range);
    }
    const spans = rangesWhere(ranges.spans, (range) => isHolder(job, range, grant) && !named.has(range));
    if (spans.first.length > 0) yield { kind: "ranges-returned", job: job.number, grant, spans };
    return;
  }
  if (hello.merges.some((merge) => merge.job === job.number && merge.grant === grant)) return;
  const group = [...job.groupsOpen].find((number) => isGrantedUnder(job, number, grant));
  if (group !== undefined) yield { kind: "merge-returned", job: job.number, group, grant };
}

function isGrantedUnder(job: JobView, group: GroupNumber, grant: GrantNumber): boolean {
  const stage = job.groups.get(group)?.stage;
  return stage?.kind === "granted" && stage.grant === grant;
}

/** (H3) */
function closedJobs(farm: FarmView, { role, ranges, merges }: Hello): ReadonlySet<JobNumber> {
  const closed = new Set<JobNumber>();
  for (const { job: number } of [...ranges, ...merges]) {
    const job = farm.jobs.get(number);
    if (job === undefined || !isOpenTo(job, role)) closed.add(number);
  }
  return closed;
}

/** (H2) Those ranges that are done by another grant or given up. */
function settledElsewhere(farm: FarmView, held: GrantedSpans): GrantedSpans {
  const job = jobViewOf(farm, held.job);
  const isSettled = (range: number): boolean => {
    const winner = job.table.winnerOf(range);
    if (winner !== undefined) return winner !== held.grant;
    const state = job.table.stateOf(range);
    return state === "failed" || state === "done"; // Done without outputs, by whomever.
  };
  return { ...held, spans: rangesWhere(held.spans, isSettled) };
}

function rangesWhere(spans: Spans, holds: (range: number) => boolean): Spans {
  const ranges: number[] = [];
  for (const range of eachRange(spans)) if (holds(range)) ranges.push(range);
  return spansOfAscending(ranges);
}

/** Nothing when the session is over, or has a stream again: then the proof was of another process, or comes late. */
export function* decideLost(
  bench: Bench,
  lost: Extract<Command, { kind: "end-lost-session" }>,
): Generator<Fact, void, void> {
  const { farm } = bench;
  const { role, name, incarnation, how, reason } = lost;
  const number = farm.names.get(sessionKey(role, name));
  if (number === undefined) return;
  const session = sessionViewOf(farm, number);
  if (session.incarnation !== incarnation || session.attachment.kind !== "away") return;
  if (how === "died") yield* suspectRunning(bench, session);
  yield { kind: "session-ended", session: number, reason: `${role} ${name} is gone: ${reason}` };
}

/**
 * Sessions of which nothing was heard for a lease's time end. After a stall everybody has a full term again: what they
 * said meanwhile is not read yet.
 */
export function* decideTick(bench: Bench): Generator<Fact, void, void> {
  const { farm, moment, rules } = bench;
  const { nowMs } = moment;
  const stalled = farm.tickedAtMs !== undefined && nowMs - farm.tickedAtMs > rules.stallMs;
  if (stalled) yield { kind: "leases-renewed", atMs: nowMs };
  const silent = [...farm.sessions.values()].filter((session) => nowMs - session.heardAtMs > rules.leaseMs);
  for (const session of silent) yield* endSilent(bench, session);
  yield* drainEnding(bench);
  yield* forgetGone(bench);
  yield { kind: "clock-read", atMs: nowMs };
  yield* reserve(bench);
  if (!stalled && silent.length === 0) yield* speculate(bench); // Else the next tick sees what came back.
}

function* endSilent(bench: Bench, session: SessionView): Generator<Fact, void, void> {
  const seconds = String(bench.rules.leaseMs / 1_000);
  const reason = `nothing was heard of ${session.role} ${session.name} for ${seconds} s`;
  const stream: StreamKey | undefined =
    session.attachment.kind === "attached" ? session.attachment.stream : undefined;
  yield* suspectRunning(bench, session);
  yield { kind: "session-ended", session: session.number, reason };
  if (stream !== undefined)
    yield { kind: "stream-refused", stream, refusal: { why: "over", message: reason } };
}
