// What `noctua run` says of a job that is over.

import { formatDuration } from "../../shared/core/duration.js";
import { fateOfOutputs } from "../../shared/core/job-spec.js";
import { latencyFigures, type LatencySummary } from "../../shared/core/latencies.js";
import type { JobReport, QuarantinedNode, ReportedFailure } from "./report.js";

/** Failures that are shown; the report file has more. */
const failuresShown = 5;
const stderrLinesShown = 3;
const nodesShown = 3;

/** Where a person finds what came of the job. */
export interface ReportPlaces {
  readonly mergedFolder: string;
  readonly outputsFolder: string;
  readonly reportFile: string;
}

export function reportText(report: JobReport, tookMs: number, places: ReportPlaces): string {
  const lines = [
    `job ${report.job} ${report.name}: ${report.state.replaceAll("-", " ")} after ${formatDuration(tookMs)}`,
    `  ${eventsText(report)}`,
  ];
  if (report.reason !== "") lines.push(`  because ${report.reason}`);
  const { failed, kept } = report.ranges;
  if (failed > 0) lines.push(`  ${counted(failed, "range")} failed for good`);
  if (kept > 0) lines.push(`  ${counted(kept, "range")} done, but their merge was given up`);
  for (const { group, message } of report.keptGroups.slice(0, failuresShown)) {
    lines.push(`    group ${group}: ${message}`);
  }
  lines.push(...failureLines(report.failures), ...nodeLines(report.quarantinedNodes));
  lines.push(...latencyLines(report.latencies));
  const fate = fateOfOutputs(report.spec);
  if (fate === "merged") lines.push(`  merged files: ${places.mergedFolder}`);
  if (fate === "kept") lines.push(`  outputs:      ${places.outputsFolder}`);
  lines.push(`  report:       ${places.reportFile}`);
  return lines.join("\n");
}

function eventsText({ spec, events, done, mergedFiles }: JobReport): string {
  const fate = fateOfOutputs(spec);
  if (fate === "none") return `${done.events} of ${events.total} events done, outputs: none`;
  if (fate === "kept")
    return `${done.events} of ${events.total} events in ${counted(done.ranges, "output")}, merge: none`;
  const bytes = mergedFiles.reduce((sum, file) => sum + file.sizeBytes, 0);
  return `${events.merged} of ${events.total} events in ${counted(mergedFiles.length, "merged file")}, ${formatBytes(bytes)}`;
}

/** Those that were final first, since they are why something is missing; the tries that led to them are left out. */
function failureLines(failures: readonly ReportedFailure[]): readonly string[] {
  if (failures.length === 0) return [];
  const finals = failures.filter(({ final }) => final);
  const lost = new Set(finals.map(eventsOf));
  const others = failures.filter((failure) => !lost.has(eventsOf(failure)));
  const told = [...finals, ...others];
  const lines = [`  ${counted(failures.length, "failure")}:`];
  for (const failure of told.slice(0, failuresShown)) lines.push(...oneFailure(failure));
  const rest = told.length - failuresShown;
  return rest > 0 ? [...lines, `    and ${rest} more, in the report`] : lines;
}

function nodeLines(nodes: readonly QuarantinedNode[]): readonly string[] {
  const lines = nodes
    .slice(0, nodesShown)
    .map(({ node, reason }) => `  node ${node} is in quarantine: ${reason}`);
  const rest = nodes.length - nodesShown;
  return rest > 0 ? [...lines, `  and ${counted(rest, "node")} more, in the report`] : lines;
}

function latencyLines(latencies: readonly LatencySummary[]): readonly string[] {
  if (latencies.length === 0) return [];
  const lines = latencies.map(({ figure, count, medianMs, p99Ms }) => {
    const times = `median ${shortTime(medianMs)}, p99 ${shortTime(p99Ms)}`;
    return `    ${latencyFigures[figure]}: ${times} (n=${count})`;
  });
  return ["  times, of all jobs since the driver began:", ...lines];
}

/** To two digits: 0.3 ms, 4 ms, 1.5 s. */
function shortTime(ms: number): string {
  if (ms >= 60_000) return formatDuration(ms);
  const [amount, unit] = ms >= 1_000 ? [ms / 1_000, "s"] : [ms, "ms"];
  return `${Number(amount.toPrecision(2))} ${unit}`;
}

function eventsOf({ events: { input, first, last } }: ReportedFailure): string {
  return `${first === last ? `event ${first}` : `events ${first}-${last}`} of ${input}`;
}

function oneFailure(failure: ReportedFailure): readonly string[] {
  const outcome = failure.final ? ", failed for good" : "";
  const stderr = failure.stderrTail.split("\n").filter((line) => line.trim() !== "");
  return [
    `    ${eventsOf(failure)}, attempt ${failure.attempt} on ${failure.node}${outcome}: ${failure.message}`,
    ...stderr.slice(-stderrLinesShown).map((line) => `      | ${line}`),
  ];
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
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
