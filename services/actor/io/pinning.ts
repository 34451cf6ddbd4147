// Keeps the program of a slot to the slot's cores, so that it does not wander from one to another and from its memory.

import { failureOf } from "../../shared/core/failure.js";
import { slotsTaken, type PayloadNeeds } from "../../shared/core/payload-needs.js";
import { StartFailure } from "../../shared/io/process-group.js";
import type { RunProgram } from "../../shared/io/user-programs.js";
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

/** Runs what `pinned` made: where the node has no such program, its user is told who asked for it. */
export function runnerOf(run: RunProgram, { pin }: PayloadNeeds): RunProgram {
  if (pin === "none") return run;
  return async (command, options, signal) => {
    try {
      return await run(command, options, signal);
    } catch (error) {
      if (!(error instanceof StartFailure) || error.failure.class !== "fatal") throw error;
      const expected = "expected taskset on this node, for the job file's pin: cores";
      const remedy = "install util-linux on the node, have taskset in the payload's PATH, or leave pin out";
      throw new StartFailure(failureOf("node", `${expected}; ${error.message}; ${remedy}`), error);
    }
  };
}
