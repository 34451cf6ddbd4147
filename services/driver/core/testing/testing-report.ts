// For tests: what the report would say of a job, all at once.

import type { FailureLine, FateCounts, ReportedReason } from "../../../shared/core/report.js";
import { wholeReport, type WholeReport } from "../../../shared/core/whole-report.js";
import { keptLine, mergedLine, reportBasics, type ReportBasics } from "../report.js";
import { failureLine, isLatest, otherFailures } from "../report-failures.js";
import { RangeLines } from "../report-ranges.js";
import type { FarmView } from "../state/farm.js";
import { parseRangeLines } from "./parse-range-lines.js";
import type { JobView } from "../state/job.js";

interface ToldCounts {
  readonly ranges: FateCounts;
  readonly events: FateCounts;
}

export type ToldReport = ToldCounts &
  ReportBasics &
  Pick<WholeReport, "done" | "mergedFiles" | "failed" | "keptGroups" | "failures">;

/** The ranges are told so many at a time. */
export function jobReport(farm: Pick<FarmView, "run" | "nodes">, job: JobView, rangesAtOnce = 3): ToldReport {
  const told = new RangeLines();
  let text = "";
  while (told.next < job.table.ranges) text += told.tell(job, rangesAtOnce);
  text += told.end();
  const groups = [...job.groups.keys()].sort((one, other) => one - other);
  const head: ReportBasics & ToldCounts & { readonly failed: readonly ReportedReason[] } = {
    ...reportBasics(farm, job),
    ranges: told.ranges,
    events: told.events,
    failed: told.reasons,
  };
  return wholeReport(head, {
    ranges: parseRangeLines(text),
    merged: groups.flatMap((group) => mergedLine(job, group) ?? []),
    kept: groups.flatMap((group) => keptLine(job, group) ?? []),
    failures: failureLines(job),
  });
}

function failureLines(job: JobView): readonly FailureLine[] {
  const { records } = job.failures;
  const told = new Set(
    records.filter((record) => record.final && isLatest(job, record)).map(({ range }) => range),
  );
  const others = otherFailures(job, { first: 0, count: job.table.ranges }, told);
  return [...records.map((record) => failureLine(job, record)), ...others];
}
