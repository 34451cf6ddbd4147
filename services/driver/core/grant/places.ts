// How many ranges of a job an actor processes at a time: a range may take several slots.

import { payloadFor } from "../../../shared/core/payload-for.js";
import { placesOf } from "../../../shared/core/payload-needs.js";
import { canRun } from "../decide/can-run.js";
import type { FarmView, SessionView } from "../state/farm.js";
import type { JobView } from "../state/job.js";

export function placesOn(
  { spec }: Pick<JobView, "spec">,
  { slots, labels }: Pick<SessionView, "slots" | "labels">,
): number {
  return placesOf(payloadFor(spec, labels).needs, slots);
}

/** The same of whichever job at work gives the most: who holds so many ranges has no slot free for anything. */
export class MostPlaces {
  readonly #farm: FarmView;
  /** By kind of node, so that it is found out once for all alike. */
  readonly #cores = new Map<string, number>();

  constructor(farm: FarmView) {
    this.#farm = farm;
  }

  on(session: SessionView): number {
    const cores = this.#cores.get(session.kind) ?? this.#fewestCores(session);
    this.#cores.set(session.kind, cores);
    return placesOf({ cores }, session.slots);
  }

  #fewestCores(session: SessionView): number {
    let fewest = Number.POSITIVE_INFINITY;
    for (const number of this.#farm.live) {
      const job = this.#farm.jobs.get(number);
      if (job === undefined || !canRun(job, session)) continue;
      fewest = Math.min(fewest, payloadFor(job.spec, session.labels).needs.cores);
    }
    return fewest === Number.POSITIVE_INFINITY ? 1 : fewest;
  }
}
