// Do the lists of a report say the same as each other, and as it does?

import type { RangeLayout } from "../../shared/core/event-range.js";
import { rangeFates, type SpanPair } from "../../shared/core/report.js";
import { SpansBuilder } from "../../shared/core/spans.js";
import { counted } from "../../shared/core/counted.js";
import { coverageProblems } from "./coverage.js";
import type { JobReport } from "./report.js";

/** `ranges.jsonl` has each range once, and calls those merged that are in a merged file. */
export function checkLists(report: JobReport, layout: RangeLayout): ListsCheck {
  const { rangeLines, ranges, lists } = report;
  const claims = rangeLines.map(({ first, count, state }) => {
    return { owner: `what is ${state}`, spans: [[first, count] as const] };
  });
  const problems = [...coverageProblems(claims, layout, report.spec)];
  for (const fate of rangeFates) {
    const told = rangeLines.filter(({ state }) => state === fate);
    const counted = told.reduce((sum, { count }) => sum + count, 0);
    if (ranges[fate] !== counted)
      problems.push(`ranges.${fate} says ${ranges[fate]}, ranges.jsonl has ${counted}`);
    if ((fate === "waiting" || fate === "running") && counted > 0)
      problems.push(`${counted} ranges are called ${fate}, and the job is over`);
  }
  const merged = rangeLines.filter(({ state }) => state === "merged");
  const [told, inFiles] = [
    merged.map(({ first, count }) => [first, count] as const),
    report.mergedFiles.flatMap(({ spans }) => spans),
  ].map(canonical);
  if (told !== inFiles) problems.push("ranges.jsonl calls others merged than merged.jsonl has in files");
  const counts = { ranges: rangeLines, merged: report.mergedFiles, kept: report.keptGroups };
  for (const list of ["ranges", "merged", "kept"] as const) {
    const lines = counts[list].length;
    if (lists[list] !== lines)
      problems.push(`${list}.jsonl has ${lines} lines, the report says ${lists[list]}`);
  }
  const summary = [
    counted(rangeLines.length, "span"),
    counted(report.mergedFiles.length, "merged file"),
    `${counted(report.keptGroups.length, "group")} given up`,
  ].join(", ");
  return { name: "lists", summary, problems };
}

/** Equal for spans that have the same ranges. */
function canonical(spans: readonly SpanPair[]): string {
  const builder = new SpansBuilder();
  for (const [first, count] of [...spans].sort(([one], [other]) => one - other)) builder.add(first, count);
  return JSON.stringify(builder);
}

interface ListsCheck {
  readonly name: string;
  readonly summary: string;
  readonly problems: readonly string[];
}
