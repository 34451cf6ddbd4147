// Which slot takes which waiting range.
//
//   W5. While too many outputs are being stored, no slot begins a range: storage that is slow slows the node, and no
//       queue grows (P7).
//       Where they wait for room, what no slot has begun is handed back, and nothing more is asked for: others may have room.
//   W6. A slot stays with the job that it ran last, while one of its ranges waits here: its payload may have been costly
//       to start. The slots that are left take what came first.
//   W7. When no slot is free, those whose processes live for many ranges get some of the same job ahead (prefetch.ts), one
//       after the other, so that none has to wait for us between two. What is to be alone gets none, and is none of them. Nor does a slot whose
//       range takes far longer get any (recall.ts).

import type { JobPlan } from "../../shared/core/job-plan.js";
import { coresOf, cover, isFree, isKeptFrom, mayBegin, nearestBlock, type Block } from "./blocks.js";
import { aheadTarget, stagingTarget } from "./prefetch.js";
import { isLate } from "./recall.js";
import type { Actor } from "./state.js";
import type { ActorAction } from "./step.js";
import type { Waiting } from "./waiting.js";

/** Gives the slots what waits. */
export function fillSlots(actor: Actor, nowMs: number, out: ActorAction[]): void {
  const begin = (slot: number, chosen: Startable): void => {
    actor.sinceMs[slot] = nowMs;
    start(actor, slot, chosen, out);
  };
  if (actor.waiting.size > 0) {
    fillEach(actor, (slot, kept) => ofSameJob(actor, slot, kept), begin);
    fillEach(actor, (slot, kept) => firstOfAll(actor, slot, kept), begin);
  }
  if (actor.waiting.size > 0) handAhead(actor, nowMs, out);
}

type Choice = (slot: number, kept: Block | undefined) => Startable | undefined;

/** Starts in each free slot what is chosen for it. */
function fillEach(actor: Actor, choose: Choice, begin: (slot: number, chosen: Startable) => void): void {
  let kept = keptBlock(actor);
  for (let slot = 0; slot < actor.slots.length; slot += 1) {
    if (!isFree(actor, slot)) continue;
    if (actor.waiting.size === 0 || isStorageBusy(actor)) return;
    const chosen = choose(slot, kept);
    if (chosen === undefined) continue;
    begin(slot, chosen);
    if (chosen.cores > 1) kept = keptBlock(actor);
  }
}

/** (W7) */
function handAhead(actor: Actor, nowMs: number, out: ActorAction[]): void {
  const ahead = aheadTarget(actor.meanMs);
  const low: number[] = [];
  let behind = ahead + 1;
  for (const [slot, runs] of actor.slots.entries()) {
    if (runs.length === 0 || runs.length > ahead || takesNoneAhead(actor, slot, nowMs)) continue;
    low.push(slot);
    behind = Math.min(behind, runs.length);
  }
  const kept = low.length === 0 ? undefined : keptBlock(actor);
  for (; behind <= ahead && actor.waiting.size > 0; behind += 1) {
    for (const slot of low) if (actor.slots[slot]?.length === behind) handOneAhead(actor, slot, kept, out);
  }
}

function takesNoneAhead(actor: Actor, slot: number, nowMs: number): boolean {
  return actor.slots[slot]?.[0]?.alone === true || isLate(actor, slot, nowMs);
}

function handOneAhead(actor: Actor, slot: number, kept: Block | undefined, out: ActorAction[]): void {
  if (isStorageBusy(actor)) return;
  const chosen = firstOfJob(actor, slot);
  if (chosen?.plan.spec.payload.kind !== "stream" || chosen.waiting.alone) return;
  if (!isKeptFrom({ first: slot, cores: chosen.cores }, kept)) start(actor, slot, chosen, out);
}

/** What is kept free for the range that came first of all, when it takes several slots (B3 of blocks.ts). */
function keptBlock(actor: Actor): Block | undefined {
  if (!actor.hasWideJobs) return undefined;
  const first = startable(actor, actor.waiting.firsts());
  return first === undefined || first.cores === 1 ? undefined : nearestBlock(actor, first.cores);
}

/** As much waits for room as may (W5). */
export function isStuck(actor: Actor): boolean {
  return actor.isStorageWaiting && isStorageBusy(actor);
}

function isStorageBusy({ staging, settings, meanBytes }: Actor): boolean {
  return staging.size >= stagingTarget(meanBytes, settings);
}

interface Startable {
  readonly waiting: Waiting;
  readonly plan: JobPlan;
  /** So many slots does it take. */
  readonly cores: number;
}

function start(
  actor: Actor,
  slot: number,
  { waiting: { held, alone, recalls }, plan, cores }: Startable,
  out: ActorAction[],
): void {
  const { waiting, slots, lastJobs } = actor;
  waiting.takeFirst(held.job);
  slots[slot]?.push({ held, alone, cores, recalls, fate: "wanted" });
  cover(actor, slot, cores);
  for (let taken = slot; taken < slot + cores; taken += 1) lastJobs[taken] = held.job;
  out.push({ kind: "start-range", slot, held, alone, recalls, plan });
}

/** (W6) */
function ofSameJob(actor: Actor, slot: number, kept: Block | undefined): Startable | undefined {
  const first = firstOfJob(actor, slot);
  return first !== undefined && fits(actor, slot, first, kept) ? first : undefined;
}

/** Of those that may begin in the slot, the one that came first. */
function firstOfAll(actor: Actor, slot: number, kept: Block | undefined): Startable | undefined {
  return startable(actor, actor.waiting.firsts(), (one) => fits(actor, slot, one, kept));
}

function fits(actor: Actor, slot: number, { cores }: Startable, kept: Block | undefined): boolean {
  return mayBegin(actor, { first: slot, cores }, kept);
}

/** Of the job that the slot ran last. */
function firstOfJob(actor: Actor, slot: number): Startable | undefined {
  const job = actor.lastJobs[slot];
  const first = job === undefined ? undefined : actor.waiting.firstOf(job);
  return first === undefined ? undefined : startable(actor, [first]);
}

/** The first of them, each the first of its job, that all is known of (W3 of work.ts). */
function startable(
  actor: Actor,
  firsts: readonly Waiting[],
  isMeant: (one: Startable) => boolean = () => true,
): Startable | undefined {
  for (const waiting of firsts) {
    const { job, range } = waiting.held;
    const state = actor.jobs.get(job)?.state;
    if (state?.kind !== "open" || range >= state.plan.layout.ranges) continue;
    const one = { waiting, plan: state.plan, cores: coresOf(actor, state.plan) };
    if (isMeant(one)) return one;
  }
  return undefined;
}
