// What `noctua status` prints.

import { formatDuration } from "../../shared/core/duration.js";
import { formatSize } from "../../shared/core/size.js";
import { clipped, tableText } from "./columns.js";
import { nameWidth, shortState } from "./job-list.js";
import {
  eventsUnderWay,
  failedWord,
  isCutShort,
  isMerging,
  isOver,
  rangesOf,
  rangesSettled,
  type JobStatus,
} from "./job-status.js";
import { bar } from "./progress.js";
import { outOf, shortCount } from "./short-count.js";

const barCells = 16;
/** Of a bar in the table, which is to fit into eighty columns. */
const tableCells = 12;

const columns = ["JOB", "NAME", "STATE", "PROGRESS", "RANGES", "FILES", "FAILED", "FAILURES"].map(
  (title) => ({ title }),
);

/** One line a job, in columns. */
export function jobTable(jobs: readonly JobStatus[]): string {
  if (jobs.length === 0) return "no jobs yet: noctua submit JOB.yaml";
  const rows = jobs.map((status) => [
    String(status.job),
    clipped(status.name, nameWidth),
    shortState(status.state),
    bar(status, tableCells),
    outOf(rangesSettled(status), rangesOf(status)),
    shortCount(status.filesMerged),
    isCutShort(status) ? "-" : shortCount(status.ranges.failed),
    shortCount(status.failures),
  ]);
  return tableText(columns, rows);
}

/** Wall time, for people. */
export interface WallTime {
  readonly nowUnixMs: number;
  iso(unixMs: number): string;
}

/** One job, all that is known of it. */
export function jobDetail(status: JobStatus, wall: WallTime): string {
  const { ready, held, done, merged, failed } = status.ranges;
  const lines = [
    `job ${status.job}  ${status.name}  ${status.state}  ${bar(status, barCells)}`,
    `  ranges     ${rangesOf(status)}: ${ready} ready, ${held} held, ${done} done, ${merged} merged, ${failed} ${failedWord(status)}`,
    `  events     ${status.eventsDone} of ${status.events} done${runningText(status)}`,
    !isMerging(status)
      ? `  outputs    ${status.outputs === "none" ? "none" : "kept, merge: none"}`
      : `  merges     ${status.filesMerged}${expectedText(status)} files, ${status.groupsOpen} groups open, ${status.groupsFailed} given up`,
    ...mergingLines(status),
    `  failures   ${status.failures}`,
    ...(status.copiesMade === 0
      ? []
      : [`  copies     ${status.copiesMade} of slow ranges, ${status.copiesWon} came first`]),
    `  actors     ${status.actors} connected, ${status.slots} slots${leftText(status)}`,
    ...quarantineLines(status),
    `  submitted  ${wall.iso(status.submittedUnixMs)} (${formatDuration(wall.nowUnixMs - status.submittedUnixMs)} ago)`,
  ];
  if (status.endedUnixMs !== undefined) {
    const tookMs = status.endedUnixMs - status.submittedUnixMs;
    lines.push(`  ended      ${wall.iso(status.endedUnixMs)} (after ${formatDuration(tookMs)})`);
  }
  if (status.reason !== "") lines.push(`  reason     ${status.reason}`);
  if (isOver(status.state) && failed > 0)
    lines.push(
      `  ${failedWord(status).padEnd(9)}  noctua report ${status.job} tells why, noctua retry ${status.job} tries again`,
    );
  return [...lines, ...nextLines(status)].join("\n");
}

/** What may be done with a job that is not over, and what it waits for. */
function nextLines({ job, state, ranges, takesRanges, waitsFor }: JobStatus): readonly string[] {
  if (isOver(state)) return [];
  const inputs = `  inputs     noctua add ${job} gives it more, until noctua close ${job}`;
  const waits = waitsFor === "" ? `noctua explain ${job} tells for what` : waitsFor;
  const isWaiting = waitsFor !== "" || ranges.held === 0;
  return [...(takesRanges ? [inputs] : []), ...(isWaiting ? [`  waits      ${waits}`] : [])];
}

function expectedText({ state, filesExpected }: JobStatus): string {
  return filesExpected === undefined || isOver(state) ? "" : ` of ${filesExpected}`;
}

function leftText({ state, allocationLeftMs }: JobStatus): string {
  if (allocationLeftMs === undefined || isOver(state)) return "";
  return `, ${formatDuration(allocationLeftMs)} of their wall time left`;
}

function runningText(status: JobStatus): string {
  const events = eventsUnderWay(status);
  return events === 0 ? "" : `, ${events} more in ranges that run`;
}

function mergingLines({ merging, mergesRunning }: JobStatus): readonly string[] {
  const lines = merging.map(({ merger, group, bytesRead, bytesTotal, runningMs }) => {
    const all = bytesTotal === 0 ? "" : ` of ${formatSize(bytesTotal)}`;
    return `  merging    group ${group} on ${merger} for ${formatDuration(runningMs)}: ${formatSize(bytesRead)}${all} read`;
  });
  const rest = mergesRunning - merging.length;
  return rest > 0 ? [...lines, `             and ${rest} more`] : lines;
}

function quarantineLines({ nodesQuarantined, quarantinedNodes }: JobStatus): readonly string[] {
  const [first] = quarantinedNodes;
  if (first === undefined) return [];
  const rest = nodesQuarantined - quarantinedNodes.length;
  const names = `${quarantinedNodes.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  return [`  quarantine ${names} (noctua explain --node ${first} tells why)`];
}
