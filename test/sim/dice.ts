// All chance of a simulation. Each part of the world throws dice of its own, so that a change in one part leaves the
// others' luck as it was.

import { present } from "../../services/shared/core/assert.js";
import { seededRng, type Rng } from "../../services/shared/core/rng.js";

/** A span of values to draw from, both ends included. */
export type Between = readonly [least: number, most: number];

export class Dice {
  readonly rng: Rng;

  constructor(seed: number, part: string) {
    this.rng = seededRng(mix(`${String(seed)}/${part}`));
  }

  chance(probability: number): boolean {
    return this.rng.next() < probability;
  }

  between([least, most]: Between): number {
    return least + (most - least) * this.rng.next();
  }

  whole([least, most]: Between): number {
    return least + Math.floor((most - least + 1) * this.rng.next());
  }

  pick<Item>(items: readonly Item[]): Item {
    return present(items[Math.floor(items.length * this.rng.next())], "an item to pick");
  }

  /** The time to the next of things that happen at random, so often on average. */
  next(meanMs: number): number {
    return -Math.log(1 - this.rng.next()) * meanMs;
  }
}

/** FNV-1a. */
function mix(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
