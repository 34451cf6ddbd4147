// noctua status: how the jobs of a run stand.

import { harmless } from "../../shared/core/harmless.js";
import type { JobNumber } from "../../shared/core/id.js";
import { systemClock } from "../../shared/io/system-clock.js";
import type { JobStatus } from "../core/job-status.js";
import { jobDetail, jobTable } from "../core/status-text.js";
import { exitCodes, type ExitCode } from "../io/cli-error.js";
import { getJob, listJobs } from "../io/driver-client.js";
import type { Terminal } from "../io/terminal.js";

export interface StatusOptions {
  readonly workdir: string;
  /** One job in detail; all jobs when undefined. */
  readonly job: JobNumber | undefined;
  readonly json: boolean;
}

export async function showStatus(
  options: StatusOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { workdir, job } = options;
  const jobs = job === undefined ? await listJobs(workdir, signal) : [await getJob(workdir, job, signal)];
  const [only] = jobs;
  if (options.json) terminal.print(JSON.stringify({ version: 1, jobs: jobs.map(jobInJson) }, undefined, 2));
  else if (job === undefined || only === undefined) terminal.print(harmless(jobTable(jobs)));
  else terminal.print(harmless(jobDetail(only, { nowUnixMs: systemClock.unixMs(), iso })));
  return exitCodes.ok;
}

/** Version 1 of what `--json` prints: times in ISO 8601, `endedAt` null while the job is not over. */
function jobInJson(status: JobStatus): unknown {
  const { job, name, state, submittedUnixMs, endedUnixMs, ...rest } = status;
  const endedAt = endedUnixMs === undefined ? null : iso(endedUnixMs);
  return { job, name, state, ...rest, submittedAt: iso(submittedUnixMs), endedAt };
}

function iso(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
