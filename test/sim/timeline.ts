// Simulated time: what is to happen, by its time; what has one time happens in the order in which it was entered. A process
// can be stopped for a while (SIGSTOP): time goes on, and what it had planned and what comes to it waits until it goes on.

import { assert } from "../../services/shared/core/assert.js";

/** In the time of day, which never jumps here. */
export const unixMsAtStart = 1_700_000_000_000;

/** From the start of a process to its end: what it had planned does not happen once it is over. */
export class Lifetime {
  readonly #within: Lifetime | undefined;
  #isOver = false;
  /** What waits for the process to go on; undefined while it runs. */
  #waiting: Planned[] | undefined;
  /** How often it was stopped. */
  #pauses = 0;

  /** `within`: ends with that one at the latest. */
  constructor(within?: Lifetime) {
    this.#within = within;
  }

  get isOver(): boolean {
    return this.#isOver || this.#within?.isOver === true;
  }

  get isPaused(): boolean {
    return this.#waiting !== undefined || this.#within?.isPaused === true;
  }

  end(): void {
    this.#isOver = true;
  }

  get pauses(): number {
    return this.#pauses;
  }

  pause(): void {
    this.#waiting ??= [];
    this.#pauses += 1;
  }

  /** What waited, in its order. */
  resume(): readonly Planned[] {
    const waited = this.#waiting ?? [];
    this.#waiting = undefined;
    return waited;
  }

  /** Keeps something until the process goes on; false when it runs. */
  keep(planned: Planned): boolean {
    if (this.#waiting === undefined) return this.#within?.keep(planned) ?? false;
    this.#waiting.push(planned);
    return true;
  }
}

interface Planned {
  readonly atMs: number;
  readonly order: number;
  readonly lifetime: Lifetime;
  readonly run: () => void;
}

export class Timeline {
  #nowMs = 0;
  #order = 0;
  /** A binary heap; the earliest is at the front. */
  readonly #heap: Planned[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Plans something of a process; nothing of it is left when the process is over. */
  after(delayMs: number, lifetime: Lifetime, run: () => void): void {
    assert(delayMs >= 0, "nothing is planned for the past");
    this.#order += 1;
    this.#heap.push({ atMs: this.#nowMs + delayMs, order: this.#order, lifetime, run });
    this.#rise(this.#heap.length - 1);
  }

  /** Stops a process for so long. Nothing happens when it is stopped already. */
  pause(lifetime: Lifetime, forMs: number, onResume: () => void): void {
    if (lifetime.isPaused) return;
    lifetime.pause();
    this.after(forMs, new Lifetime(), () => {
      for (const { lifetime: of, run } of lifetime.resume()) this.after(0, of, run);
      if (!lifetime.isOver) onResume();
    });
  }

  /** Lets the next thing happen; false when there is none before `untilMs`. */
  step(untilMs: number): boolean {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) return false;
      this.#dropFirst();
      if (next.lifetime.isOver || next.lifetime.keep(next)) continue;
      this.#nowMs = next.atMs;
      next.run();
      return true;
    }
  }

  #dropFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink();
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!this.#swapUnlessOrdered(parent, at)) return;
      at = parent;
    }
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      if (left >= this.#heap.length) return;
      const child = right < this.#heap.length && this.#isBefore(right, left) ? right : left;
      if (!this.#swapUnlessOrdered(at, child)) return;
      at = child;
    }
  }

  #swapUnlessOrdered(above: number, below: number): boolean {
    const a = this.#heap[above];
    const b = this.#heap[below];
    if (a === undefined || b === undefined || !this.#isBefore(below, above)) return false;
    this.#heap[above] = b;
    this.#heap[below] = a;
    return true;
  }

  #isBefore(one: number, other: number): boolean {
    const a = this.#heap[one];
    const b = this.#heap[other];
    if (a === undefined || b === undefined) return false;
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  }
}
