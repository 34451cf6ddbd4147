// Writes a job's report, and sweeps what nobody will read any more: outputs that came too late, and temporaries.
// Outputs of merge groups that were given up are kept, and the report says so. So are hand-ins that were refused: somebody
// was told to look at them.
//
//   R1. Only files of grants up to the job's last one are swept. So a driver that was paused meanwhile takes nothing from a
//       job that another driver was told to retry: what that makes has younger grants.

import { present } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { LatencySummary } from "../../shared/core/latencies.js";
import {
  grantOfOutput,
  grantOfTemporary,
  handInFolder,
  jobFolder,
  mergedFolder,
  outputPath,
  outputsFolder,
} from "../../shared/core/names.js";
import { refusedSuffix } from "../../shared/io/hand-in-file.js";
import { jobViewOf, type FarmView } from "../core/state/farm.js";
import type { JobView } from "../core/state/job.js";
import { jobReport, keptRanges, type JobReport } from "../core/report.js";
import type { JobFiles } from "./job-files.js";

interface ReportParts {
  readonly files: JobFiles;
  readonly read: <Answer>(question: (farm: FarmView) => Answer) => Promise<Answer>;
  readonly latencies?: () => readonly LatencySummary[];
}

/** Writes `report.json` whole, then sweeps. May be repeated, even by a driver that wakes up late (R1). */
export async function writeReport({ files, read, latencies }: ReportParts, number: JobNumber): Promise<void> {
  const { report, swept } = await read((farm) => {
    const job = jobViewOf(farm, number);
    return { report: jobReport(farm, job), swept: { kept: keptOutputs(job), lastGrant: job.lastGrant } };
  });
  await files.writeWhole(`${jobFolder(number)}/report.json`, `${textOf(report, latencies?.() ?? [])}\n`);
  await sweepOutputs(files, outputsFolder(number), swept);
  await sweepTemporaries(files, mergedFolder(number), swept);
  await sweepHandIns(files, handInFolder(number));
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

function keptOutputs(job: JobView): ReadonlySet<string> {
  const paths = keptRanges(job).map((range) => {
    const grant = present(job.table.winnerOf(range), "winner of a kept range");
    return outputPath(
      { job: job.number, range, grant, events: job.layout.locate(range) },
      job.spec.outputSuffix,
    );
  });
  return new Set(paths);
}

interface Swept {
  readonly kept: ReadonlySet<string>;
  readonly lastGrant: number;
}

async function sweepOutputs(files: JobFiles, folder: string, { kept, lastGrant }: Swept): Promise<void> {
  for (const { name, isFolder } of await files.list(folder)) {
    if (!isFolder) continue; // Nothing of ours; a link is not followed.
    const fan = `${folder}/${name}`;
    for (const output of await files.list(fan)) {
      const grant = grantOfOutput(output.name) ?? 0;
      const path = `${fan}/${output.name}`;
      if (grant <= lastGrant && !kept.has(path)) await files.remove(path); // (R1)
    }
    // A late actor may just be writing into it; its output is superseded, and the actor removes it itself.
    await files.removeIfEmpty(fan);
  }
}

async function sweepTemporaries(files: JobFiles, folder: string, { lastGrant }: Swept): Promise<void> {
  for (const { name } of await files.list(folder)) {
    const grant = grantOfTemporary(name);
    if (grant !== undefined && grant <= lastGrant) await files.remove(`${folder}/${name}`); // (R1)
  }
}

/** No driver has acknowledged what is in them: should one be for a job that was taken up again, its ranges are done again. */
async function sweepHandIns(files: JobFiles, folder: string): Promise<void> {
  for (const { name } of await files.list(folder))
    if (!name.endsWith(refusedSuffix)) await files.remove(`${folder}/${name}`);
  await files.removeIfEmpty(folder);
}
