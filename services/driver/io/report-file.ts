// Writes a job's report, and sweeps what nobody will read any more (job-sweep.ts).

import type { JobNumber } from "../../shared/core/id.js";
import type { LatencySummary } from "../../shared/core/latencies.js";
import { jobFolder } from "../../shared/core/names.js";
import { jobViewOf, type FarmView } from "../core/state/farm.js";
import { jobReport, type JobReport } from "../core/report.js";
import type { JobFiles } from "./job-files.js";
import { sweepJob, worthlessOf } from "./job-sweep.js";

interface ReportParts {
  readonly files: JobFiles;
  readonly read: <Answer>(question: (farm: FarmView) => Answer) => Promise<Answer>;
  readonly latencies?: () => readonly LatencySummary[];
}

/** Writes `report.json` whole, then sweeps. May be repeated, even by a driver that wakes up late. */
export async function writeReport({ files, read, latencies }: ReportParts, number: JobNumber): Promise<void> {
  const { report, worthless } = await read((farm) => {
    const job = jobViewOf(farm, number);
    return { report: jobReport(farm, job), worthless: worthlessOf(job) };
  });
  await files.writeWhole(`${jobFolder(number)}/report.json`, `${textOf(report, latencies?.() ?? [])}\n`);
  await sweepJob(files, worthless);
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
