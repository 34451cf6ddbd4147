// Jobs that have something to be seen to, in the order in which they are served.
//
//   O1. A job of higher priority comes before one of lower; of one priority, the job that was submitted first.
//
// The place is found when a job enters, so that no turn sorts. What is held is not taken away for a job that comes before.

import type { Farm } from "./farm.js";
import type { Job } from "./job.js";

/** Enters a job in its place (O1). */
export function enterLive(farm: Farm, job: Job): void {
  const behind = [...farm.live].filter((number) => {
    const other = farm.jobs.get(number);
    return other !== undefined && comesBefore(job, other);
  });
  for (const number of behind) farm.live.delete(number);
  for (const number of [job.number, ...behind]) farm.live.add(number);
}

type Placed = Pick<Job, "number" | "spec">;

/** (O1) */
export function comesBefore(one: Placed, other: Placed): boolean {
  const { priority } = one.spec;
  return priority === other.spec.priority ? one.number < other.number : priority > other.spec.priority;
}
