// What `noctua report` says of a job, for people: how it stands, what is wrong, and where to look.

import { formatDuration } from "../../shared/core/duration.js";
import { fateOfOutputs } from "../../shared/core/job-spec.js";
import { latencyFigures, type LatencySummary } from "../../shared/core/latencies.js";
import type { KeptLine, QuarantinedNode, Utilisation } from "../../shared/core/report.js";
import { counted } from "../../shared/core/counted.js";
import { isCutShort, isOver } from "./job-status.js";
import type { ReportedFailure, ReportSummary, ShownReport } from "./report.js";

/** Of each kind, what is shown; the report's files have more. */
const failuresShown = 5;
const reasonsShown = 5;
const stderrLinesShown = 3;
const nodesShown = 3;
const columnsMax = 80;

/** Where a person finds what came of the job. */
export interface ReportPlaces {
  readonly mergedFolder: string;
  readonly outputsFolder: string;
  readonly reportFile: string;
}

const failedWords = { failed: "failed for good", left: "failed" };
/** What a job gave up that was cut short has not failed. */
const cutShortWords = { failed: "not done", left: "is not done" };

export function reportText({ summary, tookMs, failures, kept }: ShownReport, places: ReportPlaces): string {
  const { ranges } = summary;
  const words = isCutShort(summary) ? cutShortWords : failedWords;
  const lines = [headline(summary, tookMs), `  ${asOfThen(summary)}${eventsText(summary)}`];
  if (!isOver(summary.state)) lines.push(`  ${rangesText(summary)}`);
  lines.push(...because(summary));
  if (ranges.failed > 0)
    lines.push(`  ${counted(ranges.failed, "range")} ${words.failed}`, ...reasonLines(summary));
  if (ranges.kept > 0) lines.push(`  ${counted(ranges.kept, "range")} done, but their merge was given up`);
  lines.push(...kept.slice(0, failuresShown).flatMap(oneGroup));
  if (kept.length > failuresShown)
    lines.push(`    and ${summary.groupsGivenUp - failuresShown} more, in kept.jsonl`);
  lines.push(...failureLines(summary, failures), ...nodeLines(summary.quarantinedNodes));
  lines.push(...utilisationLines(summary.utilisation), ...latencyLines(summary.latencies));
  const fate = fateOfOutputs(summary.spec);
  if (fate === "merged") lines.push(`  merged files: ${places.mergedFolder}`);
  if (fate === "kept") lines.push(`  outputs:      ${places.outputsFolder}`);
  lines.push(`  report:       ${places.reportFile}`);
  if (isOver(summary.state) && ranges.failed + ranges.kept > 0)
    lines.push(
      `  ${summary.state === "cancelled" ? "to go on:    " : "once mended: "} noctua retry ${summary.job} takes up what ${words.left}`,
    );
  return lines.join("\n");
}

function headline({ job, name, state, times }: ReportSummary, tookMs: number): string {
  const words = state === "broken" ? "out of service" : state.replaceAll("-", " ");
  const when = times.ended === undefined ? `, as of ${times.updated}` : "";
  return `job ${job} ${name}: ${words} after ${formatDuration(tookMs)}${when}`;
}

/** A job that goes out of service has its report's figures left as they were. */
function asOfThen({ state }: ReportSummary): string {
  return state === "broken" ? "as last reported: " : "";
}

function eventsText({ spec, events, ranges, mergedFiles }: ReportSummary): string {
  const fate = fateOfOutputs(spec);
  if (fate === "none") return `${events.done} of ${events.total} events done, outputs: none`;
  if (fate === "kept")
    return `${events.done} of ${events.total} events in ${counted(ranges.done, "output")}, merge: none`;
  const files = counted(mergedFiles.files, "merged file");
  return `${events.merged} of ${events.total} events in ${files}, ${formatBytes(mergedFiles.sizeBytes)}`;
}

function rangesText({ ranges }: ReportSummary): string {
  const { total, waiting, running, done, merged } = ranges;
  return `${total} ranges: ${waiting} waiting, ${running} running, ${done} done, ${merged} merged`;
}

/** Of a cancelled job the headline says it. */
function because({ reason, state }: ReportSummary): readonly string[] {
  return reason === "" || state === "cancelled" ? [] : [`  because ${reason}`];
}

