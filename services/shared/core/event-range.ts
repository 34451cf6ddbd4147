// Which events a range has. Driver, actor and merger compute it alike, so that it need not be sent.
//
//   E1. Ranges are numbered from 0 through the whole job, in the order of its inputs.
//   E2. A range lies in one input; the last range of an input may have fewer events.

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
  /** Number of ranges of the job. */
  readonly ranges: number;
  /** Number of events of the job. */
  readonly events: number;
  /** Which events a range has. */
  locate(range: number): EventRange;
  /** The range that has this event of that input, which must have it. */
  rangeOf(input: number, event: number): number;
  /** How many events the spans have. */
  eventsIn(spans: Spans): number;
}

/** Ranges of one input. */
export function rangesOfInput(input: InputFile, eventsPerRange: number): number {
  return Math.ceil(input.events / eventsPerRange);
}

export function rangeLayout(spec: Pick<JobSpec, "inputs" | "eventsPerRange">): RangeLayout {
  const { inputs, eventsPerRange } = spec;
  /** First range of each input, and behind the last one the number of all ranges. */
  const bases: number[] = [0];
  /** Events of the inputs before each, and behind the last one the number of all events. */
  const eventBases: number[] = [0];
  for (const input of inputs) {
    bases.push(present(bases.at(-1), "base") + rangesOfInput(input, eventsPerRange));
    eventBases.push(present(eventBases.at(-1), "base") + input.events);
  }
  const ranges = present(bases.at(-1), "base");
  const events = present(eventBases.at(-1), "base");

  const locate = (range: number): EventRange => {
    assert(range >= 0 && range < ranges, `range ${String(range)} is one of the job's ${String(ranges)}`);
    const input = indexOfLastAtMost(bases, range);
    const { firstEvent, events: eventsOfInput } = present(inputs[input], "input");
    const first = firstEvent + (range - present(bases[input], "base")) * eventsPerRange;
    return { input, first, last: Math.min(first + eventsPerRange, firstEvent + eventsOfInput) - 1 };
  };

  const rangeOf = (input: number, event: number): number => {
    const { firstEvent, events: eventsOfInput } = present(inputs[input], "input");
    const before = event - firstEvent;
    assert(before >= 0 && before < eventsOfInput, `event ${String(event)} is one of input ${String(input)}`);
    return present(bases[input], "base") + Math.floor(before / eventsPerRange);
  };

  /** Events before the range, so that a span costs two look-ups however long it is. */
  const eventsBefore = (range: number): number => {
    if (range === ranges) return events;
    const input = indexOfLastAtMost(bases, range);
    return present(eventBases[input], "base") + (range - present(bases[input], "base")) * eventsPerRange;
  };

  const eventsIn = (spans: Spans): number => {
    let total = 0;
    for (const { first, count } of eachSpan(spans))
      total += eventsBefore(first + count) - eventsBefore(first);
    return total;
  };

  return { ranges, events, locate, rangeOf, eventsIn };
}

/** Index of the last base that is at most `range`, among all but the closing one. */
function indexOfLastAtMost(bases: readonly number[], range: number): number {
  let low = 0;
  let high = bases.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (present(bases[middle], "base") <= range) low = middle;
    else high = middle - 1;
  }
  return low;
}
