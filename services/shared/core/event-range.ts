// Which events a range has. Driver, actor and merger compute it alike, so that it need not be sent.
//
//   E1. Ranges are numbered from 0 through the whole job, in the order of its inputs.
//   E2. A range lies in one input; the last range of an input may have fewer events.
//   E3. Inputs that are added come behind all others, and change no range that there was.

import { assert, present } from "./assert.js";
import type { InputFile, JobSpec } from "./job-spec.js";
import { eachSpan, type Spans } from "./spans.js";

/** The events [first, last] of one input. */
export interface EventRange {
  /** Index of the input in the job. */
  readonly input: number;
  readonly first: number;
  readonly last: number;
}

/** Where the ranges of a job lie in its inputs. */
export interface RangeLayout {
  /** Those of the spec, and behind them what was added. */
  readonly inputs: readonly InputFile[];
  /** Number of ranges of the job. */
  readonly ranges: number;
  /** Number of events of the job. */
  readonly events: number;
  /** Number of the input's first range; behind the last input, that of all ranges. */
  firstRangeOf(input: number): number;
  /** Which events a range has. */
  locate(range: number): EventRange;
  /** The range that has this event of that input, which must have it. */
  rangeOf(input: number, event: number): number;
  /** How many events the spans have. */
  eventsIn(spans: Spans): number;
}

/** The layout of a job that is open. */
export interface GrowingLayout extends RangeLayout {
  /** Adds inputs (E3). */
  add(inputs: readonly InputFile[]): void;
}

/** Ranges of one input. */
export function rangesOfInput(input: Pick<InputFile, "events">, eventsPerRange: number): number {
  return Math.ceil(input.events / eventsPerRange);
}

export function rangeLayout(
  { inputs, eventsPerRange }: Pick<JobSpec, "inputs" | "eventsPerRange">,
  added: readonly InputFile[] = [],
): GrowingLayout {
  const layout = new Layout(eventsPerRange);
  layout.add(inputs);
  layout.add(added);
  return layout;
}

class Layout implements GrowingLayout {
  readonly inputs: InputFile[] = [];
  ranges = 0;
  events = 0;
  readonly #eventsPerRange: number;
  /** First range of each input. */
  readonly #bases: number[] = [];
  /** Events of the inputs before each. */
  readonly #eventBases: number[] = [];

  constructor(eventsPerRange: number) {
    this.#eventsPerRange = eventsPerRange;
  }

  add(inputs: readonly InputFile[]): void {
    for (const input of inputs) {
      this.inputs.push(input);
      this.#bases.push(this.ranges);
      this.#eventBases.push(this.events);
      this.ranges += rangesOfInput(input, this.#eventsPerRange);
      this.events += input.events;
    }
  }

  firstRangeOf(input: number): number {
    return input === this.inputs.length ? this.ranges : present(this.#bases[input], "base");
  }

  locate(range: number): EventRange {
    const { ranges } = this;
    assert(
      range >= 0 && range < ranges,
      () => `range ${String(range)} is one of the job's ${String(ranges)}`,
    );
    const input = indexOfLastAtMost(this.#bases, range);
    const { firstEvent, events } = present(this.inputs[input], "input");
    const first = firstEvent + (range - present(this.#bases[input], "base")) * this.#eventsPerRange;
    return { input, first, last: Math.min(first + this.#eventsPerRange, firstEvent + events) - 1 };
  }

  rangeOf(input: number, event: number): number {
    const { firstEvent, events } = present(this.inputs[input], "input");
    const before = event - firstEvent;
    assert(before >= 0 && before < events, `event ${String(event)} is one of input ${String(input)}`);
    return present(this.#bases[input], "base") + Math.floor(before / this.#eventsPerRange);
  }

  eventsIn(spans: Spans): number {
    let total = 0;
    for (const { first, count } of eachSpan(spans))
      total += this.#eventsBefore(first + count) - this.#eventsBefore(first);
    return total;
  }

  /** Events before the range, so that a span costs two look-ups however long it is. */
  #eventsBefore(range: number): number {
    if (range === this.ranges) return this.events;
    const input = indexOfLastAtMost(this.#bases, range);
    const within = range - present(this.#bases[input], "base");
    return present(this.#eventBases[input], "base") + within * this.#eventsPerRange;
  }
}

/** Index of the last base that is at most `range`. */
function indexOfLastAtMost(bases: readonly number[], range: number): number {
  let low = 0;
  let high = bases.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (present(bases[middle], "base") <= range) low = middle;
    else high = middle - 1;
  }
  return low;
}
