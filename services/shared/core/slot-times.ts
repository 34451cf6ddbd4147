// What became of a node's slots, in slot-milliseconds, as an actor tells its driver.

import type { JobNumber } from "./id.js";

/** Since it was told last. */
export interface SlotTimes {
  /** All that is told of: the sum of the others. */
  readonly heldMs: number;
  /** A payload was being started. */
  readonly startingMs: number;
  /** The slots had nothing to do. */
  readonly waitingMs: number;
  readonly jobs: readonly JobSlotTime[];
}

export interface JobSlotTime {
  readonly job: JobNumber;
  /** Its ranges ran. */
  readonly busyMs: number;
  /** Of what was ever told as busy: it has come to nothing, as is known since. */
  readonly lostMs: number;
  /** Of what was ever told as busy: the ranges run still. In place of what was told before. */
  readonly runningMs: number;
}

/** With the sum of them. */
export function slotTimesOf(told: Omit<SlotTimes, "heldMs">): SlotTimes {
  const busyMs = told.jobs.reduce((sum, job) => sum + job.busyMs, 0);
  return { ...told, heldMs: told.startingMs + told.waitingMs + busyMs };
}
