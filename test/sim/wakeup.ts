// One alarm of a process, set again and again.

import type { Lifetime, Timeline } from "./timeline.js";

export class Wakeup {
  readonly #timeline: Timeline;
  readonly #lifetime: Lifetime;
  readonly #ring: () => void;
  #atMs: number | undefined;
  /** Rings that are planned; those that nobody waits for any more are let pass. */
  readonly #planned = new Set<number>();

  constructor(timeline: Timeline, lifetime: Lifetime, ring: () => void) {
    this.#timeline = timeline;
    this.#lifetime = lifetime;
    this.#ring = ring;
  }

  set(atMs: number | undefined): void {
    this.#atMs = atMs;
    if (atMs === undefined || this.#planned.has(atMs)) return;
    this.#planned.add(atMs);
    this.#timeline.after(Math.max(0, atMs - this.#timeline.nowMs), this.#lifetime, () => {
      this.#planned.delete(atMs);
      if (this.#atMs !== atMs) return;
      this.#atMs = undefined;
      this.#ring();
    });
  }
}
