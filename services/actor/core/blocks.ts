// Slots are cores of the node. A range whose payload needs several takes as many neighbouring ones: a block.
//
//   B1. A block of n slots begins with one whose number n divides, so that ranges of one width never leave a gap. Where the
//       node has fewer slots, a range takes all.
//   B2. No slot is two ranges' at a time, save for what was handed over ahead.
//   B3. While the range that came first of all that wait needs more slots than are free together, the block that is the
//       nearest to being free is kept for it: no narrower range begins there. So no stream of narrow ones holds it up for
//       ever.

import type { JobPlanView } from "../../shared/core/job-plan.js";
import { slotsTaken } from "../../shared/core/payload-needs.js";
import type { Actor, Run } from "./state.js";

/** Some neighbouring slots. */
export interface Block {
  readonly first: number;
  readonly cores: number;
}

/** How many slots a range of the job takes here (B1). */
export function coresOf({ slots }: Actor, { spec }: JobPlanView): number {
  return slotsTaken(spec.payload.needs, slots.length);
}

export function isFree({ slots, coveredBy }: Actor, slot: number): boolean {
  return slots[slot]?.length === 0 && coveredBy[slot] === undefined;
}

/** Whether a range may begin in this block (B1, B2), with one kept for another (B3). */
export function mayBegin(actor: Actor, block: Block, kept: Block | undefined): boolean {
  if (isKeptFrom(block, kept)) return false;
  if (block.cores === 1) return isFree(actor, block.first);
  const isOne = block.first % block.cores === 0 && block.first + block.cores <= actor.slots.length;
  return isOne && takenIn(actor, block) === 0;
}

/** (B3) */
export function isKeptFrom({ first, cores }: Block, kept: Block | undefined): boolean {
  if (kept === undefined || cores >= kept.cores) return false;
  return first < kept.first + kept.cores && kept.first < first + cores;
}

/** The block of so many slots that is the nearest to being free; the first of these. */
export function nearestBlock(actor: Actor, cores: number): Block {
  let nearest = { first: 0, cores };
  let least = Number.POSITIVE_INFINITY;
  for (let first = 0; first + cores <= actor.slots.length; first += cores) {
    const taken = takenIn(actor, { first, cores });
    if (taken < least) nearest = { first, cores };
    least = Math.min(least, taken);
  }
  return nearest;
}

/** A range that begins in the slot takes its neighbours too. */
export function cover(actor: Actor, slot: number, cores: number): void {
  for (let covered = slot + 1; covered < slot + cores; covered += 1) actor.coveredBy[covered] = slot;
}

/** The last range has left the slot. */
export function uncover(actor: Actor, slot: number, { cores }: Run): void {
  for (let covered = slot + 1; covered < slot + cores; covered += 1) actor.coveredBy[covered] = undefined;
}

function takenIn(actor: Actor, { first, cores }: Block): number {
  let taken = 0;
  for (let slot = first; slot < first + cores; slot += 1) if (!isFree(actor, slot)) taken += 1;
  return taken;
}
