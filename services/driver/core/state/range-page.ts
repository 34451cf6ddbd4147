// Some thousand consecutive ranges: open in typed arrays while they change, packed while they don't.
//
//   Q1. What is read of a page is what was written, open or packed. A write opens it.
//   Q2. Size and checksum are 0 unless the range is done, so that they pack into nothing.
//   Q3. `held` and `over` say how many of its ranges are held, and of how many nothing more is expected: they are merged or
//       failed, or done where nothing is merged.

import { assert } from "../../../shared/core/assert.js";
import type { OutputFate } from "../../../shared/core/job-spec.js";
import { pack, type PackedColumn } from "./packed-column.js";
import type { RunsBuilder } from "./runs.js";

/** Where a range stands. Snapshots keep the places in this list: they never change their meaning. */
export const rangeStates = ["ready", "held", "done", "merged", "failed"] as const;
export type RangeState = (typeof rangeStates)[number];

export const [READY, HELD, DONE, MERGED, FAILED] = [0, 1, 2, 3, 4] as const;
export type StateCode = typeof READY | typeof HELD | typeof DONE | typeof MERGED | typeof FAILED;

/** Whether a range that stands so is done or failed for good, whatever became of its output. */
export function isSettled(code: number): boolean {
  return code >= DONE;
}

/** Sizes are kept in 48 bits. */
export const outputBytesMax = 2 ** 48 - 1;

/** What is known of each range, while it may change. */
export interface OpenPage {
  readonly kind: "open";
  readonly state: Uint8Array;
  readonly credit: Uint8Array;
  /** 0 where there is none; so too the groups. */
  readonly holder: Uint32Array;
  readonly group: Uint32Array;
  readonly sizeBytes: Float64Array;
  readonly adler32: Uint32Array;
}

type ColumnName = Exclude<keyof OpenPage, "kind">;
type PackedPage = Readonly<Record<ColumnName, PackedColumn>> & { readonly kind: "packed" };

export class RangePage {
  readonly #fate: OutputFate;
  #ranges: number;
  #held = 0;
  #over = 0;
  #form: OpenPage | PackedPage;

  constructor(ranges: number, fate: OutputFate) {
    this.#fate = fate;
    this.#ranges = ranges;
    this.#form = openPage(ranges);
  }

  get ranges(): number {
    return this.#ranges;
  }

  get held(): number {
    return this.#held;
  }

  get over(): number {
    return this.#over;
  }

  get isPacked(): boolean {
    return this.#form.kind === "packed";
  }

  stateAt(at: number): StateCode {
    const form = this.#form;
    const code = form.kind === "open" ? form.state[at] : form.state.at(at);
    // Only codes are ever written.
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

  creditAt(at: number): number {
    const form = this.#form;
    return form.kind === "open" ? (form.credit[at] ?? 0) : form.credit.at(at);
  }

  holderAt(at: number): number {
    const form = this.#form;
    return form.kind === "open" ? (form.holder[at] ?? 0) : form.holder.at(at);
  }

  groupAt(at: number): number {
    const form = this.#form;
    return form.kind === "open" ? (form.group[at] ?? 0) : form.group.at(at);
  }

  sizeAt(at: number): number {
    const form = this.#form;
    return form.kind === "open" ? (form.sizeBytes[at] ?? 0) : form.sizeBytes.at(at);
  }

  adler32At(at: number): number {
    const form = this.#form;
    return form.kind === "open" ? (form.adler32[at] ?? 0) : form.adler32.at(at);
  }

  /** Appends one column of the ranges [first, end). */
  tell(name: ColumnName, runs: RunsBuilder, first: number, end: number): void {
    const form = this.#form;
    if (form.kind === "open") runs.addColumn(form[name], first, end);
    else form[name].tell(runs, first, end);
  }

  /** Changes the state of a range, which stands where it is told (Q3). */
  move(at: number, from: StateCode, to: StateCode): OpenPage {
    const open = this.open();
    open.state[at] = to;
    this.#count(from, -1);
    this.#count(to, 1);
    return open;
  }

  /** To be called after states were written without `move` (Q3). */
  recount(): void {
    this.#held = 0;
    this.#over = 0;
    for (let at = 0; at < this.#ranges; at += 1) this.#count(this.stateAt(at), 1);
  }

  /** To be written to (Q1). */
  open(): OpenPage {
    const form = this.#form;
    if (form.kind === "open") return form;
    const open = unpacked(form, this.#ranges);
    this.#form = open;
    return open;
  }

  /** Takes as little memory as it can, until it is written to. */
  pack(): void {
    if (this.#form.kind === "open") this.#form = packed(this.#form);
  }

  /** Has so many ranges from now on; those that are new are ready. */
  grow(ranges: number): void {
    assert(ranges >= this.#ranges, "a page that grows keeps its ranges");
    this.pack();
    if (this.#form.kind === "packed") this.#form = unpacked(this.#form, ranges);
    this.#ranges = ranges;
  }

  #count(state: StateCode, more: number): void {
    if (state === HELD) this.#held += more;
    else if (state === MERGED || state === FAILED) this.#over += more;
    else if (state === DONE && this.#fate !== "merged") this.#over += more;
  }
}

function openPage(ranges: number): OpenPage {
  return {
    kind: "open",
    state: new Uint8Array(ranges),
    credit: new Uint8Array(ranges),
    holder: new Uint32Array(ranges),
    group: new Uint32Array(ranges),
    sizeBytes: new Float64Array(ranges),
    adler32: new Uint32Array(ranges),
  };
}

function packed(page: OpenPage): PackedPage {
  return {
    kind: "packed",
    state: pack(page.state),
    credit: pack(page.credit),
    holder: pack(page.holder),
    group: pack(page.group),
    sizeBytes: pack(page.sizeBytes),
    adler32: pack(page.adler32),
  };
}

function unpacked(page: PackedPage, ranges: number): OpenPage {
  const open = openPage(ranges);
  page.state.unpack(open.state);
  page.credit.unpack(open.credit);
  page.holder.unpack(open.holder);
  page.group.unpack(open.group);
  page.sizeBytes.unpack(open.sizeBytes);
  page.adler32.unpack(open.adler32);
  return open;
}
