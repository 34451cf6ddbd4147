// Ranges that wait on the node for a slot.
//
//   Q1. They keep the order in which they came: those of one job, and the jobs by the first of each.
//   Q2. To take the first of a job costs the jobs that have ranges here, which are few, and not the ranges.

import { present } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { HeldRange } from "./held.js";

/** A range that waits. */
export interface Waiting {
  readonly held: HeldRange;
  /** It is to have a payload process of its own. */
  readonly alone: boolean;
  /** So often was it taken back from a slot. */
  readonly recalls: number;
  /** Of all that ever came, its number. */
  readonly arrival: number;
}

/** Those of one job: all from `head` on. There is always one. */
interface Queue {
  ranges: Waiting[];
  head: number;
}

/** What is left behind at the beginning of a queue is cleared away at so many. */
const clearedAt = 256;

export class WaitingRanges {
  readonly #ofJob = new Map<JobNumber, Queue>();
  #size = 0;
  #arrivals = 0;

  get size(): number {
    return this.#size;
  }

  /** Behind all that wait. */
  add(held: HeldRange, alone: boolean, recalls = 0): void {
    this.#arrivals += 1;
    this.#size += 1;
    const waiting = { held, alone, recalls, arrival: this.#arrivals };
    const queue = this.#ofJob.get(held.job);
    if (queue === undefined) this.#ofJob.set(held.job, { ranges: [waiting], head: 0 });
    else queue.ranges.push(waiting);
  }

  /** Takes away the first range of a job, which has one (Q2). */
  takeFirst(job: JobNumber): void {
    const queue = present(this.#ofJob.get(job), "queue of the job");
    queue.head += 1;
    this.#size -= 1;
    if (queue.head === queue.ranges.length) this.#ofJob.delete(job);
    else if (queue.head === clearedAt) {
      queue.ranges.splice(0, clearedAt);
      queue.head = 0;
    }
  }

  removeWhere(isRemoved: (held: HeldRange) => boolean): void {
    for (const [job, queue] of this.#ofJob) {
      const kept = queue.ranges.filter(({ held }, i) => i >= queue.head && !isRemoved(held));
      this.#size -= queue.ranges.length - queue.head - kept.length;
      if (kept.length === 0) this.#ofJob.delete(job);
      else this.#ofJob.set(job, { ranges: kept, head: 0 });
    }
  }

  clear(): void {
    this.#ofJob.clear();
    this.#size = 0;
  }

  /** The first range of a job. */
  firstOf(job: JobNumber): Waiting | undefined {
    const queue = this.#ofJob.get(job);
    return queue?.ranges[queue.head];
  }

  /** The first range of each job, by arrival (Q1). */
  firsts(): readonly Waiting[] {
    const firsts = [...this.#ofJob.values()].map(({ ranges, head }) => present(ranges[head], "first range"));
    return firsts.sort((one, other) => one.arrival - other.arrival);
  }

  /** All, job by job. */
  *all(): Generator<HeldRange> {
    for (const { ranges, head } of this.#ofJob.values()) {
      for (let i = head; i < ranges.length; i += 1) yield present(ranges[i], "waiting range").held;
    }
  }
}
