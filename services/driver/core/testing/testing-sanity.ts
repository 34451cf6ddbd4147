// For tests: what must hold of a farm between two turns, whatever happened.
//
// Everything that is kept twice is counted anew from the range table and the groups' stages, and compared.

import { assert, present } from "../../../shared/core/assert.js";
import type { GrantNumber } from "../../../shared/core/id.js";
import { fateOfOutputs } from "../../../shared/core/job-spec.js";
import { eachRange, spansOfAscending } from "../../../shared/core/spans.js";
import { canRun } from "../decide/can-run.js";
import type { Moment } from "../../../shared/core/clock.js";
import type { DurableFact } from "../facts/fact.js";
import type { Rules } from "../rules.js";
import { creditLeft, jobOf, sessionKey, type Farm, type Session } from "../state/farm.js";
import { isLendable } from "../state/fleet.js";
import { placesOn } from "../grant/places.js";
import { isAllTried, isAtWork, type Job } from "../state/job.js";
import { isBarred } from "../state/node.js";
import { roomFor } from "../grant/wall-time.js";
import { rangeStates, type RangeState } from "../state/range-page.js";
import { checkFailed } from "./testing-failed.js";
import { checkPlans, checkWaiting } from "./testing-groups.js";
import { checkInputs, checkOrder } from "./testing-inputs.js";
import { checkPeers } from "./testing-kinds.js";
import { checkMergers, checkNodes } from "./testing-places.js";
import { checkRequests } from "./testing-requests.js";
import { same } from "./testing-same.js";
import { holdsSolitary, isKeptFree } from "../grant/pick-ranges.js";
import { checkReplay } from "./testing-durable.js";
import { isUnproven, type OnBench } from "./testing-unproven.js";
import type { TurnParts } from "../turn.js";
import { mustWait, newTrial } from "../state/trial.js";

/** What a driver was told, and what came of it. */
interface Told {
  readonly journal: readonly DurableFact[];
  readonly moment: Moment;
  readonly rules: Rules;
  readonly parts: Pick<TurnParts, "apply">;
}

/** Throws when the farm contradicts itself, or is not what its facts give. */
export function checkFarm(farm: Farm, { journal, moment, rules, parts }: Told): void {
  for (const job of farm.jobs.values()) {
    checkRanges(job);
    checkInputs(job);
    checkGroups(job);
    checkPlans(job);
    checkGrants(farm, job);
    checkStage(farm, job);
    checkTrials(job);
    checkSettled({ farm, moment, rules }, job);
  }
  for (const session of farm.sessions.values()) checkSession(farm, session);
  checkPeers(farm);
  checkNodes(farm);
  checkMergers(farm);
  checkOrder(farm);
  assert(farm.names.size === farm.sessions.size, "each session has one name");
  checkRequests(farm);
  checkReplay(farm, journal, parts.apply);
}

/** Nothing is lent to a node that is drained (N4). */
export function checkLent(farm: Farm, facts: readonly DurableFact[]): void {
  for (const fact of facts) {
    if (fact.kind !== "ranges-granted" && fact.kind !== "ranges-copied" && fact.kind !== "merge-granted")
      continue;
    const node = farm.sessions.get(fact.session)?.node;
    assert(node === undefined || !farm.drained.has(node), () => `nothing is lent to ${String(node)}`);
  }
}

function rangesOf(job: Job, holds: (range: number, state: RangeState) => boolean): number[] {
  const ranges: number[] = [];
  for (let range = 0; range < job.table.ranges; range += 1)
    if (holds(range, job.table.stateOf(range))) ranges.push(range);
  return ranges;
}

/** (R1, J1) */
function checkRanges(job: Job): void {
  const { table, ready, room, unmerged } = job;
  for (const state of rangeStates) {
    const found = rangesOf(job, (_, one) => one === state);
    same(table.counts[state], found.length, `ranges that are ${state}`);
  }
  const isReady = rangesOf(job, (_, state) => state === "ready");
  const mayGo = (range: number): boolean => !mustWait(job.trials.get(range) ?? newTrial());
  same(ready.spans(), spansOfAscending(isReady.filter(mayGo)), "ready ranges");
  same(
    [...room.ranges()].sort((a, b) => a - b),
    isReady.filter((range) => !mayGo(range)),
    "those that wait",
  );
  const waiting = rangesOf(job, (range, state) => state === "done" && table.groupOf(range) === undefined);
  same(unmerged.spans(), spansOfAscending(waiting), "unmerged ranges");
  const failed = rangesOf(job, (_, state) => state === "failed");
  checkFailed(job, failed);
  const done = rangesOf(job, (_, state) => state === "done" || state === "merged");
  same(job.eventsDone, job.layout.eventsIn(spansOfAscending(done)), "events done");
}

