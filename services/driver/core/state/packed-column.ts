// A column that is seldom written, in as little memory as its values allow: one value, runs of values, or so many bytes
// each as the largest takes.

import type { Column, RunsBuilder } from "./runs.js";

export interface PackedColumn {
  at(index: number): number;
  /** Writes all of it to the front of a column. */
  unpack(into: Column): void;
  /** Appends the values [first, end). */
  tell(runs: RunsBuilder, first: number, end: number): void;
}

/** Packs whole numbers from 0 up to 2^48, at most 65,535 of them. */
export function pack(column: Column): PackedColumn {
  const first = column[0] ?? 0;
  let at = 1;
  while (at < column.length && column[at] === first) at += 1;
  if (at >= column.length) return new OneValue(first, column.length);
  const { runs, least, most } = shapeOf(column);
  const width = bytesOf(most - least);
  return runs * runBytes < column.length * width
    ? new RunsColumn(column, runs)
    : new BytesColumn(column, least, width);
}

interface Shape {
  readonly runs: number;
  readonly least: number;
  readonly most: number;
}

function shapeOf(column: Column): Shape {
  let last = column[0] ?? 0;
  let least = last;
  let most = last;
  let runs = 1;
  for (let at = 1; at < column.length; at += 1) {
    const value = column[at] ?? 0;
    if (value === last) continue;
    last = value;
    runs += 1;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { runs, least, most };
}

function bytesOf(value: number): number {
  let bytes = 1;
  for (let most = 255; value > most; most = most * 256 + 255) bytes += 1;
  return bytes;
}

class OneValue implements PackedColumn {
  readonly #value: number;
  readonly #length: number;

  constructor(value: number, length: number) {
    this.#value = value;
    this.#length = length;
  }

  at(): number {
    return this.#value;
  }

  unpack(into: Column): void {
    into.fill(this.#value, 0, this.#length);
  }

  tell(runs: RunsBuilder, first: number, end: number): void {
    runs.add(this.#value, end - first);
  }
}

/** What a run takes: where it ends, and its value. */
const runBytes = 2 + 8;

class RunsColumn implements PackedColumn {
  readonly #end: Uint16Array;
  readonly #value: Float64Array;

  constructor(column: Column, runs: number) {
    this.#end = new Uint16Array(runs);
    this.#value = new Float64Array(runs);
    let run = 0;
    for (let at = 0; at < column.length; at += 1) {
      const value = column[at] ?? 0;
      if (at > 0 && value !== this.#value[run]) run += 1;
      this.#value[run] = value;
      this.#end[run] = at + 1;
    }
  }

  at(index: number): number {
    return this.#value[this.#runAt(index)] ?? 0;
  }

  unpack(into: Column): void {
    let first = 0;
    for (let run = 0; run < this.#end.length; run += 1) {
      const end = this.#end[run] ?? 0;
      into.fill(this.#value[run] ?? 0, first, end);
      first = end;
    }
  }

  tell(runs: RunsBuilder, first: number, end: number): void {
    for (let at = first, run = this.#runAt(first); at < end; run += 1) {
      const next = Math.min(end, this.#end[run] ?? end);
      runs.add(this.#value[run] ?? 0, next - at);
      at = next;
    }
  }

  #runAt(index: number): number {
    let low = 0;
    let high = this.#end.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#end[middle] ?? 0) > index) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** What each value has beyond the least of them, in bytes, the lowest first. */
class BytesColumn implements PackedColumn {
  readonly #least: number;
  readonly #width: number;
  readonly #bytes: Uint8Array;

  constructor(column: Column, least: number, width: number) {
    this.#least = least;
    this.#width = width;
    this.#bytes = new Uint8Array(column.length * width);
    for (let byte = 0; byte < width; byte += 1) {
      const unit = 256 ** byte;
      // Stored in a byte, a number loses what is above it.
      for (let index = 0, at = byte; index < column.length; index += 1, at += width)
        this.#bytes[at] = ((column[index] ?? 0) - least) / unit;
    }
  }

  at(index: number): number {
    let value = 0;
    const first = index * this.#width;
    for (let at = first + this.#width - 1; at >= first; at -= 1) value = value * 256 + (this.#bytes[at] ?? 0);
    return this.#least + value;
  }

  unpack(into: Column): void {
    const length = this.#bytes.length / this.#width;
    for (let index = 0; index < length; index += 1) into[index] = this.at(index);
  }

  tell(runs: RunsBuilder, first: number, end: number): void {
    for (let index = first; index < end; index += 1) runs.add(this.at(index), 1);
  }
}
