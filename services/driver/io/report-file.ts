// Writes a job's report, and sweeps what nobody will read any more (job-sweep.ts).

import type { JobNumber } from "../../shared/core/id.js";
import type { LatencySummary } from "../../shared/core/latencies.js";
import { jobFolder } from "../../shared/core/names.js";
import { jobViewOf } from "../core/state/farm.js";
import { jobReport, type JobReport } from "../core/report.js";
import { sweepJob, type SweepParts } from "./job-sweep.js";

interface ReportParts extends SweepParts {
  readonly latencies?: () => readonly LatencySummary[];
}

/** Writes `report.json` whole, then sweeps. May be repeated, even by a driver that wakes up late. */
export async function writeReport(parts: ReportParts, number: JobNumber): Promise<void> {
  const { files, read, latencies } = parts;
  const { report, lastGrant } = await read((farm) => {
    const job = jobViewOf(farm, number);
    return { report: jobReport(farm, job), lastGrant: job.lastGrant };
  });
  await files.writeWhole(`${jobFolder(number)}/report.json`, `${textOf(report, latencies?.() ?? [])}\n`);
  await sweepJob(parts, { number, lastGrant });
}

/** Times are for people here. */
function textOf(
  { submittedAtUnixMs, endedAtUnixMs, quarantinedNodes, ...report }: JobReport,
  latencies: readonly LatencySummary[],
): string {
  const times = { submittedAt: isoTime(submittedAtUnixMs), endedAt: isoTime(endedAtUnixMs) };
  const nodes = quarantinedNodes.map(({ sinceUnixMs, ...node }) => ({
    ...node,
    since: isoTime(sinceUnixMs),
  }));
  return JSON.stringify({ ...report, quarantinedNodes: nodes, latencies, ...times }, undefined, 1);
}

function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
