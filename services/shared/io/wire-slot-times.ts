// Between what became of slots and its message.

import type { SlotTimes as WireSlotTimes } from "../../../gen/noctua/v1/types.js";
import { jobNumber } from "../core/id.js";
import { slotTimesOf, type SlotTimes } from "../core/slot-times.js";
import { atLeastOne, WireError } from "./wire-checks.js";

/** Jobs of which one message may tell. */
const jobsMax = 1_000;

export function slotTimesToWire({ startingMs, waitingMs, jobs }: SlotTimes): WireSlotTimes {
  return { startingMs, waitingMs, jobs: [...jobs] };
}

export function slotTimesFromWire(message: WireSlotTimes | undefined, where: string): SlotTimes | undefined {
  if (message === undefined) return undefined;
  const { startingMs, waitingMs, jobs } = message;
  if (jobs.length > jobsMax)
    throw new WireError(`${where}.jobs`, `at most ${jobsMax} jobs`, String(jobs.length));
  return slotTimesOf({
    startingMs,
    waitingMs,
    jobs: jobs.map(({ job, ...times }, i) => {
      return { job: jobNumber(atLeastOne(job, `${where}.jobs[${i}].job`)), ...times };
    }),
  });
}