/** (T1) */
function checkTrials(job: Job): void {
  for (const [range, { attempts }] of job.trials) {
    const state = job.table.stateOf(range);
    assert(state === "ready" || state === "held", `range ${String(range)} has a trial, and is ${state}`);
    const counted = attempts.filter((attempt) => attempt.counted).length;
    assert(counted <= job.table.creditUsed(range), `range ${String(range)} paid for what is counted`);
  }
}

/** (J2, G1) */
function checkGroups(job: Job): void {
  const members: number[] = [];
  for (const group of job.groups.values()) {
    const { kind } = group.stage;
    const state = kind === "published" || kind === "closed" ? "merged" : "done";
    for (const range of eachRange(group.spans)) {
      members.push(range);
      same(job.table.stateOf(range), state, `state of range ${String(range)} of a group that is ${kind}`);
      same(job.table.groupOf(range), group.number, `group of range ${String(range)}`);
    }
    same(job.groupsOpen.has(group.number), kind !== "closed" && kind !== "failed", "whether it is open");
  }
  const kinds = [...job.groups.values()].map(({ stage }) => stage.kind);
  const merged = kinds.filter((kind) => kind === "published" || kind === "closed");
  same(job.filesMerged, merged.length, "how many files are merged");
  same(job.groupsFailed, kinds.filter((kind) => kind === "failed").length, "how many groups were given up");
  const grouped = rangesOf(job, (range) => job.table.groupOf(range) !== undefined);
  same(
    members.sort((a, b) => a - b),
    grouped,
    "members of groups, each in one",
  );
  assert(job.groupsOpen.size <= job.groups.size, "open groups are groups");
}

/** (M2, B2) */
function checkGrants(farm: Farm, job: Job): void {
  const held = new Map<GrantNumber, number>();
  for (const [range, holder] of holdersOf(job)) {
    held.set(holder, (held.get(holder) ?? 0) + 1);
    const spans = present(job.grants.get(holder), `grant ${String(holder)}`).spans;
    assert([...eachRange(spans)].includes(range), `range ${String(range)} was given to its holder`);
  }
  const byNumber = (a: readonly [number, number], b: readonly [number, number]): number => a[0] - b[0];
  const left = [...job.grants].map(([number, grant]) => [number, grant.left] as const);
  same(left.sort(byNumber), [...held].sort(byNumber), "how many ranges each grant has left");
  const lent = new Map([...job.grants].map(([number, grant]) => [number, grant.session]));
  for (const { stage } of job.groups.values())
    if (stage.kind === "granted") lent.set(stage.grant, stage.session);
  for (const [number, session] of lent) {
    assert(number <= job.lastGrant, "no grant is younger than the last one");
    const holder = present(farm.sessions.get(session), `session ${String(session)}`);
    assert(holder.holds.get(job.number)?.has(number) === true, `it holds grant ${String(number)}`);
  }
  const holds = [...farm.sessions.values()].flatMap(({ holds }) => [...(holds.get(job.number) ?? [])]);
  same(holds.length, lent.size, "how many grants are held");
}

/** Held ranges with their holders, of which those that are copied have two (C1). */
function holdersOf(job: Job): (readonly [range: number, holder: GrantNumber])[] {
  const first = rangesOf(job, (_, state) => state === "held").map(
    (range) => [range, present(job.table.holderOf(range), "holder")] as const,
  );
  for (const [range, copy] of job.copies) {
    const holder = present(job.table.holderOf(range), `holder of range ${String(range)}, which is copied`);
    const sessions = [holder, copy].map((grant) => job.grants.get(grant)?.session);
    assert(sessions[0] !== sessions[1], `range ${String(range)} is held by two sessions`);
  }
  return [...first, ...job.copies];
}

/** (J3) */
function checkStage(farm: Farm, job: Job): void {
  const { kind } = job.stage;
  same(farm.live.has(job.number), kind !== "reported" && kind !== "broken", "whether the job is live");
  if (isAtWork(job) || kind === "broken") return;
  const { ready, held } = job.table.counts;
  const unmerged = fateOfOutputs(job.spec) === "merged" ? job.unmerged.size : 0;
  same([ready, held, unmerged, job.groupsOpen.size], [0, 0, 0, 0], "what an ended job has left");
}

