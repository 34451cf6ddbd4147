// Where each range of a job is, written in lines from the first range to the last: some ranges at a time, so that nobody
// waits long and little is kept, whatever the job.
//
//   L1. Each range is in one line, and is counted where that line says. So the counts add up, even while the job goes on
//       between two parts: then each line is true of the moment at which it was made.
//   L2. A reason has the number under which it was met first.

import { groupNumber } from "../../shared/core/id.js";
import {
  rangeFates,
  type FateCounts,
  type OutputLine,
  type RangeFate,
  type ReportedReason,
} from "../../shared/core/report.js";
import { fateOfOutputs } from "../../shared/core/job-spec.js";
import { outputPath } from "../../shared/core/names.js";
import type { SpanSetView } from "../../shared/core/span-set.js";
import { eachSpan, type Span } from "../../shared/core/spans.js";
import { isAtWork, type JobView } from "./state/job.js";
import { DONE, FAILED, HELD, MERGED } from "./state/range-page.js";
import { eachPair } from "./state/runs.js";
import { hexOf, splitReason } from "./report.js";

interface Line {
  readonly first: number;
  count: number;
  readonly state: RangeFate;
  /** Key of `failures.final`. */
  readonly because: string | undefined;
}

interface Reason {
  readonly number: number;
  ranges: number;
}

export class RangeLines {
  readonly #ranges = noneOfThem();
  readonly #events = noneOfThem();
  readonly #reasons = new Map<string, Reason>();
  /** It may go on with what comes next. */
  #open: Line | undefined;
  #next = 0;
  #lines = 0;

  /** The first range that was not told. */
  get next(): number {
    return this.#next;
  }

  get lines(): number {
    return this.#lines;
  }

  get ranges(): FateCounts {
    return withTotal(this.#ranges);
  }

  get events(): FateCounts {
    return withTotal(this.#events);
  }

  get reasons(): readonly ReportedReason[] {
    return [...this.#reasons].map(([key, { number, ranges }]) => {
      return { reason: number, ...splitReason(key), ranges };
    });
  }

  /** Goes on by at most so many ranges, and returns the lines that are whole by then. */
  tell(job: JobView, ranges: number): string {
    const span = { first: this.#next, count: Math.min(ranges, job.table.ranges - this.#next) };
    let text = "";
    for (const part of fatesIn(job, span)) text += this.#add(job, part);
    this.#next += span.count;
    return text;
  }

  /** The last line. */
  end(): string {
    return this.#close();
  }

  #add(job: JobView, part: Line): string {
    const { first, count, state, because } = part;
    this.#ranges[state] += count;
    this.#events[state] += job.layout.eventsIn({ first: [first], count: [count] });
    if (because !== undefined) this.#reason(because).ranges += count;
    const open = this.#open;
    if (open?.state === state && open.because === because) {
      open.count += count;
      return "";
    }
    const text = this.#close();
    this.#open = part;
    return text;
  }

  #close(): string {
    if (this.#open === undefined) return "";
    const { because, ...line } = this.#open;
    this.#open = undefined;
    this.#lines += 1;
    const reason = because === undefined ? {} : { reason: this.#reason(because).number };
    return `${JSON.stringify({ ...line, ...reason })}\n`;
  }

  /** (L2) */
  #reason(key: string): Reason {
    const known = this.#reasons.get(key);
    if (known !== undefined) return known;
    const reason = { number: this.#reasons.size + 1, ranges: 0 };
    this.#reasons.set(key, reason);
    return reason;
  }
}

/** The outputs of the span's ranges that stay as they are, once the job is over: `outputs.jsonl`. */
export function* outputLines(job: JobView, span: Span): Generator<OutputLine> {
  const fate = fateOfOutputs(job.spec);
  if (fate === "none" || isAtWork(job)) return;
  for (const { first, count, state } of fatesIn(job, span)) {
    if (state !== "kept" && (state !== "done" || fate !== "kept")) continue;
    for (let range = first; range < first + count; range += 1) yield outputLine(job, range);
  }
}

function outputLine({ number: job, table, layout, spec }: JobView, range: number): OutputLine {
  const { grant, sizeBytes, adler32 } = table.outputOf(range);
  const path = outputPath({ job, range, grant, events: layout.locate(range) }, spec.outputSuffix);
  return { range, path, sizeBytes, adler32: hexOf(adler32) };
}

/** The span in parts of which all is the same. */
function* fatesIn(job: JobView, span: Span): Generator<Line> {
  const reasons = [...job.failures.final].filter(([, set]) => set.within(span).first.length > 0);
  const [states, groups] = [job.table.column(span, "state"), job.table.column(span, "group")];
  let first = span.first;
  for (const { one: state, other: group, count } of eachPair(states, groups)) {
    if (state === FAILED) yield* failedIn(reasons, { first, count });
    else yield { first, count, state: fateOf(job, state, group), because: undefined };
    first += count;
  }
}

function fateOf(job: JobView, state: number, group: number): RangeFate {
  if (state === MERGED) return "merged";
  if (state === HELD) return "running";
  if (state !== DONE) return "waiting";
  const isGivenUp = group > 0 && job.groups.get(groupNumber(group))?.stage.kind === "failed";
  return isGivenUp ? "kept" : "done";
}

type Reasons = readonly (readonly [because: string, ranges: SpanSetView])[];

/** Ranges that failed, with their reasons. One that had none would be told all the same. */
function* failedIn(reasons: Reasons, span: Span): Generator<Line> {
  const parts = reasons.flatMap(([because, ranges]) =>
    [...eachSpan(ranges.within(span))].map((part) => failedLine(part, because)),
  );
  let next = span.first;
  for (const part of parts.sort((one, other) => one.first - other.first)) {
    if (next < part.first) yield failedLine({ first: next, count: part.first - next }, undefined);
    yield part;
    next = part.first + part.count;
  }
  const end = span.first + span.count;
  if (next < end) yield failedLine({ first: next, count: end - next }, undefined);
}

function failedLine({ first, count }: Span, because: string | undefined): Line {
  return { first, count, state: "failed", because };
}

function noneOfThem(): Record<RangeFate, number> {
  return { waiting: 0, running: 0, done: 0, merged: 0, kept: 0, failed: 0 };
}

function withTotal(counts: Readonly<Record<RangeFate, number>>): FateCounts {
  return { total: rangeFates.reduce((sum, fate) => sum + counts[fate], 0), ...counts };
}
