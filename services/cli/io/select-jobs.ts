// The jobs that a selector means, as the driver or the workdir knows them.

import { present } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { JobStatus } from "../core/job-status.js";
import { listed, selectJobs, type Selector } from "../core/selector.js";
import type { JobChoice } from "./arguments.js";
import { CliError, exitCodes } from "./cli-error.js";
import { listJobs } from "./driver-client.js";
import { jobsIn } from "./workdir-jobs.js";

/** Asks the driver. Fails when one of them is not there. */
export async function selectedJobs(
  workdir: string,
  selector: Selector,
  signal: AbortSignal,
): Promise<readonly JobStatus[]> {
  const jobs = await listJobs(workdir, signal);
  const chosen = new Set(
    chosenOf(
      selector,
      jobs.map(({ job }) => job),
    ),
  );
  return jobs.filter(({ job }) => chosen.has(job));
}

/** Asks no driver: those that have a folder. */
export async function selectedFolders(workdir: string, selector: Selector): Promise<readonly JobNumber[]> {
  return chosenOf(selector, await jobsIn(workdir));
}

/** Asks the driver only what `last` is. */
export async function chosenJob(workdir: string, job: JobChoice, signal: AbortSignal): Promise<JobNumber> {
  if (job !== "last") return job;
  const [last] = chosenOf(
    { kind: "last" },
    (await listJobs(workdir, signal)).map(({ job: number }) => number),
  );
  return present(last, "the last job");
}

/** Asks no driver. */
export async function chosenFolder(workdir: string, job: JobChoice): Promise<JobNumber> {
  const there = await jobsIn(workdir);
  if (job === "last") return present(there.at(-1), "the last job");
  if (there.includes(job)) return job;
  throw new CliError(exitCodes.usage, `there is no job ${job} in ${workdir}; its jobs: ${listed(there)}`);
}

function chosenOf(selector: Selector, there: readonly JobNumber[]): readonly JobNumber[] {
  const chosen = selectJobs(selector, there);
  if (typeof chosen === "string") throw new CliError(exitCodes.usage, chosen);
  return chosen;
}
