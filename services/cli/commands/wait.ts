// noctua wait: until jobs are over.

import { formatDuration } from "../../shared/core/duration.js";
import { harmless } from "../../shared/core/harmless.js";
import type { JobNumber } from "../../shared/core/id.js";
import { failedWord, isOver, rangesOf, type JobStatus } from "../core/job-status.js";
import type { Selector } from "../core/selector.js";
import { exitCodes, worstCode, type ExitCode } from "../io/cli-error.js";
import { getJob } from "../io/driver-client.js";
import { jobInJson, jobLine } from "../io/job-answer.js";
import { watchJobs } from "../io/job-watch.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import { selectedJobs } from "../io/select-jobs.js";
import type { Terminal } from "../io/terminal.js";
import { timeLimit } from "../io/time-limit.js";
import { exitCodeOf } from "./follow.js";

/** A driver that is away longer will not come back by itself. */
const patienceMs = 600_000;

export interface WaitOptions {
  readonly workdir: string;
  readonly jobs: Selector;
  /** Gives up then; undefined for never. */
  readonly timeoutMs: number | undefined;
  readonly output: OutputForm;
}

/** One after the other, with one connection at a time. The exit code is that of the worst job. */
export async function waitForJobs(
  options: WaitOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { workdir, output, timeoutMs } = options;
  const limit = timeLimit(timeoutMs, signal);
  const statuses: JobStatus[] = [];
  try {
    for (const { job } of await selectedJobs(workdir, options.jobs, signal)) {
      const status = await endOf({ workdir, job }, limit.signal, signal);
      statuses.push(status);
      if (output === "text") terminal.print(harmless(lineOf(status)));
      else if (output === "jsonl") printJson(terminal, output, jobLine(status));
    }
  } finally {
    limit.clear();
  }
  const areOver = statuses.every(({ state }) => isOver(state));
  if (output === "json")
    printJson(terminal, output, { schema: "noctua.wait/v1", areOver, jobs: statuses.map(jobInJson) });
  if (!areOver && timeoutMs !== undefined)
    terminal.note(`noctua: not all of it was over after ${formatDuration(timeoutMs)}`);
  return worstOf(statuses);
}

/** The job as it stood at its end, or as it stands when the time is up. */
async function endOf(
  { workdir, job }: { readonly workdir: string; readonly job: JobNumber },
  either: AbortSignal,
  signal: AbortSignal,
): Promise<JobStatus> {
  let last: JobStatus | undefined;
  try {
    for await (const news of watchJobs({ workdir, jobs: [job], patienceMs }, either)) {
      if (news.kind === "status") last = news.status;
    }
  } catch (error) {
    if (!either.aborted) throw error;
    signal.throwIfAborted();
  }
  return last ?? getJob(workdir, job, signal);
}

/** What failed is not counted as done. What a cancelled job gave up did not fail, nor needs it a reason. */
function lineOf(status: JobStatus): string {
  const { job, name, state, reason } = status;
  const { done, merged, failed } = status.ranges;
  const parts = [`job ${job} ${name} is ${state}: ${done + merged}/${rangesOf(status)} ranges`];
  if (state !== "cancelled") {
    if (failed > 0) parts.push(`${failed} ${failedWord(status)}`);
    if (reason !== "") parts.push(reason);
  }
  return parts.join(", ");
}

/** Of jobs that are over or not. */
export function worstOf(statuses: readonly JobStatus[]): ExitCode {
  return worstCode(statuses.map((status) => (isOver(status.state) ? exitCodeOf(status) : exitCodes.notOver)));
}
