// How much of what is ready each actor is due, so that all of them end together.
//
//   H1. An actor's speed is how many ranges it does in a millisecond with all its slots: by its own measured pace, or else
//       by that of its kind of node, or else by that of all nodes; before anything is measured, slots count alike.
//   H2. All that is ready, and all that is held, would be done at one time if each held of it what its speed makes of it.
//       Who holds more already is due nothing, and the others share what is left. At the end of a job a difference of a
//       few ranges is what one node works for while all others stand idle.

import { canRun } from "../decide/can-run.js";
import { bestTimes } from "../state/event-times.js";
import type { NodeKindView, SessionView } from "../state/farm.js";
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

/** Shares of a job among the actors of some kinds of node, taken one after the other. */
export class Shares {
  readonly #job: JobView;
  /** Ranges that are ready, or held by those who have not taken their share yet, and the speed of these (H2). */
  #ranges: number;
  #speed = 0;

  /** Of the kinds, those count that can run the job. */
  constructor(job: JobView, kinds: Iterable<NodeKindView>) {
    this.#job = job;
    this.#ranges = grantable(job);
    for (const kind of kinds) {
      if (!canRun(job, kind)) continue;
      const { name, slots, held } = kind;
      this.#ranges += held;
      this.#speed += slots * slotSpeedOn(job, name);
    }
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
