// What is known of each event range of a job: 10 bytes in typed arrays, and 10 more while its output is not merged
// (output-pages.ts); not an object, so that 100 million ranges fit in 2 GB.
//
//   R1. A range stands in exactly one state, and `counts` says how many stand in each.
//   R2. Where a range must stand for each change is asserted here and nowhere else.
//   R3. `holder` is the grant that holds a held range, and the winner of one that is done or merged (P4).
//   R4. `columns` and `restore` are all of the table, for snapshots, which keep the codes of the states: they never
//       change their meaning.

import { assert, present } from "../../shared/core/assert.js";
import { grantNumber, groupNumber, type GrantNumber, type GroupNumber } from "../../shared/core/id.js";
import type { Span } from "../../shared/core/spans.js";
import { OutputPages, outputBytesMax, type PagedOutput } from "./output-pages.js";
import { fillRuns, runsOf, type Runs } from "./runs.js";

/** Where a range stands. */
export const rangeStates = ["ready", "held", "done", "merged", "failed"] as const;
export type RangeState = (typeof rangeStates)[number];

const [READY, HELD, DONE, MERGED, FAILED] = [0, 1, 2, 3, 4] as const;
type StateCode = typeof READY | typeof HELD | typeof DONE | typeof MERGED | typeof FAILED;

/** How many ranges stand in each state. They sum up to all of them. */
export type RangeCounts = Readonly<Record<RangeState, number>>;

/** An output of a range, as its actor reported it. */
export interface RangeOutput extends PagedOutput {
  readonly grant: GrantNumber;
}

/** All that is known of consecutive ranges (R4). */
export interface RangeColumns {
  readonly span: Span;
  /** Codes: their places in `rangeStates`. */
  readonly state: Runs;
  readonly credit: Runs;
  /** 0 where there is none; so too the groups. */
  readonly holder: Runs;
  readonly group: Runs;
  /** Of the done ranges among them, in their order; so too the checksums. */
  readonly sizeBytes: readonly number[];
  readonly adler32: readonly number[];
}

/** What may be asked of the table by those who must not change it. */
export interface RangeTableView {
  readonly ranges: number;
  readonly counts: RangeCounts;
  stateOf(range: number): RangeState;
  /** The grant that holds it, or undefined while none does. */
  holderOf(range: number): GrantNumber | undefined;
  isHeldBy(range: number, grant: GrantNumber): boolean;
  /** The grant whose output won, or undefined while there is none (P4). */
  winnerOf(range: number): GrantNumber | undefined;
  /** Failures of its payload that were counted against its credit. */
  creditUsed(range: number): number;
  /** The merge group that it is in, or undefined. */
  groupOf(range: number): GroupNumber | undefined;
  /** The winner's output; of a done range only. */
  outputOf(range: number): RangeOutput;
  /** All that is known of these ranges (R4). */
  columns(span: Span): RangeColumns;
}

export class RangeTable implements RangeTableView {
  readonly ranges: number;
  /** By state. */
  readonly #counts: Float64Array;
  readonly #state: Uint8Array;
  readonly #credit: Uint8Array;
  readonly #holder: Uint32Array;
  readonly #group: Uint32Array;
  readonly #outputs: OutputPages;

  constructor(ranges: number) {
    this.ranges = ranges;
    this.#counts = Float64Array.of(ranges, 0, 0, 0, 0);
    this.#state = new Uint8Array(ranges);
    this.#credit = new Uint8Array(ranges);
    this.#holder = new Uint32Array(ranges);
    this.#group = new Uint32Array(ranges);
    this.#outputs = new OutputPages(ranges);
  }

  get counts(): RangeCounts {
    const [ready = 0, held = 0, done = 0, merged = 0, failed = 0] = this.#counts;
    return { ready, held, done, merged, failed };
  }

