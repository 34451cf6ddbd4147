// Sorting the columns of an actor's outputs into those that win and those that are superseded, without copying anything
// in the ordinary case that all of them win.

import { present } from "../../../shared/core/assert.js";
import type { GrantNumber } from "../../../shared/core/id.js";
import { rangesIn, SpansBuilder } from "../../../shared/core/spans.js";
import type { JobOutputs } from "../facts/command.js";
import type { GrantedSpans, OutputColumns } from "../facts/fact.js";

/** Gathers the outputs that win, in the order in which they came. */
export class WonColumns {
  readonly #all: JobOutputs;
  /** Range, index of its span, index in the columns. */
  readonly #won: { readonly range: number; readonly span: number; readonly column: number }[] = [];
  /** So many of the first ones have all won, and are not kept one by one. */
  #leading = 0;

  constructor(all: JobOutputs) {
    this.#all = all;
  }

  take(range: number, span: number, column: number): void {
    if (column === this.#leading && this.#won.length === 0) this.#leading += 1;
    else this.#won.push({ range, span, column });
  }

  columns(): OutputColumns {
    const { spans, grant, sizeBytes, adler32, wallMs } = this.#all;
    if (this.#leading === rangesIn(spans)) return { spans, grant, sizeBytes, adler32, wallMs };
    return this.#picked();
  }

  #picked(): OutputColumns {
    const isStored = this.#all.sizeBytes.length > 0; // In a job without outputs there are no such columns.
    const first: number[] = [];
    const count: number[] = [];
    const grant: GrantNumber[] = [];
    const sizeBytes: number[] = [];
    const adler32: number[] = [];
    const wallMs: number[] = [];
    let last: { readonly end: number; readonly span: number } = { end: -1, span: -1 };
    for (const { range, span, column } of this.#picks()) {
      if (last.end === range && last.span === span) count.push((count.pop() ?? 0) + 1);
      else {
        first.push(range);
        count.push(1);
        grant.push(present(this.#all.grant[span], "grant of the span"));
      }
      if (isStored) {
        sizeBytes.push(present(this.#all.sizeBytes[column], "size"));
        adler32.push(present(this.#all.adler32[column], "checksum"));
      }
      wallMs.push(present(this.#all.wallMs[column], "time"));
      last = { end: range + 1, span };
    }
    return { spans: { first, count }, grant, sizeBytes, adler32, wallMs };
  }

  *#picks(): Generator<{ readonly range: number; readonly span: number; readonly column: number }> {
    const { first, count } = this.#all.spans;
    let column = 0;
    for (let span = 0; span < first.length && column < this.#leading; span += 1) {
      const begin = present(first[span], "first");
      const end = begin + present(count[span], "count");
      for (let range = begin; range < end && column < this.#leading; range += 1)
        yield { range, span, column: column++ };
    }
    yield* this.#won;
  }
}

/** Gathers the outputs that are superseded, by grant. */
export class SupersededColumns {
  readonly #job: JobOutputs["job"];
  readonly #spans = new Map<GrantNumber, SpansBuilder>();

  constructor(all: JobOutputs) {
    this.#job = all.job;
  }

  take(range: number, grant: GrantNumber): void {
    const spans = this.#spans.get(grant) ?? new SpansBuilder();
    this.#spans.set(grant, spans);
    spans.add(range);
  }

  bySpans(): GrantedSpans[] {
    return [...this.#spans].map(([grant, { first, count }]) => ({
      job: this.#job,
      grant,
      spans: { first, count },
    }));
  }
}