/** What is never left undone at the end of a turn (V1, V3). */
function checkSettled(bench: OnBench, job: Job): void {
  const { farm, moment } = bench;
  if (!isAtWork(job)) return;
  const mayGrant = job.stage.kind !== "suspended";
  if (mayGrant && job.ready.size > 0)
    for (const session of farm.sessions.values())
      assert(
        !mayTake(farm, session, job, moment.nowMs) || isKeptFree(farm, session),
        "no ready range beside a free slot that may run it",
      );
  if (mayGrant) checkRoom(bench, job);
  checkWaiting(farm, job);
  assert(!isAllTried(job) || job.groupsOpen.size > 0, "a job with nothing left to do has ended");
}

/**
 * Whether it asks for more, has a free slot, and a range of the job may run there to its end. One whose slots wide ranges
 * had is looked at again for narrow ones at the next tick.
 */
function mayTake(farm: Farm, session: Session, job: Job, nowMs: number): boolean {
  if (session.held < session.slots && farm.kinds.get(session.kind)?.sated.has(session.number) === true)
    return false;
  const hasFreeSlot = creditLeft(session) > 0 && session.held < placesOn(job, session);
  return isLendable(session) && hasFreeSlot && canRun(job, session) && roomFor(job, session, nowMs) > 0;
}

function checkRoom(bench: OnBench, job: Job): void {
  const { farm, moment } = bench;
  for (const session of farm.sessions.values())
    for (const range of mayTake(farm, session, job, moment.nowMs) ? job.room.ranges() : [])
      assert(!isFor(bench, job, session, range), "no range that waited beside an actor that may have it");
}

/** Told anew from trials and nodes (pick-ranges.ts, K5): whether a range that is due is for this session. */
function isFor(bench: OnBench, job: Job, session: Session, range: number): boolean {
  const { farm } = bench;
  const { dueUnixMs, avoids, solitary } = present(job.trials.get(range), "trial");
  if (dueUnixMs > 0) return false; // Whether it is due is passing.
  if (holdsSolitary(farm, session) || (solitary && session.held > 0)) return false;
  if (!solitary && isKeptFree(farm, session)) return false;
  const able = [...farm.sessions.values()].filter(isAble);
  const others = able.filter(({ node }) => !avoids.includes(node));
  const sound = others.filter(({ node }) => farm.nodes.get(node)?.isDoubtful !== true);
  const first = sound.length > 0 ? sound : others.length > 0 ? others : able;
  const isAlone = able.every(({ node }) => node === session.node);
  if (isAlone && isUnproven(bench, session.node)) return !avoids.includes(session.node);
  return avoids.length === 0 || first.some(({ node }) => node === session.node);

  function isAble(one: Session): boolean {
    const { role, node, attachment } = one;
    const isLeaving = attachment.kind === "attached" && attachment.draining;
    return role === "actor" && !isLeaving && !isBarred(farm.nodes.get(node), role) && canRun(job, one);
  }
}

/** (S1, B1, M3) */
function checkSession(farm: Farm, session: Session): void {
  const { number, attachment, role, name } = session;
  same(farm.names.get(sessionKey(role, name)), number, `session called ${name}`);
  const streams = [...farm.streams].filter(([, of]) => of === number).map(([stream]) => stream);
  same(streams, attachment.kind === "attached" ? [attachment.stream] : [], "its stream");
  same(farm.hungry.has(number), role === "merger" && creditLeft(session) > 0, "whether it is hungry");
  if (attachment.kind === "attached")
    assert(attachment.granted <= attachment.credit, "it was granted at most what it asked for (P7)");
  const ranges = [...session.holds].flatMap(([job, grants]) =>
    [...grants].map((grant) => jobOf(farm, job).grants.get(grant)?.left ?? 0),
  );
  same(
    session.held,
    ranges.reduce((sum, left) => sum + left, 0),
    "how many ranges it holds",
  );
  for (const [job, grants] of session.holds) {
    assert(grants.size > 0, "a session holds something of the jobs that it has grants of");
    for (const grant of grants)
      assert(isLent(jobOf(farm, job), grant), `grant ${String(grant)} that it holds is lent`);
  }
}

function isLent(job: Job, grant: GrantNumber): boolean {
  if (job.grants.has(grant)) return true;
  return [...job.groups.values()].some(({ stage }) => stage.kind === "granted" && stage.grant === grant);
}