  stateOf(range: number): RangeState {
    return rangeStates[this.#stateAt(range)];
  }

  holderOf(range: number): GrantNumber | undefined {
    return this.#stateAt(range) === HELD ? grantNumber(this.#holder[range] ?? 0) : undefined;
  }

  isHeldBy(range: number, grant: GrantNumber): boolean {
    return this.#stateAt(range) === HELD && this.#holder[range] === grant;
  }

  winnerOf(range: number): GrantNumber | undefined {
    const state = this.#stateAt(range);
    return state === DONE || state === MERGED ? grantNumber(this.#holder[range] ?? 0) : undefined;
  }

  creditUsed(range: number): number {
    return this.#credit[range] ?? 0;
  }

  groupOf(range: number): GroupNumber | undefined {
    const group = this.#group[range] ?? 0;
    return group === 0 ? undefined : groupNumber(group);
  }

  outputOf(range: number): RangeOutput {
    assert(this.#stateAt(range) === DONE, () => `range ${String(range)} is done`);
    return { grant: grantNumber(this.#holder[range] ?? 0), ...this.#outputs.get(range) };
  }

  /** Lends a ready range. */
  hold(range: number, grant: GrantNumber): void {
    this.#move(range, READY, HELD);
    this.#holder[range] = grant;
  }

  /** Takes a lent range back. */
  free(range: number): void {
    this.#move(range, HELD, READY);
    this.#holder[range] = 0;
  }

  /** Enters the first durable output of a range, wherever it came from. The range was ready or held, as it is told. */
  finish(range: number, from: "ready" | "held", output: RangeOutput): void {
    this.#move(range, from === "held" ? HELD : READY, DONE);
    this.#holder[range] = output.grant;
    this.#outputs.put(range, output.sizeBytes, output.adler32);
  }

  /** Counts a failure of the payload. */
  spendCredit(range: number): void {
    this.#credit[range] = Math.min(255, this.creditUsed(range) + 1);
  }

  /** Gives a range up. */
  fail(range: number, from: "ready" | "held"): void {
    this.#move(range, from === "held" ? HELD : READY, FAILED);
    this.#holder[range] = 0;
  }

  /** Puts a done range in a merge group, or takes it out. */
  join(range: number, group: GroupNumber | undefined): void {
    assert(this.#stateAt(range) === DONE, () => `range ${String(range)} is done`);
    this.#group[range] = group ?? 0;
  }

  /** A range that was given up is tried again, with all its credit. */
  revive(range: number): void {
    this.#move(range, FAILED, READY);
    this.#credit[range] = 0;
  }

  /** The range's merged file is published. */
  merge(range: number): void {
    this.#move(range, DONE, MERGED);
    this.#outputs.drop(range);
  }

  /** The output of a done range is lost: it is to be done again. */
  lose(range: number): void {
    this.#move(range, DONE, READY);
    this.#outputs.drop(range);
    this.#holder[range] = 0;
    this.#group[range] = 0;
  }

  columns(span: Span): RangeColumns {
    const { first } = span;
    const end = first + span.count;
    const sizeBytes: number[] = [];
    const adler32: number[] = [];
    for (let range = first; range < end; range += 1) {
      if (this.#state[range] !== DONE) continue;
      const output = this.#outputs.get(range);
      sizeBytes.push(output.sizeBytes);
      adler32.push(output.adler32);
    }
    return {
      span,
      state: runsOf(this.#state, first, end),
      credit: runsOf(this.#credit, first, end),
      holder: runsOf(this.#holder, first, end),
      group: runsOf(this.#group, first, end),
      sizeBytes,
      adler32,
    };
  }

  /** Enters columns of ranges that nothing is known of yet (R4). */
  restore(columns: RangeColumns): void {
    const { span, sizeBytes, adler32 } = columns;
    const { first } = span;
    const end = first + span.count;
    assert(end <= this.ranges, () => `ranges to ${String(end)} are the job's ${String(this.ranges)}`);
    fillRuns(this.#state, columns.state, { first, end, most: FAILED });
    fillRuns(this.#credit, columns.credit, { first, end, most: 255 });
    fillRuns(this.#holder, columns.holder, { first, end, most: 2 ** 32 - 1 });
    fillRuns(this.#group, columns.group, { first, end, most: 2 ** 32 - 1 });
    this.#count(READY, -span.count);
    let outputs = 0;
    for (let range = first; range < end; range += 1) {
      const state = this.#stateAt(range);
      this.#count(state, 1);
      if (state !== DONE) continue;
      const size = present(sizeBytes[outputs], "size of an output");
      assert(size <= outputBytesMax, "the size of an output has 48 bits");
      this.#outputs.put(range, size, present(adler32[outputs], "checksum of an output"));
      outputs += 1;
    }
    assert(outputs === sizeBytes.length && outputs === adler32.length, "each output is of a done range");
  }

  #count(state: StateCode, more: number): void {
    this.#counts[state] = (this.#counts[state] ?? 0) + more;
  }

  #stateAt(range: number): StateCode {
    const code = this.#state[range];
    assert(code !== undefined, () => `range ${String(range)} is one of the job's ${String(this.ranges)}`);
    // The array only ever holds codes: #move is its one writer.
    return code === HELD
      ? HELD
      : code === DONE
        ? DONE
        : code === MERGED
          ? MERGED
          : code === FAILED
            ? FAILED
            : READY;
  }

  /** The one place where a range changes its state (R1, R2). */
  #move(range: number, from: StateCode, to: StateCode): void {
    const found = this.#stateAt(range);
    assert(found === from, () => `range ${String(range)} is ${rangeStates[from]}, not ${rangeStates[found]}`);
    this.#state[range] = to;
    this.#count(from, -1);
    this.#count(to, 1);
  }
}
