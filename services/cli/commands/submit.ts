// noctua submit: hands a job to a driver that runs.

import { randomUUID } from "node:crypto";
import { submitAnswer } from "../io/change-answer.js";
import { exitCodes, type ExitCode } from "../io/cli-error.js";
import { submitJob } from "../io/driver-client.js";
import { readJobFile } from "../io/job-file.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import type { Terminal } from "../io/terminal.js";
import { exitCodeOf, followJob } from "./follow.js";
import { shown } from "./report.js";

/** A driver that is away longer will not come back by itself. */
const patienceMs = 600_000;

export interface SubmitOptions {
  readonly jobFile: string;
  readonly workdir: string;
  /** Asking twice with one id is asking once (P11). Without one, each call is a new job. */
  readonly requestId: string | undefined;
  readonly wait: boolean;
  /** With `wait`, programs are told at the end. */
  readonly output: OutputForm;
  /** Of commands that count events. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function submit(
  options: SubmitOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { workdir, output } = options;
  const spec = await readJobFile(options.jobFile, {
    environment: options.env,
    note: (text) => terminal.note(`noctua: ${text}`),
    signal,
  });
  const submitted = await submitJob(workdir, options.requestId ?? randomUUID(), spec, signal);
  const { job } = submitted;
  if (submitted.isRepeated) terminal.note("this request was made before: the job is the one that it began");
  if (output === "text") terminal.print(`job ${job}`);
  const status = options.wait ? await followJob({ workdir, job, patienceMs }, terminal, signal) : undefined;
  if (output !== "text") printJson(terminal, output, submitAnswer(submitted, status));
  if (status === undefined) {
    terminal.hint(`noctua watch ${job} --workdir ${shown(workdir)} shows how it goes on`);
    return exitCodes.ok;
  }
  if (status.state !== "finished")
    terminal.hint(`noctua report ${job} --workdir ${shown(workdir)} tells what came of it`);
  return exitCodeOf(status);
}
