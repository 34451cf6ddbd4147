// Sweeps what is left of a job that is over and that nobody will read any more: outputs that nobody reported or that came too
// late, and temporaries. Outputs of merge groups that were given up are kept, as are all where nothing is merged, and the
// report says so. So are hand-ins that were refused: somebody was told to look at them.
//
//   R1. Only files of grants up to the job's last one are swept. So a driver that was paused meanwhile takes nothing from a
//       job that another driver was told to retry: what that makes has younger grants.
//   R2. A job is swept when its report is written, and again at each start and end of a driver.

import { basename } from "node:path";
import type { JobNumber } from "../../shared/core/id.js";
import {
  grantOfTemporary,
  handInFolder,
  jobFolder,
  mergedFolder,
  outputNamed,
  outputPath,
  outputsFolder,
} from "../../shared/core/names.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { refusedSuffix } from "../../shared/io/hand-in-file.js";
import type { Logger } from "../../shared/io/logger.js";
import { after } from "../../shared/io/system-clock.js";
import { jobViewOf, type FarmView } from "../core/state/farm.js";
import type { JobView } from "../core/state/job.js";
import type { JobFiles } from "./job-files.js";

/** A job that is over, and its last grant then. */
export type Ended = Pick<JobView, "number" | "lastGrant">;

export interface SweepParts {
  readonly files: JobFiles;
  readonly read: <Answer>(question: (farm: FarmView) => Answer) => Promise<Answer>;
}

/** May be repeated, even by a driver that wakes up late (R1). */
export async function sweepJob(parts: SweepParts, { number, lastGrant }: Ended): Promise<void> {
  await sweepOutputs(parts, number, lastGrant);
  await sweepTemporaries(parts.files, mergedFolder(number), lastGrant);
  await sweepHandIns(parts.files, handInFolder(number));
  await sweepReports(parts.files, jobFolder(number));
}

interface LateParts extends SweepParts {
  readonly log: Logger;
}

/**
 * Sweeps jobs that were over and reported before: an actor that was cut off may have stored something later, and have died
 * before it could be told that nobody wants it (R2). Returns what sweeps them once more, at the driver's end.
 */
export function sweepReported(parts: LateParts): () => Promise<void> {
  const stop = new AbortController();
  const first = sweepAll(parts, stop.signal);
  return async () => {
    stop.abort();
    await first;
    const late = new AbortController();
    const cancel = after(lastSweepMsMax, () => late.abort());
    await sweepAll(parts, late.signal);
    cancel();
  };
}

/** The driver's end waits no longer for it (P10); the next start goes on. */
const lastSweepMsMax = 5_000;

/** Never rejects: what can't be swept now is swept at the next start or end. */
async function sweepAll(parts: LateParts, signal: AbortSignal): Promise<void> {
  const { read, log } = parts;
  try {
    const isReported = ({ stage }: JobView): boolean => stage.kind === "reported";
    const jobs = await read((farm) => [...farm.jobs.values()].filter(isReported).map(({ number }) => number));
    for (const job of jobs) {
      if (signal.aborted) return;
      // A job may be taken up again meanwhile, and then it is not looked at.
      const ended = await read((farm) => {
        const view = jobViewOf(farm, job);
        return isReported(view) ? { number: job, lastGrant: view.lastGrant } : undefined;
      });
      if (ended !== undefined) await sweepJob(parts, ended);
    }
  } catch (error) {
    log.warn("cannot sweep what came late for jobs that are over", { error: errorMessage(error) });
  }
}

/** Whether an output stays, now that its job is over: it is its range's, and in no merged file. */
function isKept(job: JobView, path: string): boolean {
  const named = outputNamed(basename(path));
  const events = named === undefined ? undefined : job.layout.inputs[named.input];
  if (named === undefined || events === undefined) return false;
  const { input, first } = named;
  if (first < events.firstEvent || first >= events.firstEvent + events.events) return false;
  const range = job.layout.rangeOf(input, first);
  const grant = job.table.winnerOf(range);
  if (grant === undefined || job.table.stateOf(range) !== "done") return false;
  const output = { job: job.number, range, grant, events: job.layout.locate(range) };
  return path === outputPath(output, job.spec.outputSuffix);
}

/** Files that are removed by one order. */
const removalsMax = 256;

/** Folder by folder: no list of all outputs is made, of which there may be very many. */
async function sweepOutputs(
  { files, read }: SweepParts,
  number: JobNumber,
  lastGrant: number,
): Promise<void> {
  const folder = outputsFolder(number);
  for (const { name, isFolder } of await files.list(folder)) {
    if (!isFolder) continue; // Nothing of ours; a link is not followed.
    const fan = `${folder}/${name}`;
    const mayGo = (await files.list(fan))
      .map((output) => output.name)
      .filter((output) => (outputNamed(output)?.grant ?? 0) <= lastGrant); // (R1)
    const outputs = await read((farm) => {
      const job = jobViewOf(farm, number);
      return mayGo.filter((output) => !isKept(job, `${fan}/${output}`));
    });
    for (let from = 0; from < outputs.length; from += removalsMax) {
      const some = outputs.slice(from, from + removalsMax);
      await files.remove(some.map((output) => `${fan}/${output}`));
    }
    // A late actor may just be writing into it; its output is superseded, and the actor removes it itself.
    await files.removeIfEmpty(fan);
  }
}

async function sweepTemporaries(files: JobFiles, folder: string, lastGrant: number): Promise<void> {
  for (const { name } of await files.list(folder)) {
    const grant = grantOfTemporary(name);
    if (grant !== undefined && grant <= lastGrant) await files.remove([`${folder}/${name}`]); // (R1)
  }
}

/** What a driver left that was killed while it wrote a report; one that writes such a file just now writes it again. */
async function sweepReports(files: JobFiles, folder: string): Promise<void> {
  for (const { name } of await files.list(folder))
    if (/^(report\.json|[a-z]+\.jsonl)\..+\.tmp$/.test(name)) await files.remove([`${folder}/${name}`]);
}

/** No driver has acknowledged what is in them: should one be for a job that was taken up again, its ranges are done again. */
async function sweepHandIns(files: JobFiles, folder: string): Promise<void> {
  for (const { name } of await files.list(folder))
    if (!name.endsWith(refusedSuffix)) await files.remove([`${folder}/${name}`]);
  await files.removeIfEmpty(folder);
}
