// A column in runs: how many times each value follows in a row. What is known of ranges comes in long runs, so that a
// hundred million of them are written down in little.

import { assert } from "../../../shared/core/assert.js";

export type Column = Uint8Array | Uint32Array | Float64Array;

/** Columns of one length: `count[i]` times `value[i]`. */
export interface Runs {
  readonly value: readonly number[];
  readonly count: readonly number[];
}

/** Gathers runs as long as they can be. */
export class RunsBuilder implements Runs {
  readonly value: number[] = [];
  readonly count: number[] = [];

  add(value: number, count: number): void {
    if (count === 0) return;
    const last = this.value.length - 1;
    if (last >= 0 && this.value[last] === value) this.count[last] = (this.count[last] ?? 0) + count;
    else {
      this.value.push(value);
      this.count.push(count);
    }
  }

  /** Appends the values [first, end) of a column. */
  addColumn(column: Column, first: number, end: number): void {
    for (let at = first; at < end;) {
      const same = column[at] ?? 0;
      let next = at + 1;
      while (next < end && column[next] === same) next += 1;
      this.add(same, next - at);
      at = next;
    }
  }

  runs(): Runs {
    return { value: this.value, count: this.count };
  }
}

/** Reads runs from their front. */
export class RunsReader {
  readonly #runs: Runs;
  #run = 0;
  /** How many of the run were read. */
  #read = 0;

  /** Throws unless they are so many values, each at most `most`. */
  constructor(runs: Runs, length: number, most: number) {
    const { value, count } = runs;
    assert(value.length === count.length, "runs have as many values as counts");
    const highest = value.reduce((high, next) => Math.max(high, next), 0);
    assert(highest <= most, () => `a value of the column is at most ${most}, not ${highest}`);
    const total = count.reduce((sum, next) => sum + next, 0);
    assert(total === length, () => `runs are of ${length} values, not of ${total}`);
    this.#runs = runs;
  }

  /** Whether the next `count` values are all 0. */
  isZero(count: number): boolean {
    const left = (this.#runs.count[this.#run] ?? 0) - this.#read;
    return left >= count && this.#runs.value[this.#run] === 0;
  }

  /** Passes over values of the run that is read now. */
  skip(count: number): void {
    this.#read += count;
    while (this.#run < this.#runs.count.length && this.#read >= (this.#runs.count[this.#run] ?? 0)) {
      this.#read -= this.#runs.count[this.#run] ?? 0;
      this.#run += 1;
    }
  }

  /** Writes the next values to [first, end). */
  fill(column: Column, first: number, end: number): void {
    for (let at = first; at < end;) {
      const left = (this.#runs.count[this.#run] ?? 0) - this.#read;
      const next = Math.min(end, at + left);
      column.fill(this.#runs.value[this.#run] ?? 0, at, next);
      this.skip(next - at);
      at = next;
    }
  }
}

/** Two columns of one length side by side, in parts in which both stay the same. */
export function* eachPair(
  one: Runs,
  other: Runs,
): Generator<{ readonly one: number; readonly other: number; readonly count: number }> {
  let [i, j, taken, takenOther] = [0, 0, 0, 0];
  while (i < one.count.length && j < other.count.length) {
    const left = (one.count[i] ?? 0) - taken;
    const leftOther = (other.count[j] ?? 0) - takenOther;
    const count = Math.min(left, leftOther);
    yield { one: one.value[i] ?? 0, other: other.value[j] ?? 0, count };
    taken = count === left ? 0 : taken + count;
    takenOther = count === leftOther ? 0 : takenOther + count;
    if (taken === 0) i += 1;
    if (takenOther === 0) j += 1;
  }
}
