// Which slot takes which waiting range.
//
//   W5. While too many outputs are being stored, no slot begins a range: storage that is slow slows the node, and no
//       queue grows (P7).
//   W6. A slot stays with the job that it ran last, while one of its ranges waits here: its payload may have been costly
//       to start. The slots that are left take what came first.
//   W7. When no slot is free, those whose processes live for many ranges get some of the same job ahead (prefetch.ts), one
//       after the other, so that none has to wait for us between two. What is to be alone gets none, and is none of them.

import type { JobPlan } from "../../shared/core/job-plan.js";
import type { HeldRange } from "./held.js";
import { aheadTarget } from "./prefetch.js";
import type { Actor } from "./state.js";
import type { ActorAction } from "./step.js";

/** Gives the slots what waits. */
export function fillSlots(actor: Actor, out: ActorAction[]): void {
  if (actor.waiting.size === 0) return;
  fillEach(actor, (slot) => ofSameJob(actor, slot), out);
  fillEach(actor, () => startable(actor, actor.waiting.firsts()), out);
  const ahead = aheadTarget(actor.meanMs);
  for (let behind = 1; behind <= ahead && actor.waiting.size > 0; behind += 1) handAhead(actor, behind, out);
}

/** Starts in each free slot what is chosen for it. */
function fillEach(actor: Actor, choose: (slot: number) => Startable | undefined, out: ActorAction[]): void {
  for (const [slot, runs] of actor.slots.entries()) {
    if (runs.length > 0) continue;
    if (actor.waiting.size === 0 || isStorageBusy(actor)) return;
    const chosen = choose(slot);
    if (chosen !== undefined) start(actor, slot, chosen, out);
  }
}

/** Gives each slot that has so many ranges another (W7). */
function handAhead(actor: Actor, behind: number, out: ActorAction[]): void {
  for (const [slot, runs] of actor.slots.entries()) {
    if (isStorageBusy(actor)) return;
    if (runs.length !== behind || runs.some(({ alone }) => alone)) continue;
    const chosen = ofSameJob(actor, slot);
    if (chosen?.plan.spec.payload.kind !== "stream" || actor.waiting.isAlone(chosen.held)) continue;
    start(actor, slot, chosen, out);
  }
}

/** (W5) */
function isStorageBusy({ staging, settings }: Actor): boolean {
  return staging.size >= settings.stagingMax;
}

interface Startable {
  readonly held: HeldRange;
  readonly plan: JobPlan;
}

function start(actor: Actor, slot: number, { held, plan }: Startable, out: ActorAction[]): void {
  const { waiting, slots, lastJobs } = actor;
  const alone = waiting.isAlone(held);
  waiting.delete(held);
  slots[slot]?.push({ held, alone, fate: "wanted" });
  lastJobs[slot] = held.job;
  out.push({ kind: "start-range", slot, held, alone, plan });
}

/** (W6) */
function ofSameJob(actor: Actor, slot: number): Startable | undefined {
  const job = actor.lastJobs[slot];
  const first = job === undefined ? undefined : actor.waiting.firstOf(job);
  return first === undefined ? undefined : startable(actor, [first]);
}

/** The first of them that all is known of (W3 of work.ts). */
function startable(actor: Actor, firsts: readonly HeldRange[]): Startable | undefined {
  for (const held of firsts) {
    const state = actor.jobs.get(held.job)?.state;
    if (state?.kind === "open" && held.range < state.plan.layout.ranges) return { held, plan: state.plan };
  }
  return undefined;
}
