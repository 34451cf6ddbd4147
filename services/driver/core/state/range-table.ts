// What is known of each event range of a job, in pages (range-pages.ts): 22 bytes a range while it is at work, some 8 while
// its output waits to be merged, next to nothing before and after; so 100 million ranges fit in 2 GB.
//
//   R1. A range stands in exactly one state, and `counts` says how many stand in each.
//   R2. Where a range must stand for each change is asserted here and nowhere else.
//   R3. `holder` is the grant that holds a held range, and the winner of one that is done or merged (P4). In a job without
//       outputs nobody needs to know the winner, and nothing is kept of a range that is done.
//   R4. `columns` and `restore` are all of the table, for snapshots.

import { assert, present } from "../../../shared/core/assert.js";
import { grantNumber, groupNumber, type GrantNumber, type GroupNumber } from "../../../shared/core/id.js";
import type { OutputFate } from "../../../shared/core/job-spec.js";
import type { Span } from "../../../shared/core/spans.js";
import {
  DONE,
  FAILED,
  HELD,
  MERGED,
  outputBytesMax,
  rangeStates,
  READY,
  type OpenPage,
  type RangePage,
  type RangeState,
  type StateCode,
} from "./range-page.js";
import { placeOf, RangePages } from "./range-pages.js";
import { RunsBuilder, RunsReader, type Runs } from "./runs.js";

/** How many ranges stand in each state. They sum up to all of them. */
export type RangeCounts = Readonly<Record<RangeState, number>>;

/** An output of a range, as its actor reported it. */
export interface RangeOutput {
  readonly grant: GrantNumber;
  readonly sizeBytes: number;
  readonly adler32: number;
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

/** The columns that are written down in runs, and the highest value of each. */
const runColumns = { state: FAILED, credit: 255, holder: 2 ** 32 - 1, group: 2 ** 32 - 1 } as const;
const runColumnNames = ["state", "credit", "holder", "group"] as const satisfies (keyof typeof runColumns)[];
type RunColumn = keyof typeof runColumns;

/** What may be asked of the table by those who must not change it. */
export interface RangeTableView {
  readonly ranges: number;
  readonly counts: RangeCounts;
  stateOf(range: number): RangeState;
  /** The grant that holds it, or undefined while none does. */
  holderOf(range: number): GrantNumber | undefined;
  isHeldBy(range: number, grant: GrantNumber): boolean;
  /** The grant whose output won, or undefined while there is none (P4), as there is never in a job without outputs. */
  winnerOf(range: number): GrantNumber | undefined;
  /** Failures of its payload that were counted against its credit. */
  creditUsed(range: number): number;
  /** The merge group that it is in, or undefined. */
  groupOf(range: number): GroupNumber | undefined;
  /** The winner's output; of a done range only. */
  outputOf(range: number): RangeOutput;
  /** All that is known of these ranges (R4). */
  columns(span: Span): RangeColumns;
  /** One of those. */
  column(span: Span, name: RunColumn): Runs;
}

export class RangeTable implements RangeTableView {
  /** By state. */
  readonly #counts = new Float64Array(rangeStates.length);
  readonly #fate: OutputFate;
  readonly #pages: RangePages;

  constructor(ranges: number, fate: OutputFate = "merged") {
    this.#fate = fate;
    this.#pages = new RangePages(fate);
    this.grow(ranges);
  }

  get ranges(): number {
    return this.#pages.ranges;
  }

  get counts(): RangeCounts {
    const [ready = 0, held = 0, done = 0, merged = 0, failed = 0] = this.#counts;
    return { ready, held, done, merged, failed };
  }

