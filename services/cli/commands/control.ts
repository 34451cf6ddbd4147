// noctua cancel, pause, resume, retry: what a user asks of a job that was submitted.

import { randomUUID } from "node:crypto";
import type { JobNumber } from "../../shared/core/id.js";
import { exitCodes, type ExitCode } from "../io/cli-error.js";
import { controlJob, type JobControl } from "../io/driver-client.js";
import type { Terminal } from "../io/terminal.js";

export interface ControlOptions {
  readonly workdir: string;
  readonly job: JobNumber;
  readonly control: JobControl;
}

/** Prints how the job stands then. */
export async function control(
  options: ControlOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { workdir, job, control: asked } = options;
  const { state } = await controlJob(workdir, { control: asked, job, requestId: randomUUID() }, signal);
  terminal.print(
    `job ${job} ${asked === "cancel" && state === "running" ? "is being cancelled" : `is ${state}`}`,
  );
  return exitCodes.ok;
}
