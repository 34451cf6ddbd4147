// What `noctua run` says of a job that is over.

import { formatDuration } from "../../shared/core/duration.js";
import type { JobReport, ReportedFailure } from "./report.js";

/** Failures that are shown; the report file has more. */
const failuresShown = 5;
const stderrLinesShown = 3;

/** Where a person finds what came of the job. */
export interface ReportPlaces {
  readonly mergedFolder: string;
  readonly reportFile: string;
}

export function reportText(report: JobReport, tookMs: number, places: ReportPlaces): string {
  const bytes = report.mergedFiles.reduce((sum, file) => sum + file.sizeBytes, 0);
  const files =
    report.mergedFiles.length === 1 ? "1 merged file" : `${report.mergedFiles.length} merged files`;
  const lines = [
    `job ${report.job} ${report.name}: ${report.state.replaceAll("-", " ")} after ${formatDuration(tookMs)}`,
    `  ${report.events.merged} of ${report.events.total} events in ${files}, ${formatBytes(bytes)}`,
  ];
  if (report.reason !== "") lines.push(`  because ${report.reason}`);
  if (report.ranges.failed > 0) lines.push(`  ${report.ranges.failed} ranges failed for good`);
  if (report.ranges.kept > 0) lines.push(`  ${report.ranges.kept} ranges done, but their merge was given up`);
  for (const { group, message } of report.keptGroups.slice(0, failuresShown)) {
    lines.push(`    group ${group}: ${message}`);
  }
  lines.push(...failureLines(report.failures));
  lines.push(`  merged files: ${places.mergedFolder}`, `  report:       ${places.reportFile}`);
  return lines.join("\n");
}

/** Those that were final first, since they are why something is missing. */
function failureLines(failures: readonly ReportedFailure[]): readonly string[] {
  if (failures.length === 0) return [];
  const inOrder = [...failures.filter(({ final }) => final), ...failures.filter(({ final }) => !final)];
  const lines = [failures.length === 1 ? "  1 failure:" : `  ${failures.length} failures:`];
  for (const failure of inOrder.slice(0, failuresShown)) lines.push(...oneFailure(failure));
  const rest = failures.length - failuresShown;
  return rest > 0 ? [...lines, `    and ${rest} more, in the report`] : lines;
}

function oneFailure(failure: ReportedFailure): readonly string[] {
  const { input, first, last } = failure.events;
  const events = first === last ? `event ${first}` : `events ${first}-${last}`;
  const outcome = failure.final ? "failed for good" : "tried again";
  const stderr = failure.stderrTail.split("\n").filter((line) => line.trim() !== "");
  return [
    `    ${events} of ${input}, attempt ${failure.attempt} on ${failure.node}, ${outcome}: ${failure.message}`,
    ...stderr.slice(-stderrLinesShown).map((line) => `      | ${line}`),
  ];
}

function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1_000 && unit < units.length - 1) {
    amount /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? amount : amount.toPrecision(3)} ${units[unit] ?? ""}`;
}
