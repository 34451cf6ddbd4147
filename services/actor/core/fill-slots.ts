// Which slot takes which waiting range.
//
//   W5. While too many outputs are being stored, no slot begins a range: storage that is slow slows the node, and no
//       queue grows (P7).
//   W6. A slot stays with the job that it ran last, while one of its ranges waits here: its payload may have been costly
//       to start. The slots that are left take what came first.
//   W7. When no slot is free, those whose processes live for many ranges get some of the same job ahead (prefetch.ts), one
//       after the other, so that none has to wait for us between two. What is to be alone gets none, and is none of them.

import type { JobPlan } from "../../shared/core/job-plan.js";
import { coresOf, cover, isFree, isKeptFrom, mayBegin, nearestBlock, type Block } from "./blocks.js";
import type { HeldRange } from "./held.js";
import { aheadTarget } from "./prefetch.js";
import type { Actor } from "./state.js";
import type { ActorAction } from "./step.js";

/** Gives the slots what waits. */
export function fillSlots(actor: Actor, out: ActorAction[]): void {
  if (actor.waiting.size === 0) return;
  fillEach(actor, (slot, kept) => ofSameJob(actor, slot, kept), out);
  fillEach(actor, (slot, kept) => firstOfAll(actor, slot, kept), out);
  const ahead = aheadTarget(actor.meanMs);
  const kept = ahead === 0 ? undefined : keptBlock(actor);
  for (let behind = 1; behind <= ahead && actor.waiting.size > 0; behind += 1)
    handAhead(actor, { behind, kept }, out);
}

type Choice = (slot: number, kept: Block | undefined) => Startable | undefined;

/** Starts in each free slot what is chosen for it. */
function fillEach(actor: Actor, choose: Choice, out: ActorAction[]): void {
  let kept = keptBlock(actor);
  for (let slot = 0; slot < actor.slots.length; slot += 1) {
    if (!isFree(actor, slot)) continue;
    if (actor.waiting.size === 0 || isStorageBusy(actor)) return;
    const chosen = choose(slot, kept);
    if (chosen === undefined) continue;
    start(actor, slot, chosen, out);
    if (chosen.cores > 1) kept = keptBlock(actor);
  }
}

/** Gives each slot that has so many ranges another (W7). */
function handAhead(
  actor: Actor,
  { behind, kept }: { readonly behind: number; readonly kept: Block | undefined },
  out: ActorAction[],
): void {
  for (const [slot, runs] of actor.slots.entries()) {
    if (isStorageBusy(actor)) return;
    if (runs.length !== behind || runs.some(({ alone }) => alone)) continue;
    const chosen = firstOfJob(actor, slot);
    if (chosen?.plan.spec.payload.kind !== "stream" || actor.waiting.isAlone(chosen.held)) continue;
    if (!isKeptFrom({ first: slot, cores: chosen.cores }, kept)) start(actor, slot, chosen, out);
  }
}

/** What is kept free for the range that came first of all, when it takes several slots (B3 of blocks.ts). */
function keptBlock(actor: Actor): Block | undefined {
  if (!actor.hasWideJobs) return undefined;
  const first = startable(actor, actor.waiting.firsts());
  return first === undefined || first.cores === 1 ? undefined : nearestBlock(actor, first.cores);
}

/** (W5) */
function isStorageBusy({ staging, settings }: Actor): boolean {
  return staging.size >= settings.stagingMax;
}

interface Startable {
  readonly held: HeldRange;
  readonly plan: JobPlan;
  /** So many slots does it take. */
  readonly cores: number;
}

function start(actor: Actor, slot: number, { held, plan, cores }: Startable, out: ActorAction[]): void {
  const { waiting, slots, lastJobs } = actor;
  const alone = waiting.isAlone(held);
  waiting.delete(held);
  slots[slot]?.push({ held, alone, cores, fate: "wanted" });
  cover(actor, slot, cores);
  for (let taken = slot; taken < slot + cores; taken += 1) lastJobs[taken] = held.job;
  out.push({ kind: "start-range", slot, held, alone, plan });
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

/** The first of them that all is known of (W3 of work.ts). */
function startable(
  actor: Actor,
  firsts: readonly HeldRange[],
  isMeant: (one: Startable) => boolean = () => true,
): Startable | undefined {
  for (const held of firsts) {
    const state = actor.jobs.get(held.job)?.state;
    if (state?.kind !== "open" || held.range >= state.plan.layout.ranges) continue;
    const one = { held, plan: state.plan, cores: coresOf(actor, state.plan) };
    if (isMeant(one)) return one;
  }
  return undefined;
}
