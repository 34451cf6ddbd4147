// A report with its lists, put together for those who look at all of it.

import type {
  FailureLine,
  KeptLine,
  MergedLine,
  RangesLine,
  ReportedReason,
  ReportHead,
  SpanPair,
} from "./report.js";

/** The lines of each list. */
export interface ReportLines {
  readonly ranges: readonly RangesLine[];
  readonly merged: readonly MergedLine[];
  readonly kept: readonly KeptLine[];
  readonly failures: readonly FailureLine[];
}

export interface ReportedDone {
  readonly ranges: number;
  readonly events: number;
  readonly spans: readonly SpanPair[];
}

/** Ranges that failed for good, for one reason. */
export type FailedRanges = Pick<ReportedReason, "class" | "message"> & {
  readonly spans: readonly SpanPair[];
};

export interface WholeReport extends Omit<ReportHead, "mergedFiles" | "failed" | "failures"> {
  readonly done: ReportedDone;
  readonly mergedFiles: readonly MergedLine[];
  readonly failed: readonly FailedRanges[];
  readonly keptGroups: readonly KeptLine[];
  readonly failures: readonly FailureLine[];
}

export function wholeReport<Head extends Pick<ReportHead, "ranges" | "events" | "failed">>(
  head: Head,
  lines: ReportLines,
): Omit<Head, "failed"> & Pick<WholeReport, "done" | "mergedFiles" | "failed" | "keptGroups" | "failures"> {
  const done: SpanPair[] = [];
  const failed = new Map<number, SpanPair[]>();
  for (const { first, count, state, reason } of lines.ranges) {
    if (state === "done") done.push([first, count]);
    if (state !== "failed" || reason === undefined) continue;
    const spans = failed.get(reason) ?? [];
    spans.push([first, count]);
    failed.set(reason, spans);
  }
  return {
    ...head,
    done: { ranges: head.ranges.done, events: head.events.done, spans: done },
    mergedFiles: lines.merged,
    failed: head.failed.map(({ reason, class: failureClass, message }) => {
      return { class: failureClass, message, spans: failed.get(reason) ?? [] };
    }),
    keptGroups: lines.kept,
    failures: lines.failures,
  };
}
