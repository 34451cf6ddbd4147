// noctua explain: why a job, a node or a range is as it is.

import type { Question } from "../core/question.js";
import { exitCodes, type ExitCode } from "../io/cli-error.js";
import { explainAnswer } from "../io/explain-answer.js";
import { askWhy } from "../io/explain-client.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import type { Terminal } from "../io/terminal.js";
import { shown } from "./report.js";

export interface ExplainOptions {
  readonly workdir: string;
  readonly question: Question;
  readonly output: OutputForm;
}

/** Prints the answer, what it rests on, and what can be done. */
export async function showWhy(
  options: ExplainOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { workdir, question } = options;
  const { sentence, details, advice: general } = await askWhy(workdir, question, signal);
  // It may end with a command, to be copied.
  const advice = general.replaceAll("<workdir>", shown(workdir)).replace(/\.$/, "");
  const lines = [sentence, ...details.map((line) => `  ${line}`), ...(advice === "" ? [] : [`=> ${advice}`])];
  if (options.output !== "text")
    printJson(terminal, options.output, explainAnswer({ sentence, details, advice }));
  else terminal.printSentences(lines.join("\n"));
  return exitCodes.ok;
}
