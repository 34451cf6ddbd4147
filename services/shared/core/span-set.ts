// A set of ranges, kept as canonical spans (spans.ts, C1 and C2).
//
//   T1. A range is in the set once or not at all: adding what is there, or removing what is not, is a mistake.
//   T2. Taking from the front costs the spans taken, not the spans kept: a job of 100 million ranges begins as one span
//       and is eaten from its front.

import { assert, present } from "./assert.js";
import { SpansBuilder, type Span, type Spans } from "./spans.js";

/** What may be asked of the set by those who must not change it. */
export interface SpanSetView {
  /** How many ranges are in it. */
  readonly size: number;
  has(range: number): boolean;
  /** The first spans with at most `ranges` ranges altogether; the last span is cut where it must be. */
  front(ranges: number): Spans;
  spans(): Spans;
  /** Those of the span's ranges that are in it. */
  within(span: Span): Spans;
}

/** How many spans may lie dead at the front before the columns are moved. */
const deadSpansMax = 1024;

export class SpanSet implements SpanSetView {
  #first: number[] = [];
  #count: number[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(span: Span): void {
    assert(span.count >= 1, "a span has ranges");
    const at = this.#indexOf(span.first);
    const end = span.first + span.count;
    const next = at < this.#first.length ? this.#firstAt(at) : Number.POSITIVE_INFINITY;
    const previousEnd =
      at > this.#head ? this.#firstAt(at - 1) + this.#countAt(at - 1) : Number.NEGATIVE_INFINITY;
    assert(
      previousEnd <= span.first && end <= next,
      `none of the ranges ${String(span.first)}+${String(span.count)} is in the set`,
    );
    const joinsPrevious = previousEnd === span.first;
    const joinsNext = next === end;
    const first = joinsPrevious ? this.#firstAt(at - 1) : span.first;
    const count =
      span.count + (joinsPrevious ? this.#countAt(at - 1) : 0) + (joinsNext ? this.#countAt(at) : 0);
    this.#replace(joinsPrevious ? at - 1 : at, joinsNext ? at + 1 : at, [{ first, count }]);
    this.#size += span.count;
  }

  remove(span: Span): void {
    const at = this.#indexOf(span.first + 1) - 1;
    assert(at >= this.#head, `range ${String(span.first)} is in the set`);
    const first = this.#firstAt(at);
    const end = first + this.#countAt(at);
    const spanEnd = span.first + span.count;
    assert(
      span.count >= 1 && spanEnd <= end,
      `all ranges ${String(span.first)}+${String(span.count)} are in the set`,
    );
    const kept: Span[] = [];
    if (first < span.first) kept.push({ first, count: span.first - first });
    if (spanEnd < end) kept.push({ first: spanEnd, count: end - spanEnd });
    this.#replace(at, at + 1, kept);
    this.#size -= span.count;
  }

  has(range: number): boolean {
    const at = this.#indexOf(range + 1) - 1;
    return at >= this.#head && range < this.#firstAt(at) + this.#countAt(at);
  }

  front(ranges: number): Spans {
    const front = new SpansBuilder();
    let left = ranges;
    for (let at = this.#head; at < this.#first.length && left > 0; at += 1) {
      const count = Math.min(left, this.#countAt(at));
      front.add(this.#firstAt(at), count);
      left -= count;
    }
    return { first: front.first, count: front.count };
  }

  spans(): Spans {
    return { first: this.#first.slice(this.#head), count: this.#count.slice(this.#head) };
  }

  within({ first, count }: Span): Spans {
    const end = first + count;
    const found = new SpansBuilder();
    const before = this.#indexOf(first + 1) - 1;
    for (let at = Math.max(before, this.#head); at < this.#first.length; at += 1) {
      const from = Math.max(first, this.#firstAt(at));
      if (from >= end) break;
      const to = Math.min(end, this.#firstAt(at) + this.#countAt(at));
      if (from < to) found.add(from, to - from);
    }
    return { first: found.first, count: found.count };
  }

  clear(): void {
    this.#first = [];
    this.#count = [];
    this.#head = 0;
    this.#size = 0;
  }

  /** Index of the first span that begins at or after `first`. */
  #indexOf(first: number): number {
    let low = this.#head;
    let high = this.#first.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#firstAt(middle) < first) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Puts `spans` where the spans [from, to) stood. */
  #replace(from: number, to: number, spans: readonly Span[]): void {
    if (spans.length === 0 && from === this.#head)
      this.#dropFront(to); // (T2)
    else if (spans.length === to - from) {
      spans.forEach((span, i) => {
        this.#first[from + i] = span.first;
        this.#count[from + i] = span.count;
      });
    } else {
      this.#first.splice(from, to - from, ...spans.map((span) => span.first));
      this.#count.splice(from, to - from, ...spans.map((span) => span.count));
    }
  }

  #dropFront(head: number): void {
    this.#head = head;
    if (head < deadSpansMax || head * 2 < this.#first.length) return;
    this.#first = this.#first.slice(head);
    this.#count = this.#count.slice(head);
    this.#head = 0;
  }

  #firstAt(at: number): number {
    return present(this.#first[at], "span");
  }

  #countAt(at: number): number {
    return present(this.#count[at], "span");
  }
}
