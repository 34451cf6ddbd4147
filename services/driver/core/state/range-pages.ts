// The ranges of a job by pages, of which only those that change stand open.
//
//   U1. A page takes no memory before one of its ranges is written to.
//   U2. A page is packed when nothing more is expected of its ranges (range-page.ts, Q3); so is one of which none is held, once so many others
//       came to rest after it. Their outputs are merged soon, as a rule, and packing them twice would cost more.

import { assert } from "../../../shared/core/assert.js";
import type { OutputFate } from "../../../shared/core/job-spec.js";
import type { Span } from "../../../shared/core/spans.js";
import { firstOf } from "./first-of.js";
import { RangePage } from "./range-page.js";

/** Ranges of one page. A power of two, so that pages and places in them are found by shifting. */
const pageBits = 12;
const pageRanges = 2 ** pageBits;

/** Where a range stands in its page. */
export function placeOf(range: number): number {
  return range & (pageRanges - 1);
}

/** Pages that stay open though none of their ranges is held (U2). */
const restingMax = 64;

/** The part of a span that is in one page. */
interface PagePart {
  /** Undefined when nothing is known of it: all its ranges are ready. */
  readonly page: RangePage | undefined;
  /** Of the page. */
  readonly first: number;
  /** In the page: its ranges [at, end). */
  readonly at: number;
  readonly end: number;
}

export class RangePages {
  readonly #fate: OutputFate;
  #ranges = 0;
  readonly #pages: (RangePage | undefined)[] = [];
  /** Pages that came to rest, the oldest first (U2). */
  readonly #resting = new Set<RangePage>();
  /** The page that was written to last: it is seen to when another is. */
  #last: RangePage | undefined;

  constructor(fate: OutputFate) {
    this.#fate = fate;
  }

  get ranges(): number {
    return this.#ranges;
  }

  /** How many pages take memory, and how many of them are packed. */
  get pages(): { readonly known: number; readonly packed: number } {
    const known = this.#pages.filter((page) => page !== undefined);
    return { known: known.length, packed: known.filter((page) => page.isPacked).length };
  }

  /** Adds so many ranges behind the last. */
  grow(more: number): void {
    const pages = this.#pages.length;
    this.#ranges += more;
    this.#pages.at(-1)?.grow(this.#rangesOf(pages - 1));
    for (let page = pages; page * pageRanges < this.#ranges; page += 1) this.#pages.push(undefined);
  }

  /** The page of a range, or undefined when nothing is known of any of the page's ranges. */
  pageOf(range: number): RangePage | undefined {
    assert(range >= 0 && range < this.#ranges, () => `range ${range} is one of the job's ${this.#ranges}`);
    return this.#pages[range >>> pageBits];
  }

  /** The page of a range, to be written to. */
  write(range: number): RangePage {
    const page = this.pageOf(range) ?? this.#newPage(range >>> pageBits);
    if (page !== this.#last) {
      if (this.#last !== undefined) this.#see(this.#last);
      this.#last = page;
    }
    return page;
  }

  /** A span page by page. */
  *parts({ first, count }: Span): Generator<PagePart> {
    const end = first + count;
    for (let index = first >>> pageBits; index * pageRanges < end; index += 1) {
      const base = index * pageRanges;
      const page = this.#pages[index];
      yield { page, first: base, at: Math.max(first - base, 0), end: Math.min(end - base, pageRanges) };
    }
  }

  #newPage(index: number): RangePage {
    const page = new RangePage(this.#rangesOf(index), this.#fate);
    this.#pages[index] = page;
    return page;
  }

  #rangesOf(page: number): number {
    return Math.min(pageRanges, this.#ranges - page * pageRanges);
  }

  /** (U2) */
  #see(page: RangePage): void {
    if (page.over === page.ranges) {
      page.pack();
      this.#resting.delete(page);
      return;
    }
    if (page.held > 0) return;
    this.#resting.add(page);
    if (this.#resting.size <= restingMax) return;
    const oldest = firstOf(this.#resting);
    this.#resting.delete(oldest);
    if (oldest.held === 0) oldest.pack();
  }
}
