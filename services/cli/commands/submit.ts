// noctua submit: hands a job to a driver that runs.

import { randomUUID } from "node:crypto";
import { exitCodes, type ExitCode } from "../io/cli-error.js";
import { submitJob } from "../io/driver-client.js";
import { readJobFile } from "../io/job-file.js";
import type { Terminal } from "../io/terminal.js";
import { exitCodeOf, followJob } from "./follow.js";

/** A driver that is away longer will not come back by itself. */
const patienceMs = 600_000;

export interface SubmitOptions {
  readonly jobFile: string;
  readonly workdir: string;
  /** Asking twice with one id is asking once (P11). Without one, each call is a new job. */
  readonly requestId: string | undefined;
  readonly wait: boolean;
  /** Of commands that count events. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function submit(
  options: SubmitOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { workdir } = options;
  const spec = await readJobFile(options.jobFile, {
    environment: options.env,
    note: (text) => terminal.note(`noctua: ${text}`),
    signal,
  });
  const { job, isRepeated } = await submitJob(workdir, options.requestId ?? randomUUID(), spec, signal);
  if (isRepeated) terminal.note("this request was made before: the job is the one that it began");
  terminal.print(`job ${job}`);
  if (!options.wait) return exitCodes.ok;
  return exitCodeOf(await followJob({ workdir, job, patienceMs }, terminal, signal));
}
