// noctua cancel, pause, resume, retry, close: what a user asks of jobs that were submitted.
//
//   C1. Each job is asked by itself, and has a line: that one refuses does not keep the others from being asked.

import { randomUUID } from "node:crypto";
import { mayTake, type JobControl } from "../core/job-control.js";
import { isOver, type JobState, type JobStatus } from "../core/job-status.js";
import type { Selector } from "../core/selector.js";
import { exitCodes, isRefusal, type ExitCode } from "../io/cli-error.js";
import { controlJob } from "../io/driver-client.js";
import { jobInJson, jobLine } from "../io/job-answer.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import { selectedJobs } from "../io/select-jobs.js";
import type { Terminal } from "../io/terminal.js";

export interface ControlOptions {
  readonly workdir: string;
  /** `all` are those of which it can be asked as they stand. */
  readonly jobs: Selector;
  readonly control: JobControl;
  /** Asking twice with one id is asking once (P11): of each job, under the id with its number. */
  readonly requestId: string | undefined;
  readonly output: OutputForm;
}

/** Prints how each job stands then. */
export async function control(
  options: ControlOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { workdir, jobs: selector, control: asked, output } = options;
  const requestId = options.requestId ?? randomUUID();
  const there = await selectedJobs(workdir, selector, signal);
  const chosen = selector.kind === "all" ? there.filter(({ state }) => mayTake(asked, state)) : there;
  if (chosen.length === 0) terminal.note(`there is no job to ${asked}`);
  const done: JobStatus[] = [];
  for (const { job } of chosen) {
    try {
      const request = { control: asked, job, requestId: `${requestId}.${job}` };
      const status = await controlJob(workdir, request, signal);
      done.push(status);
      if (output === "text") terminal.print(`job ${job} ${outcome(asked, status.state)}`);
      else if (output === "jsonl") printJson(terminal, output, jobLine(status));
    } catch (error) {
      if (chosen.length === 1 || !isRefusal(error)) throw error;
      terminal.note(`noctua: ${error.message}`); // (C1)
    }
  }
  if (output === "json") printJson(terminal, output, { schema: "noctua.jobs/v1", jobs: done.map(jobInJson) });
  return done.length === chosen.length ? exitCodes.ok : exitCodes.bad;
}

function outcome(asked: JobControl, state: JobState): string {
  if (asked === "cancel" && state === "running") return "is being cancelled";
  return asked === "close" && !isOver(state) ? `is ${state} and takes no more inputs` : `is ${state}`;
}