  stateOf(range: number): RangeState {
    return rangeStates[this.#stateAt(range)];
  }

  holderOf(range: number): GrantNumber | undefined {
    const page = this.#pages.pageOf(range);
    const at = placeOf(range);
    return page?.stateAt(at) === HELD ? grantNumber(page.holderAt(at)) : undefined;
  }

  isHeldBy(range: number, grant: GrantNumber): boolean {
    const page = this.#pages.pageOf(range);
    const at = placeOf(range);
    return page?.stateAt(at) === HELD && page.holderAt(at) === grant;
  }

  winnerOf(range: number): GrantNumber | undefined {
    const page = this.#pages.pageOf(range);
    const at = placeOf(range);
    const state = page?.stateAt(at);
    return page !== undefined && (state === DONE || state === MERGED) && this.#fate !== "none"
      ? grantNumber(page.holderAt(at))
      : undefined;
  }

  creditUsed(range: number): number {
    return this.#pages.pageOf(range)?.creditAt(placeOf(range)) ?? 0;
  }

  groupOf(range: number): GroupNumber | undefined {
    const group = this.#pages.pageOf(range)?.groupAt(placeOf(range)) ?? 0;
    return group === 0 ? undefined : groupNumber(group);
  }

  outputOf(range: number): RangeOutput {
    assert(this.#fate !== "none", "the job makes outputs");
    assert(this.#stateAt(range) === DONE, () => `range ${range} is done`);
    const page = present(this.#pages.pageOf(range), "page of an output");
    const at = placeOf(range);
    return { grant: grantNumber(page.holderAt(at)), sizeBytes: page.sizeAt(at), adler32: page.adler32At(at) };
  }

  /** Adds so many ranges behind the last; they are ready. */
  grow(more: number): void {
    this.#pages.grow(more);
    this.#count(READY, more);
  }

  /** Lends a ready range. */
  hold(range: number, grant: GrantNumber): void {
    this.#move(range, READY, HELD).holder[placeOf(range)] = grant;
  }

  /** Takes a lent range back. */
  free(range: number): void {
    this.#move(range, HELD, READY).holder[placeOf(range)] = 0;
  }

  /** Enters the first durable output of a range, wherever it came from. The range was ready or held, as it is told. */
  finish(range: number, from: "ready" | "held", { grant, sizeBytes, adler32 }: RangeOutput): void {
    assert(this.#fate !== "none", "the job makes outputs");
    const page = this.#move(range, from === "held" ? HELD : READY, DONE);
    page.holder[placeOf(range)] = grant;
    setOutput(page, range, sizeBytes, adler32);
  }

  /** The same in a job without outputs (R3). */
  complete(range: number, from: "ready" | "held"): void {
    assert(this.#fate === "none", "the job makes no outputs");
    this.#move(range, from === "held" ? HELD : READY, DONE).holder[placeOf(range)] = 0;
  }

  /** Counts a failure of the payload. */
  spendCredit(range: number): void {
    const used = this.creditUsed(range);
    this.#pages.write(range).open().credit[placeOf(range)] = Math.min(255, used + 1);
  }

  /** A failure that was counted is counted no more. */
  refundCredit(range: number): void {
    const used = this.creditUsed(range);
    this.#pages.write(range).open().credit[placeOf(range)] = Math.max(0, used - 1);
  }

  /** Gives a range up. */
  fail(range: number, from: "ready" | "held"): void {
    this.#move(range, from === "held" ? HELD : READY, FAILED).holder[placeOf(range)] = 0;
  }

  /** Puts a done range in a merge group, or takes it out. */
  join(range: number, group: GroupNumber | undefined): void {
    assert(this.#stateAt(range) === DONE, () => `range ${range} is done`);
    this.#pages.write(range).open().group[placeOf(range)] = group ?? 0;
  }

  /** A range that was given up is tried again, with all its credit. */
  revive(range: number): void {
    this.#move(range, FAILED, READY).credit[placeOf(range)] = 0;
  }

  /** The range's merged file is published. */
  merge(range: number): void {
    setOutput(this.#move(range, DONE, MERGED), range, 0, 0);
  }

  /** The output of a done range is lost: it is to be done again. */
  lose(range: number): void {
    const page = this.#move(range, DONE, READY);
    setOutput(page, range, 0, 0);
    page.holder[placeOf(range)] = 0;
    page.group[placeOf(range)] = 0;
  }

  column(span: Span, name: RunColumn): Runs {
    const runs = new RunsBuilder();
    for (const { page, at, end } of this.#pages.parts(span)) {
      if (page === undefined) runs.add(0, end - at);
      else page.tell(name, runs, at, end);
    }
    return runs;
  }

  columns(span: Span): RangeColumns {
    const [state, credit] = [this.column(span, "state"), this.column(span, "credit")];
    const [holder, group] = [this.column(span, "holder"), this.column(span, "group")];
    const sizeBytes: number[] = [];
    const adler32: number[] = [];
    for (const { page, at, end } of this.#pages.parts(span)) {
      if (page === undefined || this.#isWithoutOutputs(page)) continue;
      for (let next = at; next < end; next += 1) {
        if (page.stateAt(next) !== DONE) continue;
        sizeBytes.push(page.sizeAt(next));
        adler32.push(page.adler32At(next));
      }
    }
    return { span, state, credit, holder, group, sizeBytes, adler32 };
  }

  /** Enters columns of ranges that nothing is known of yet (R4). */
  restore(columns: RangeColumns): void {
    const { span, sizeBytes, adler32 } = columns;
    const end = span.first + span.count;
    assert(end <= this.ranges, () => `ranges to ${end} are the job's ${this.ranges}`);
    const readers = runColumnNames.map((name) => {
      return { name, reader: new RunsReader(columns[name], span.count, runColumns[name]) };
    });
    let outputs = 0;
    for (const { first, at, end } of this.#pages.parts(span)) {
      if (readers.every(({ reader }) => reader.isZero(end - at))) {
        for (const { reader } of readers) reader.skip(end - at);
        continue;
      }
      const page = this.#pages.write(first + at);
      const open = page.open();
      for (const { name, reader } of readers) reader.fill(open[name], at, end);
      page.recount();
      this.#count(READY, at - end);
      for (let next = at; next < end; next += 1) {
        const state = page.stateAt(next);
        this.#count(state, 1);
        if (state !== DONE || this.#fate === "none") continue;
        const size = present(sizeBytes[outputs], "size of an output");
        assert(size <= outputBytesMax, "the size of an output has 48 bits");
        setOutput(open, next, size, present(adler32[outputs], "checksum of an output"));
        outputs += 1;
      }
    }
    assert(outputs === sizeBytes.length && outputs === adler32.length, "each output is of a done range");
  }

  /** Whether nothing is kept of the outputs of its ranges, as far as can be told at once. */
  #isWithoutOutputs(page: RangePage): boolean {
    return this.#fate === "none" || (this.#fate === "merged" && page.over === page.ranges);
  }

  #stateAt(range: number): StateCode {
    return this.#pages.pageOf(range)?.stateAt(placeOf(range)) ?? READY;
  }

  /** The one place where a range changes its state (R1, R2). */
  #move(range: number, from: StateCode, to: StateCode): OpenPage {
    const page = this.#pages.write(range);
    const found = page.stateAt(placeOf(range));
    assert(found === from, () => `range ${range} is ${rangeStates[from]}, not ${rangeStates[found]}`);
    this.#count(from, -1);
    this.#count(to, 1);
    return page.move(placeOf(range), from, to);
  }

  #count(state: StateCode, more: number): void {
    this.#counts[state] = (this.#counts[state] ?? 0) + more;
  }
}

/** 0 where there is none (range-page.ts, Q2). */
function setOutput(page: OpenPage, range: number, sizeBytes: number, adler32: number): void {
  page.sizeBytes[placeOf(range)] = sizeBytes;
  page.adler32[placeOf(range)] = adler32;
}
