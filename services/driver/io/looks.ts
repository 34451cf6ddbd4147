// Looks into the world: soon after something happened there, and now and then.
//
//   L1. One is taken at a time: whoever wants one meanwhile gets that one.
//   L2. The next one is taken at the earliest moment for which one was wanted.

import { after, type Cancel } from "../../shared/io/system-clock.js";

export class Looks {
  readonly #takeOne: () => Promise<void>;
  readonly #againMs: () => number | undefined;
  #underWay: Promise<void> | undefined;
  #next: { readonly inMs: number; readonly cancel: Cancel } | undefined;
  #isStopped = false;

  /** `takeOne` never rejects; `againMs` says, after each, when another one is wanted, or undefined when none is. */
  constructor(takeOne: () => Promise<void>, againMs: () => number | undefined) {
    this.#takeOne = takeOne;
    this.#againMs = againMs;
  }

  /** The one that is being taken. */
  get underWay(): Promise<void> | undefined {
    return this.#underWay;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** (L1) */
  take(): Promise<void> {
    this.#underWay ??= this.#takeOne().finally(() => {
      this.#underWay = undefined;
      const ms = this.#againMs();
      if (ms !== undefined) this.takeIn(ms);
    });
    return this.#underWay;
  }

  /** (L2) */
  takeIn(ms: number): void {
    if (this.#isStopped || (this.#next !== undefined && this.#next.inMs <= ms)) return;
    this.#next?.cancel();
    const cancel = after(ms, () => {
      this.#next = undefined;
      void this.take();
    });
    this.#next = { inMs: ms, cancel };
  }

  /** No other one follows. */
  stop(): void {
    this.#isStopped = true;
    this.#next?.cancel();
  }
}
