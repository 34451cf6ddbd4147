// A column in runs: how many times each value follows in a row. What is known of ranges comes in long runs, so that a
// hundred million of them are written down in little.

import { assert } from "../../shared/core/assert.js";

/** Columns of one length: `count[i]` times `value[i]`. */
export interface Runs {
  readonly value: readonly number[];
  readonly count: readonly number[];
}

type Column = Uint8Array | Uint32Array;

/** The runs of [first, end), as long as they can be. */
export function runsOf(column: Column, first: number, end: number): Runs {
  const value: number[] = [];
  const count: number[] = [];
  for (let at = first; at < end;) {
    const same = column[at] ?? 0;
    let next = at + 1;
    while (next < end && column[next] === same) next += 1;
    value.push(same);
    count.push(next - at);
    at = next;
  }
  return { value, count };
}

/** Where runs are to be written, and what they may hold. */
interface Place {
  readonly first: number;
  readonly end: number;
  readonly most: number;
}

/** Writes the runs into [first, end), which they must fill. */
export function fillRuns(column: Column, { value, count }: Runs, { first, end, most }: Place): void {
  assert(value.length === count.length, "runs have as many values as counts");
  let at = first;
  for (let i = 0; i < value.length; i += 1) {
    const next = at + (count[i] ?? 0);
    const same = value[i] ?? 0;
    assert(same <= most, () => `a value of the column is at most ${String(most)}, not ${String(same)}`);
    assert(next <= end, () => `runs from ${String(first)} end at ${String(end)}, not at ${String(next)}`);
    column.fill(same, at, next);
    at = next;
  }
  assert(at === end, () => `runs from ${String(first)} end at ${String(end)}, not at ${String(at)}`);
}
