// Sweeps what is left of a job that is over and that nobody will read any more: outputs that nobody reported or that came too
// late, and temporaries. Outputs of merge groups that were given up are kept, and the report says so. So are hand-ins that
// were refused: somebody was told to look at them.
//
//   R1. Only files of grants up to the job's last one are swept. So a driver that was paused meanwhile takes nothing from a
//       job that another driver was told to retry: what that makes has younger grants.
//   R2. A job is swept when its report is written, and again at each start and end of a driver.

import { present } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import {
  grantOfOutput,
  grantOfTemporary,
  handInFolder,
  mergedFolder,
  outputPath,
  outputsFolder,
} from "../../shared/core/names.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { refusedSuffix } from "../../shared/io/hand-in-file.js";
import type { Logger } from "../../shared/io/logger.js";
import { after } from "../../shared/io/system-clock.js";
import { keptRanges } from "../core/report.js";
import { jobViewOf, type FarmView } from "../core/state/farm.js";
import type { JobView } from "../core/state/job.js";
import type { JobFiles } from "./job-files.js";

/** What of a job that is over is worthless: all but this. */
export interface Worthless {
  readonly job: JobNumber;
  readonly kept: ReadonlySet<string>;
  readonly lastGrant: number;
}

export function worthlessOf(job: JobView): Worthless {
  return { job: job.number, kept: keptOutputs(job), lastGrant: job.lastGrant };
}

/** May be repeated, even by a driver that wakes up late (R1). */
export async function sweepJob(files: JobFiles, worthless: Worthless): Promise<void> {
  await sweepOutputs(files, outputsFolder(worthless.job), worthless);
  await sweepTemporaries(files, mergedFolder(worthless.job), worthless);
  await sweepHandIns(files, handInFolder(worthless.job));
}

interface LateParts {
  readonly files: JobFiles;
  readonly read: <Answer>(question: (farm: FarmView) => Answer) => Promise<Answer>;
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
async function sweepAll({ files, read, log }: LateParts, signal: AbortSignal): Promise<void> {
  try {
    const isReported = ({ stage }: JobView): boolean => stage.kind === "reported";
    const jobs = await read((farm) => [...farm.jobs.values()].filter(isReported).map(({ number }) => number));
    for (const job of jobs) {
      if (signal.aborted) return;
      // A job may be taken up again meanwhile, and then it is not looked at.
      const worthless = await read((farm) => {
        const view = jobViewOf(farm, job);
        return isReported(view) ? worthlessOf(view) : undefined;
      });
      if (worthless !== undefined) await sweepJob(files, worthless);
    }
  } catch (error) {
    log.warn("cannot sweep what came late for jobs that are over", { error: errorMessage(error) });
  }
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

/** Files that are removed at a time. */
const removalsMax = 16;

async function sweepOutputs(files: JobFiles, folder: string, { kept, lastGrant }: Worthless): Promise<void> {
  for (const { name, isFolder } of await files.list(folder)) {
    if (!isFolder) continue; // Nothing of ours; a link is not followed.
    const fan = `${folder}/${name}`;
    const isWorthless = (output: string): boolean =>
      (grantOfOutput(output) ?? 0) <= lastGrant && !kept.has(`${fan}/${output}`); // (R1)
    const outputs = (await files.list(fan)).map((output) => output.name).filter(isWorthless);
    for (let from = 0; from < outputs.length; from += removalsMax) {
      const some = outputs.slice(from, from + removalsMax);
      await Promise.all(some.map((output) => files.remove(`${fan}/${output}`)));
    }
    // A late actor may just be writing into it; its output is superseded, and the actor removes it itself.
    await files.removeIfEmpty(fan);
  }
}

async function sweepTemporaries(files: JobFiles, folder: string, { lastGrant }: Worthless): Promise<void> {
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
