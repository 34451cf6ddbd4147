// Keeps the program of a slot to the slot's cores, so that it does not wander from one to another and from its memory.

import { slotsTaken, type PayloadNeeds } from "../../shared/core/payload-needs.js";
import { cpusOfSlots } from "./node-cpus.js";

/** What an actor has to share out. */
export interface NodeShares {
  /** Of the actor. */
  readonly slots: number;
  /** The cores of its node that it may use, neighbours beside each other. */
  readonly cpus: readonly number[];
}

/** The command of a program that has so many places for ranges, from the one whose first slot this is. */
export function pinned(
  command: readonly string[],
  needs: PayloadNeeds,
  { slots, cpus }: NodeShares,
  { firstSlot, places }: { readonly firstSlot: number; readonly places: number },
): readonly string[] {
  if (needs.pin === "none") return command;
  const count = Math.min(places * slotsTaken(needs, slots), slots - firstSlot);
  const own = cpusOfSlots(cpus, slots, { first: firstSlot, count });
  return ["taskset", "--cpu-list", own.join(","), ...command];
}
