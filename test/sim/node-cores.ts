// The cores of a simulated node, and whose payloads are on them: what an actor believes of its slots is not asked.

import type { DriverMessage } from "../../services/actor/core/message.js";
import type { JobNumber } from "../../services/shared/core/id.js";
import { slotsTaken } from "../../services/shared/core/payload-needs.js";

export class NodeCores {
  readonly #count: number;
  /** So many does a range of the job take, as the driver said it. */
  readonly #ofJob = new Map<JobNumber, number>();
  /** By the first one, those that payloads have. */
  readonly #taken = new Map<number, number>();

  constructor(count: number) {
    this.#count = count;
  }

  hear({ word }: DriverMessage): void {
    if (word.kind === "open-job") this.#ofJob.set(word.job, slotsTaken(word.spec.payload.needs, this.#count));
  }

  /** A payload begins on its cores, from this one on; returns what is wrong with that, if anything is. */
  take(first: number, job: JobNumber): string | undefined {
    const cores = this.#ofJob.get(job) ?? 1;
    const last = first + cores - 1;
    for (const [other, count] of this.#taken)
      if (other <= last && first < other + count)
        return `cores ${first} to ${last} are given to job ${job}, and a payload has those from ${other} on`;
    this.#taken.set(first, cores);
    return last < this.#count
      ? undefined
      : `core ${last} is given to job ${job}, and there are ${this.#count}`;
  }

  leave(first: number): void {
    this.#taken.delete(first);
  }
}
