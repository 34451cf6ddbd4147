// Ranges that wait on the node for a slot.
//
//   Q1. They keep the order in which they came: those of one job, and the jobs by the first of each.
//   Q2. To take one costs the jobs that have ranges here, which are few, and not the ranges.

import { present } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import { keyOf, type HeldRange } from "./held.js";

/** A range that waits. */
export interface Waiting {
  readonly held: HeldRange;
  /** It is to have a payload process of its own. */
  readonly alone: boolean;
  /** Of all that ever came, its number. */
  readonly arrival: number;
}

export class WaitingRanges {
  /** By job and key. */
  readonly #ofJob = new Map<JobNumber, Map<string, Waiting>>();
  #size = 0;
  #arrivals = 0;

  get size(): number {
    return this.#size;
  }

  /** Behind all that wait; nothing when it waits already. */
  add(held: HeldRange, alone: boolean): void {
    const queue = this.#ofJob.get(held.job) ?? new Map<string, Waiting>();
    this.#ofJob.set(held.job, queue);
    const key = keyOf(held);
    if (queue.has(key)) return;
    this.#arrivals += 1;
    queue.set(key, { held, alone, arrival: this.#arrivals });
    this.#size += 1;
  }

  delete(held: HeldRange): void {
    const queue = this.#ofJob.get(held.job);
    if (queue?.delete(keyOf(held)) !== true) return;
    this.#size -= 1;
    if (queue.size === 0) this.#ofJob.delete(held.job);
  }

  clear(): void {
    this.#ofJob.clear();
    this.#size = 0;
  }

  /** The first range of a job. */
  firstOf(job: JobNumber): Waiting | undefined {
    return this.#ofJob.get(job)?.values().next().value;
  }

  /** The first range of each job, by arrival (Q1). */
  firsts(): readonly Waiting[] {
    const firsts = [...this.#ofJob.values()].map((queue) =>
      present(queue.values().next().value, "first range"),
    );
    return firsts.sort((one, other) => one.arrival - other.arrival);
  }

  /** All, job by job; what is deleted meanwhile is left out. */
  *all(): Generator<HeldRange> {
    for (const queue of this.#ofJob.values()) for (const { held } of queue.values()) yield held;
  }
}
