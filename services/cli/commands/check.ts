// noctua check: what is wrong with a job file, or what it would run. Asks no driver, and changes nothing.

import { outlookOf, type JobOutlook } from "../core/job-outlook.js";
import { outlookText } from "../core/outlook-text.js";
import { badAnswer, goodAnswer } from "../io/check-answer.js";
import { exitCodes, MistakesError, type ExitCode } from "../io/cli-error.js";
import { findProgram } from "../io/find-program.js";
import { readJobFile } from "../io/job-file.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import type { Terminal } from "../io/terminal.js";

export interface CheckOptions {
  readonly jobFile: string;
  readonly output: OutputForm;
  /** Of commands that count events. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function check(
  options: CheckOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { jobFile, output, env } = options;
  const note = (text: string): void => terminal.note(`noctua: ${text}`);
  try {
    const outlook = outlookOf(await readJobFile(jobFile, { environment: env, note, signal }));
    if (output === "text") terminal.print(outlookText(jobFile, outlook));
    else printJson(terminal, output, goodAnswer(jobFile, outlook));
    await notePrograms(outlook, env["PATH"], note);
    return exitCodes.ok;
  } catch (error) {
    if (output === "text" || !(error instanceof MistakesError)) throw error;
    printJson(terminal, output, badAnswer(jobFile, error.mistakes));
    return error.exitCode;
  }
}

/** Nodes may have what this machine has not, so that it is no mistake. */
async function notePrograms(
  { payload }: JobOutlook,
  path: string | undefined,
  note: (text: string) => void,
): Promise<void> {
  for (const [program] of [payload.setup ?? [], payload.command]) {
    if (program === undefined || (await findProgram(program, path)) !== undefined) continue;
    const isRelative = program.includes("/") && !program.startsWith("/");
    const shown = JSON.stringify(program);
    if (isRelative)
      note(
        `${shown} is looked for in a folder that is empty; write "{jobDir}/${program.replace(/^(\.\/)+/, "")}"`,
      );
    else note(`this machine has no program ${shown}; the nodes must have it`);
  }
}
