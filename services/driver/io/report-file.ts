// Writes a job's report, and sweeps what nobody will read any more: outputs that came too late, and temporaries.
// Outputs of merge groups that were given up are kept, and the report says so.

import type { Dirent } from "node:fs";
import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { present } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import { jobFolder, mergedFolder, outputPath, outputsFolder } from "../../shared/core/names.js";
import { writeFileAtomically } from "../../shared/io/atomic-file.js";
import { errorCode } from "../../shared/io/error-code.js";
import { jobViewOf, type FarmView } from "../core/farm.js";
import type { JobView } from "../core/job.js";
import { jobReport, keptRanges, type JobReport } from "../core/report.js";

interface ReportParts {
  readonly workdir: string;
  readonly read: <Answer>(question: (farm: FarmView) => Answer) => Promise<Answer>;
}

/** Writes `report.json` whole, then sweeps. May be repeated. */
export async function writeReport({ workdir, read }: ReportParts, number: JobNumber): Promise<void> {
  const { report, kept } = await read((farm) => {
    const job = jobViewOf(farm, number);
    return { report: jobReport(farm, job), kept: keptOutputs(job) };
  });
  await mkdir(join(workdir, jobFolder(number)), { recursive: true });
  await writeFileAtomically(join(workdir, jobFolder(number), "report.json"), `${textOf(report)}\n`);
  await sweepOutputs(workdir, number, kept);
  await sweepTemporaries(join(workdir, mergedFolder(number)));
}

/** Times are for people here. */
function textOf({ submittedAtUnixMs, endedAtUnixMs, ...report }: JobReport): string {
  const times = { submittedAt: isoTime(submittedAtUnixMs), endedAt: isoTime(endedAtUnixMs) };
  return JSON.stringify({ ...report, ...times }, undefined, 1);
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

async function sweepOutputs(workdir: string, job: JobNumber, kept: ReadonlySet<string>): Promise<void> {
  const folder = outputsFolder(job);
  for (const entry of await entriesOf(join(workdir, folder))) {
    if (!entry.isDirectory()) continue; // Nothing of ours; a link is not followed.
    const fan = `${folder}/${entry.name}`;
    const outputs = (await entriesOf(join(workdir, fan))).map(({ name }) => name);
    const swept = outputs.filter((output) => !kept.has(`${fan}/${output}`));
    for (const output of swept) await rm(join(workdir, fan, output), { force: true, recursive: true });
    if (swept.length === outputs.length) await removeIfEmpty(join(workdir, fan));
  }
}

async function sweepTemporaries(folder: string): Promise<void> {
  for (const { name } of await entriesOf(folder))
    if (name.endsWith(".tmp")) await rm(join(folder, name), { force: true });
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** A late actor may just be writing into it; its output is superseded, and the actor removes it itself. */
async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(errorCode(error))) throw error;
  });
}
