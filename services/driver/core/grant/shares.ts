// How much of what is ready each actor is due, so that all of them end together.
//
//   H1. An actor's speed is how many ranges it does in a millisecond with all its slots: by its own measured pace, or else
//       by that of its kind of node, or else by that of all nodes; before anything is measured, slots count alike.
//   H2. All that is ready, and all that is held, would be done at one time if each held of it what its speed makes of it.
//       Who holds more already is due nothing, and the others share what is left. At the end of a job a difference of a
//       few ranges is what one node works for while all others stand idle.
//   H3. What all those that may run a job hold, and how fast they are together, is summed over kinds of node. Where these are
//       many, as when each node has a label of its own, the sum stands for some time in which it changes little, the longer the
//       more there are: 1 % of the driver's time goes into it, and no turn's cost grows with kinds.

import { canRun } from "../decide/can-run.js";
import { bestTimes } from "../state/event-times.js";
import type { NodeKindView, SessionView } from "../state/farm.js";
import type { Crew } from "../state/crew.js";
import type { JobView } from "../state/job.js";
import { grantable } from "./pick-ranges.js";

/** Of one slot, on that kind of node. After a restart of the driver the job's times tell it, until paces are known. */
export function slotSpeedOn(job: JobView, kind: string): number {
  return job.paces.slotSpeedOn(kind) ?? 1 / Math.max(bestTimes(job.times, kind).meanMs ?? 1, 1);
}

/** (H1) */
function speedOf(job: JobView, { number, kind, slots }: SessionView): number {
  return job.paces.speedOf(number) ?? slots * slotSpeedOn(job, kind);
}

/** (H3) So few kinds are summed anew each time; of more, so many let the sum stand for a millisecond. */
const kindsFew = 100;
const kindsOfMs = 100;

/** For how long a sum over so many kinds stands (H3). */
export function standsForMs(kinds: number): number {
  return kinds > kindsFew ? kinds / kindsOfMs : 0;
}

/** Of the kinds, those count that can run the job. */
export function crewOf(job: JobView, kinds: Iterable<NodeKindView>, atMs: number): Crew {
  let ranges = grantable(job);
  let speed = 0;
  for (const kind of kinds) {
    if (!canRun(job, kind)) continue;
    ranges += kind.held;
    speed += kind.slots * slotSpeedOn(job, kind.name);
  }
  return { ranges, speed, atMs };
}

/** Shares of a job among the actors of some kinds of node, taken one after the other. */
export class Shares {
  readonly #job: JobView;
  /** Ranges that are ready, or held by those who have not taken their share yet, and the speed of these (H2). */
  #ranges: number;
  #speed: number;

  constructor(job: JobView, { ranges, speed }: Crew) {
    this.#job = job;
    this.#ranges = ranges;
    this.#speed = speed;
  }

  /** How many more ranges the actor is due; below 0 when it holds too many already. */
  dueOf(session: SessionView): number {
    const share = speedOf(this.#job, session) / this.#speed;
    return (share < 1 ? Math.ceil(this.#ranges * share) : this.#ranges) - session.held;
  }

  /** The actor has what it gets now: so many ranges more than before. */
  settle(session: SessionView, given: number): void {
    this.#ranges -= session.held + given;
    this.#speed -= speedOf(this.#job, session);
  }
}