/** Those that cost most first. */
function reasonLines(summary: ReportSummary): readonly string[] {
  const most = [...summary.failed].sort((one, other) => other.ranges - one.ranges);
  const lines = most
    .slice(0, reasonsShown)
    .map((reason) => `    ${reason.ranges} ${whyNot(summary, reason)}`);
  const rest = most.length - reasonsShown;
  return rest > 0 ? [...lines, `    and ${counted(rest, "reason")} more, in the report`] : lines;
}

/** Ranges that were given up with their job have its reason. */
function whyNot(
  summary: ReportSummary,
  { class: failureClass, message }: ReportSummary["failed"][number],
): string {
  const isGivenUp = isCutShort(summary) && failureClass === "fatal" && message === summary.reason;
  return isGivenUp ? "given up with the job" : `(${failureClass}): ${message}`;
}

/** Those that were final first, since they are why something is missing; the tries that led to them are left out. */
function failureLines(
  { failures: { counted: all, told: listed } }: ReportSummary,
  failures: readonly ReportedFailure[],
): readonly string[] {
  if (failures.length === 0) return [];
  const finals = failures.filter(({ final }) => final);
  const lost = new Set(finals.map(eventsOf));
  const others = failures.filter((failure) => !lost.has(eventsOf(failure)));
  const told = [...finals, ...others];
  const lines = [`  ${counted(all, "failure")}:`];
  for (const failure of told.slice(0, failuresShown)) lines.push(...oneFailure(failure));
  const rest = told.length - failuresShown + (listed - failures.length); // Of a long list only the beginning was read.
  return rest > 0 ? [...lines, `    and ${rest} more, in failures.jsonl`] : lines;
}

function nodeLines(nodes: readonly QuarantinedNode[]): readonly string[] {
  const lines = nodes
    .slice(0, nodesShown)
    .map(({ node, reason }) => `  node ${node} is in quarantine: ${reason}`);
  const rest = nodes.length - nodesShown;
  return rest > 0 ? [...lines, `  and ${counted(rest, "node")} more, in the report`] : lines;
}

/** Nothing while nobody has told anything. */
function utilisationLines({ held, ...parts }: Utilisation): readonly string[] {
  if (held <= 0) return [];
  const share = (name: string, seconds: number): string => `${name} ${((100 * seconds) / held).toFixed(1)} %`;
  const shown = [
    share("busy", parts.busy),
    ...(parts.lost > 0 ? [share("lost", parts.lost)] : []),
    share("starting", parts.starting),
    share("waiting", parts.waiting),
    ...(parts.otherJobs > 0 ? [share("other jobs", parts.otherJobs)] : []),
  ];
  return folded(`  slots: ${shown.join(", ")} of ${formatDuration(1_000 * held)} of slot time`);
}

function latencyLines(latencies: readonly LatencySummary[]): readonly string[] {
  if (latencies.length === 0) return [];
  const lines = latencies.flatMap(({ figure, count, medianMs, p99Ms }) => {
    const times = `median ${shortTime(medianMs)}, p99 ${shortTime(p99Ms)}`;
    return folded(`    ${latencyFigures[figure]}: ${times} (n=${count})`);
  });
  return ["  times, of all jobs since the driver began:", ...lines];
}

/** In lines that a terminal of eighty columns shows whole, where its commas and colons allow it. */
function folded(text: string): readonly string[] {
  if (text.length <= columnsMax) return [text];
  const end = Math.max(...[", ", ": "].map((mark) => text.lastIndexOf(mark, columnsMax - 1))) + 1;
  if (end === 0) return [text];
  const indent = text.length - text.trimStart().length;
  return [text.slice(0, end), ...folded(`${" ".repeat(indent + 2)}${text.slice(end + 1)}`)];
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
  const what = `${eventsOf(failure)}, attempt ${failure.attempt} on ${failure.node}${outcome}`;
  return [`    ${what}: ${failure.message}`, ...stderrLines(failure.stderrTail)];
}

function oneGroup({ group, message, stderrTail = "", attempts, mergers = [] }: KeptLine): readonly string[] {
  const tries =
    attempts === undefined ? "" : `, ${counted(attempts, "try", "tries")} on ${mergers.join(", ")}`;
  return [`    group ${group}${tries}: ${message}`, ...stderrLines(stderrTail)];
}

function stderrLines(tail: string): readonly string[] {
  const lines = tail.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-stderrLinesShown).map((line) => `      | ${line}`);
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
