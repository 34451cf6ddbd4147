// Ranges that were handed over ahead, behind one that takes far longer than was thought, do not wait for it.
//
//   K1. While nothing waits and another slot could begin them, what is behind a range that has its slot for `lateMs` is taken
//       back, and waits as before.
//   K2. Such a slot gets nothing ahead.
//   K3. What its process has begun meanwhile stays there. The process may begin what was taken back all the same, since it
//       hears of it too late: that is its time lost, and nobody looks at what it makes.

import { mayBegin, nearestBlock } from "./blocks.js";
import type { Actor } from "./state.js";
import type { ActorAction } from "./step.js";

/** Some times longer than anything that is handed over ahead with all that is before it (F4 of prefetch.ts). */
const lateMs = 1_000;

/** (K2) */
export function isLate({ slots, sinceMs }: Actor, slot: number, nowMs: number): boolean {
  return slots[slot]?.length !== 0 && nowMs >= (sinceMs[slot] ?? nowMs) + lateMs;
}

/** (K1) */
export function recall(actor: Actor, nowMs: number, out: ActorAction[]): void {
  for (const slot of slotsToRecall(actor)) {
    if (!isLate(actor, slot, nowMs)) continue;
    for (const run of actor.slots[slot]?.slice(1) ?? []) {
      if (run.fate !== "wanted") continue;
      run.fate = "recalled";
      out.push({ kind: "recall-range", slot, held: run.held });
    }
  }
}

/** When something is to be taken back, if nothing happens before. */
export function recallAtMs(actor: Actor): number[] {
  return slotsToRecall(actor).map((slot) => (actor.sinceMs[slot] ?? 0) + lateMs);
}

/** Those that have ranges ahead which another slot could begin. */
function slotsToRecall(actor: Actor): number[] {
  if (actor.waiting.size > 0 || actor.leaving.kind !== "staying") return [];
  const found: number[] = [];
  const free = new Map<number, boolean>();
  for (const [slot, runs] of actor.slots.entries()) {
    if (runs.length < 2 || !runs.some(({ fate }, at) => at > 0 && fate === "wanted")) continue;
    const cores = runs[0]?.cores ?? 1;
    const hasRoom = free.get(cores) ?? mayBegin(actor, nearestBlock(actor, cores), undefined);
    free.set(cores, hasRoom);
    if (hasRoom) found.push(slot);
  }
  return found;
}
