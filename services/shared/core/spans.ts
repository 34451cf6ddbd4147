// Spans: consecutive event ranges, written as one item.
//
// Messages and facts carry them in columns (`Spans`): two arrays of one length, span i being the ranges
// [first[i], first[i] + count[i]). Unless somebody says otherwise, spans are canonical:
//
//   C1. every count is at least 1;
//   C2. they ascend and neither overlap nor touch.
//
// `ascending` allows spans that touch, which is how a column of another value for each span (a grant) is kept.

/** Consecutive ranges. */
export interface Span {
  readonly first: number;
  readonly count: number;
}

/** Spans in columns of one length. */
export interface Spans {
  readonly first: readonly number[];
  readonly count: readonly number[];
}

export const noSpans: Spans = { first: [], count: [] };

export function spansOf(...spans: readonly Span[]): Spans {
  return { first: spans.map((span) => span.first), count: spans.map((span) => span.count) };
}

/** How many ranges the spans have. */
export function rangesIn(spans: Spans): number {
  let total = 0;
  for (const count of spans.count) total += count;
  return total;
}

/** Each span in its order. */
export function* eachSpan(spans: Spans): Generator<Span> {
  for (let i = 0; i < spans.first.length; i += 1) {
    yield { first: spans.first[i] ?? 0, count: spans.count[i] ?? 0 };
  }
}

/** Each range in its order. For paths that run once for each range of a message, loop over the columns instead. */
export function* eachRange(spans: Spans): Generator<number> {
  for (const span of eachSpan(spans)) {
    for (let range = span.first; range < span.first + span.count; range += 1) yield range;
  }
}

/** The same ranges in the same order, in pieces of at most so many. */
export function* piecesOf(spans: Spans, rangesMax: number): Generator<Spans> {
  let piece: Span[] = [];
  let room = rangesMax;
  for (const { first, count } of eachSpan(spans)) {
    for (let taken = 0; taken < count;) {
      const some = Math.min(room, count - taken);
      piece.push({ first: first + taken, count: some });
      taken += some;
      room -= some;
      if (room > 0) continue;
      yield spansOf(...piece);
      piece = [];
      room = rangesMax;
    }
  }
  if (piece.length > 0) yield spansOf(...piece);
}

/** Gathers ranges one by one into spans; ranges that follow each other become one span. */
export class SpansBuilder implements Spans {
  readonly first: number[] = [];
  readonly count: number[] = [];
  #end = -1;

  add(first: number, count = 1): void {
    if (first === this.#end) this.count[this.count.length - 1] = (this.count.at(-1) ?? 0) + count;
    else {
      this.first.push(first);
      this.count.push(count);
    }
    this.#end = first + count;
  }

  get isEmpty(): boolean {
    return this.first.length === 0;
  }
}

/** The canonical spans of ranges given in ascending order. */
export function spansOfAscending(ranges: Iterable<number>): Spans {
  const builder = new SpansBuilder();
  for (const range of ranges) builder.add(range);
  return { first: builder.first, count: builder.count };
}

/** The ranges of a span that none of these ascending spans has. */
export function without({ first, count }: Span, taken: Spans): Spans {
  const left = new SpansBuilder();
  const end = first + count;
  let at = first;
  for (const span of eachSpan(taken)) {
    const next = Math.min(end, span.first);
    if (next > at) left.add(at, next - at);
    at = Math.max(at, span.first + span.count);
  }
  if (at < end) left.add(at, end - at);
  return { first: left.first, count: left.count };
}

/** What keeps the columns from being ascending spans inside [0, total), or undefined when nothing does. */
export function flawOf(spans: Spans, total: number): string | undefined {
  if (spans.first.length !== spans.count.length) {
    return `spans have ${String(spans.first.length)} firsts and ${String(spans.count.length)} counts`;
  }
  let end = 0;
  for (const { first, count } of eachSpan(spans)) {
    if (!Number.isInteger(first) || !Number.isInteger(count) || count < 1) {
      return `span ${String(first)}+${String(count)} has no range`;
    }
    if (first < end)
      return `span ${String(first)}+${String(count)} begins before ${String(end)}, where the last one ended`;
    end = first + count;
    if (end > total)
      return `span ${String(first)}+${String(count)} ends beyond the job's ${String(total)} ranges`;
  }
  return undefined;
}
