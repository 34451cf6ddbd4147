// How old a job's grants are, to a tick of the clock: at each tick it is noted which was the last one so far.
//
//   A1. A grant is never called older than it is; it may be called younger by a tick, or more once many were noted.
//   A2. So many notes are kept (P7). Nothing is paid for a grant when it is made.

import type { GrantNumber } from "../../../shared/core/id.js";

export interface GrantAgesView {
  /** By when the grant had been made, on the clock of the ticks; undefined while no tick has seen it. */
  madeByMs(grant: GrantNumber): number | undefined;
}

const notesMax = 4_096;

export class GrantAges implements GrantAgesView {
  /** Ascending, both. */
  #last: number[] = [];
  #atMs: number[] = [];

  /** Notes the job's last grant. Of grants before the oldest that lives, nothing more is asked. */
  note(lastGrant: number, oldest: number, atMs: number): void {
    if (lastGrant <= (this.#last.at(-1) ?? 0)) return;
    const dead = this.#indexOf(oldest);
    if (dead > 0) this.#keep((_, i) => i >= dead);
    if (this.#last.length >= notesMax) this.#keep((_, i) => i % 2 === 1); // (A1, A2)
    this.#last.push(lastGrant);
    this.#atMs.push(atMs);
  }

  madeByMs(grant: GrantNumber): number | undefined {
    return this.#atMs[this.#indexOf(grant)];
  }

  /** Index of the first note that has seen the grant. */
  #indexOf(grant: number): number {
    let low = 0;
    let high = this.#last.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#last[middle] ?? 0) < grant) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #keep(isKept: (value: number, i: number) => boolean): void {
    this.#last = this.#last.filter(isKept);
    this.#atMs = this.#atMs.filter(isKept);
  }
}
