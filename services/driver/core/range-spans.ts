// Where the ranges of a job stand, some spans at a time, for whoever asks.
//
//   L1. One call looks at so many ranges at most, whatever is asked: then it ends, and says where to go on.
//   L2. Neighbours of which the same is to be told are one span, save where a call ends.

import type { FailureClass } from "../../shared/core/failure.js";
import { eachSpan, type Span, type Spans } from "../../shared/core/spans.js";
import { splitReason } from "./report.js";
import { grantNumber, type GrantNumber } from "../../shared/core/id.js";
import type { FarmView } from "./state/farm.js";
import { isHolder } from "./state/holders.js";
import type { JobView } from "./state/job.js";
import { rangeStates, type RangeState } from "./state/range-page.js";
import { eachPair } from "./state/runs.js";

export interface RangeSpan extends Span {
  readonly state: RangeState;
  /** Of ranges that are held, where. */
  readonly node: string;
  readonly failureClass: FailureClass | undefined;
  readonly reason: string;
}

export interface RangesAsked {
  /** The first range that may be told. */
  readonly from: number;
  readonly spansMax: number;
  /** None stands for any. */
  readonly states: ReadonlySet<RangeState>;
  /** Only what is held there; empty for all. */
  readonly node: string;
}

export interface RangesTold {
  readonly spans: readonly RangeSpan[];
  /** Where to go on; undefined when nothing follows. */
  readonly next: number | undefined;
}

/** (L1) */
export const lookedAtMax = 262_144;
const partMax = 65_536;

export function rangeSpans(farm: FarmView, job: JobView, asked: RangesAsked): RangesTold {
  const { from, spansMax, node } = asked;
  const end = Math.min(job.table.ranges, from + lookedAtMax);
  const spans: RangeSpan[] = [];
  const parts = node === "" ? partsIn(farm, job, asked, end) : heldOn(farm, job, asked, end);
  for (const span of joined(parts)) {
    spans.push(span);
    if (spans.length === spansMax) return { spans, next: nextIn(job, span.first + span.count) };
  }
  return { spans, next: nextIn(job, end) };
}

function isAskedFor({ states }: RangesAsked, state: RangeState): boolean {
  return states.size === 0 || states.has(state);
}

function nextIn({ table }: JobView, next: number): number | undefined {
  return next < table.ranges ? next : undefined;
}

/** (L2) */
function* joined(parts: Iterable<RangeSpan>): Generator<RangeSpan> {
  let open: RangeSpan | undefined;
  for (const part of parts) {
    if (open !== undefined && isMore(open, part)) open = { ...open, count: open.count + part.count };
    else {
      if (open !== undefined) yield open;
      open = part;
    }
  }
  if (open !== undefined) yield open;
}

function isMore(open: RangeSpan, part: RangeSpan): boolean {
  return (
    open.first + open.count === part.first &&
    open.state === part.state &&
    open.node === part.node &&
    open.failureClass === part.failureClass &&
    open.reason === part.reason
  );
}

function* partsIn(farm: FarmView, job: JobView, asked: RangesAsked, end: number): Generator<RangeSpan> {
  for (let first = asked.from; first < end; first += partMax)
    yield* partsOf(farm, job, asked, { first, count: Math.min(partMax, end - first) });
}

function* partsOf(farm: FarmView, job: JobView, asked: RangesAsked, span: Span): Generator<RangeSpan> {
  const [states, holders] = [job.table.column(span, "state"), job.table.column(span, "holder")];
  let { first } = span;
  for (const { one, other: holder, count } of eachPair(states, holders)) {
    const state = rangeStates[one] ?? "ready";
    if (isAskedFor(asked, state)) {
      if (state === "failed") yield* failedIn(job, { first, count });
      else yield plain({ first, count }, state, state === "held" ? nodeOf(farm, job, holder) : "");
    }
    first += count;
  }
}

function plain({ first, count }: Span, state: RangeState, node: string): RangeSpan {
  return { first, count, state, node, failureClass: undefined, reason: "" };
}

function nodeOf(farm: FarmView, job: JobView, holder: number): string {
  const session = job.grants.get(grantNumber(holder))?.session;
  return session === undefined ? "" : (farm.sessions.get(session)?.node ?? "");
}

function* failedIn({ failures }: JobView, span: Span): Generator<RangeSpan> {
  const parts = [...failures.final].flatMap(([key, ranges]) => {
    const { class: failureClass, message: reason } = splitReason(key);
    const found = [...eachSpan(ranges.within(span))];
    return found.map((part) => ({ ...plain(part, "failed", ""), failureClass, reason }));
  });
  yield* parts.sort((one, other) => one.first - other.first);
}

/** What actors on the node hold, copies too. */
function heldOn(farm: FarmView, job: JobView, asked: RangesAsked, end: number): readonly RangeSpan[] {
  const held = new Set<number>();
  if (!isAskedFor(asked, "held")) return [];
  for (const [grant, { spans }] of grantsOn(farm, job, asked.node)) {
    for (const { first, count } of eachSpan(spans))
      for (let range = Math.max(first, asked.from); range < Math.min(first + count, end); range += 1)
        if (isHolder(job, range, grant)) held.add(range);
  }
  const ranges = [...held].sort((one, other) => one - other);
  return ranges.map((first) => plain({ first, count: 1 }, "held", asked.node));
}

type Grant = readonly [number: GrantNumber, grant: { readonly spans: Spans }];

function* grantsOn(farm: FarmView, job: JobView, node: string): Generator<Grant> {
  for (const session of farm.nodes.get(node)?.sessions ?? [])
    for (const number of farm.sessions.get(session)?.holds.get(job.number) ?? []) {
      const grant = job.grants.get(number);
      if (grant !== undefined) yield [number, grant];
    }
}
