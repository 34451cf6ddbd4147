// noctua status, noctua list: how the jobs of a run stand.

import { harmless } from "../../shared/core/harmless.js";
import { systemClock } from "../../shared/io/system-clock.js";
import { jobList } from "../core/job-list.js";
import type { JobStatus } from "../core/job-status.js";
import { isOfOne, type Selector } from "../core/selector.js";
import { jobDetail, jobTable } from "../core/status-text.js";
import { exitCodes, type ExitCode } from "../io/cli-error.js";
import { isoTime, jobInJson, jobLine } from "../io/job-answer.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import { selectedJobs } from "../io/select-jobs.js";
import type { Terminal } from "../io/terminal.js";

export interface JobsOptions {
  readonly workdir: string;
  readonly jobs: Selector;
  readonly output: OutputForm;
}

/** One job in detail, several in a table. */
export async function showStatus(
  options: JobsOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const jobs = await selectedJobs(options.workdir, options.jobs, signal);
  const [only] = jobs;
  if (options.output !== "text") printJobs(jobs, options.output, terminal);
  else if (!isOfOne(options.jobs) || only === undefined) terminal.print(harmless(jobTable(jobs)));
  else terminal.print(harmless(jobDetail(only, { nowUnixMs: systemClock.unixMs(), iso: isoTime })));
  return exitCodes.ok;
}

/** A line a job. */
export async function showList(
  options: JobsOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const jobs = await selectedJobs(options.workdir, options.jobs, signal);
  if (options.output !== "text") printJobs(jobs, options.output, terminal);
  else terminal.print(harmless(jobList(jobs, systemClock.unixMs(), terminal.resultWidth)));
  return exitCodes.ok;
}

function printJobs(jobs: readonly JobStatus[], output: "json" | "jsonl", terminal: Terminal): void {
  if (output === "json") printJson(terminal, output, { schema: "noctua.jobs/v1", jobs: jobs.map(jobInJson) });
  else for (const status of jobs) printJson(terminal, output, jobLine(status));
}
