// What becomes of each slot's time, from when the actor began.
//
//   K1. At each moment a slot waits, starts a payload, or is busy with a range of a job: what is told adds up to slots times
//       time. What a range takes of its neighbours is its own (blocks.ts).
//   K2. Counting costs a range some additions; nothing is kept of those that are over.
//   K3. Whole milliseconds are told. What is left of one is told the next time.

import { present } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import { slotTimesOf, type JobSlotTime, type SlotTimes } from "../../shared/core/slot-times.js";

interface Slot {
  /** Of those that it takes; 0 when it is another's. */
  cores: number;
  /** Ranges that it was handed and that have not left it; and those of them that have begun. */
  handed: number;
  running: number;
  /** Of the range that began last. */
  job: JobNumber | undefined;
  beganAtMs: number;
  /** Until then its time is counted. */
  countedToMs: number;
}

/** Of a job, and not told yet. */
interface JobSums {
  busyMs: number;
  lostMs: number;
  /** As it was told last. */
  runningMs: number;
}

/** Jobs that are told of at a time. The others have to wait. */
const jobsMax = 1_000;

export class SlotBook {
  readonly #slots: readonly Slot[];
  readonly #jobs = new Map<JobNumber, JobSums>();
  #waitingMs = 0;
  #startingMs = 0;

  constructor(slots: number, nowMs: number) {
    this.#slots = Array.from({ length: slots }, () => {
      return { cores: 1, handed: 0, running: 0, job: undefined, beganAtMs: nowMs, countedToMs: nowMs };
    });
  }

  /** The slot was given a range, which takes so many slots from this one on. */
  handed(slot: number, cores: number, nowMs: number): void {
    const one = this.#slot(slot);
    if (one.handed === 0) {
      this.#count(one, nowMs);
      if (cores > 1) this.#widen(slot, cores, nowMs);
    }
    one.handed += 1;
  }

  /** The payload has begun with a range that the slot was handed. */
  begun(slot: number, job: JobNumber, nowMs: number): void {
    const one = this.#slot(slot);
    this.#count(one, nowMs);
    one.running += 1;
    one.job = job;
    one.beganAtMs = nowMs;
  }

  /** A range has left the slot. */
  freed(slot: number, hadBegun: boolean, nowMs: number): void {
    const one = this.#slot(slot);
    this.#count(one, nowMs);
    one.handed -= 1;
    if (hadBegun) one.running -= 1;
    if (one.handed === 0 && one.cores > 1) this.#narrow(slot, nowMs);
  }

  /** So much of what was busy for the job has come to nothing. */
  lost(job: JobNumber, slotMs: number): void {
    this.#sumsOf(job).lostMs += slotMs;
  }

  /** What became of the time since it was taken last. */
  take(nowMs: number): SlotTimes {
    for (const slot of this.#slots) this.#count(slot, nowMs);
    const startingMs = Math.floor(this.#startingMs);
    const waitingMs = Math.floor(this.#waitingMs);
    this.#startingMs -= startingMs; // (K3)
    this.#waitingMs -= waitingMs;
    return slotTimesOf({ startingMs, waitingMs, jobs: this.#takeJobs(nowMs) });
  }

  #takeJobs(nowMs: number): JobSlotTime[] {
    const running = this.#running(nowMs);
    const told: JobSlotTime[] = [];
    for (const [job, sums] of [...this.#jobs]) {
      if (told.length === jobsMax) break;
      const busyMs = Math.floor(sums.busyMs);
      const lostMs = Math.floor(sums.lostMs);
      const runningMs = Math.floor(running.get(job) ?? 0);
      const isNews = busyMs > 0 || lostMs > 0 || runningMs !== sums.runningMs;
      if (isNews) told.push({ job, busyMs, lostMs, runningMs });
      const rest = { busyMs: sums.busyMs - busyMs, lostMs: sums.lostMs - lostMs, runningMs }; // (K3)
      this.#jobs.delete(job);
      if (isNews || running.has(job))
        this.#jobs.set(job, rest); // Behind those that were not told of.
      else this.#waitingMs += rest.busyMs;
    }
    return told;
  }

  /** Of ranges that run. */
  #running(nowMs: number): ReadonlyMap<JobNumber, number> {
    const running = new Map<JobNumber, number>();
    for (const { job, running: ranges, beganAtMs, cores } of this.#slots) {
      if (job === undefined || ranges === 0) continue;
      running.set(job, (running.get(job) ?? 0) + (nowMs - beganAtMs) * cores);
    }
    return running;
  }

  /** (K1) */
  #count(slot: Slot, nowMs: number): void {
    const ms = (nowMs - slot.countedToMs) * slot.cores;
    slot.countedToMs = nowMs;
    if (slot.handed === 0) this.#waitingMs += ms;
    else if (slot.running === 0 || slot.job === undefined) this.#startingMs += ms;
    else this.#sumsOf(slot.job).busyMs += ms;
  }

  #widen(slot: number, cores: number, nowMs: number): void {
    for (let taken = slot; taken < slot + cores; taken += 1) {
      const one = this.#slot(taken);
      this.#count(one, nowMs);
      one.cores = taken === slot ? cores : 0;
    }
  }

  #narrow(slot: number, nowMs: number): void {
    const { cores } = this.#slot(slot);
    for (let taken = slot; taken < slot + cores; taken += 1) {
      const one = this.#slot(taken);
      one.cores = 1;
      one.countedToMs = nowMs;
    }
  }

  #sumsOf(job: JobNumber): JobSums {
    const known = this.#jobs.get(job);
    if (known !== undefined) return known;
    const sums = { busyMs: 0, lostMs: 0, runningMs: 0 };
    this.#jobs.set(job, sums);
    return sums;
  }

  #slot(slot: number): Slot {
    return present(this.#slots[slot], "slot of the actor");
  }
}
