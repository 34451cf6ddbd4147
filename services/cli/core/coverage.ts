// Is each range of a job claimed once? One pass over sorted spans: it costs the spans, not the ranges.

import type { RangeLayout } from "../../shared/core/event-range.js";
import type { Span, Spans } from "../../shared/core/spans.js";
import type { SpanPair } from "../../shared/core/report.js";
import type { JobReport, ReportedSpec } from "./report.js";

/** Spans, and who says that they are his. */
interface Claim {
  readonly owner: string;
  readonly spans: readonly SpanPair[];
}

/** All that the report says about where ranges are. */
export function claimsOf(report: JobReport): readonly Claim[] {
  return [
    ...report.mergedFiles.map(({ path, spans }) => ({ owner: path, spans })),
    { owner: "what is done", spans: report.done.spans },
    ...report.failed.map(({ message, spans }) => ({ owner: `the failed ranges ("${message}")`, spans })),
    ...report.keptGroups.map(({ group, spans }) => ({
      owner: `group ${group}, which could not be merged`,
      spans,
    })),
  ];
}

export function rangesOfPairs(spans: readonly SpanPair[]): number {
  return spans.reduce((sum, [, count]) => sum + count, 0);
}

/** The spans, when each lies inside the job. */
export function soundSpans(spans: readonly SpanPair[], total: number): Spans | undefined {
  if (!spans.every(([first, count]) => isInside(first, count, total))) return undefined;
  return { first: spans.map(([first]) => first), count: spans.map(([, count]) => count) };
}

function isInside(first: number, count: number, total: number): boolean {
  return (
    Number.isInteger(first) && Number.isInteger(count) && first >= 0 && count >= 1 && first + count <= total
  );
}

/** What keeps the claims from naming each range of the job once. */
export function coverageProblems(
  claims: readonly Claim[],
  layout: RangeLayout,
  spec: ReportedSpec,
): readonly string[] {
  const problems: string[] = [];
  const spans: (Span & { readonly owner: string })[] = [];
  for (const { owner, spans: pairs } of claims) {
    for (const [first, count] of pairs) {
      if (isInside(first, count, layout.ranges)) spans.push({ first, count, owner });
      else
        problems.push(`${owner}: span [${first}, ${count}] is not inside the job's ${layout.ranges} ranges`);
    }
  }
  spans.sort((a, b) => a.first - b.first || a.count - b.count);
  const name = (first: number, end: number): string => describeRanges(first, end, layout, spec);
  let end = 0;
  let owner = "";
  for (const span of spans) {
    const spanEnd = span.first + span.count;
    if (span.first > end) problems.push(`${name(end, span.first)}: missing`);
    if (span.first < end) {
      problems.push(`${name(span.first, Math.min(end, spanEnd))}: twice, in ${owner} and in ${span.owner}`);
    }
    if (spanEnd > end) [end, owner] = [spanEnd, span.owner];
  }
  if (end < layout.ranges) problems.push(`${name(end, layout.ranges)}: missing`);
  return problems;
}

/** The ranges [first, end), and the events that they begin and end with, as people would look for them. */
function describeRanges(first: number, end: number, layout: RangeLayout, spec: ReportedSpec): string {
  const from = layout.locate(first);
  const to = layout.locate(end - 1);
  const path = (input: number): string => spec.inputs[input]?.path ?? "";
  const ranges = end - first === 1 ? `range ${first}` : `ranges ${first}-${end - 1}`;
  if (from.input !== to.input) {
    return `${ranges} (event ${from.first} of ${path(from.input)} to event ${to.last} of ${path(to.input)})`;
  }
  const events = from.first === to.last ? `event ${from.first}` : `events ${from.first}-${to.last}`;
  return `${ranges} (${events} of ${path(from.input)})`;
}
