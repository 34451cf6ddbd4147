// noctua add: more inputs for a job that is open.

import { randomUUID } from "node:crypto";
import type { JobNumber } from "../../shared/core/id.js";
import { addAnswer } from "../io/change-answer.js";
import { CliError, exitCodes, type ExitCode } from "../io/cli-error.js";
import { addRanges, type Added } from "../io/driver-client.js";
import type { FileReader } from "../io/file-reader.js";
import { inputsNamed, readInputList } from "../io/input-list.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import type { Terminal } from "../io/terminal.js";

export interface AddOptions {
  readonly workdir: string;
  readonly job: JobNumber;
  readonly files: readonly string[];
  /** Of each of the files. */
  readonly events: number | undefined;
  readonly firstEvent: number;
  /** A file that lists inputs, instead. */
  readonly from: string | undefined;
  /** Asking twice with one id is asking once (P11). */
  readonly requestId: string | undefined;
  readonly output: OutputForm;
  /** Of commands that count events. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Prints which ranges were added. */
export async function add(options: AddOptions, terminal: Terminal, signal: AbortSignal): Promise<ExitCode> {
  const { workdir, job } = options;
  const note = (text: string): void => terminal.note(`noctua: ${text}`);
  const inputs = await inputsOf(options, { environment: options.env, note, signal });
  const requestId = options.requestId ?? randomUUID();
  const added = await addRanges(workdir, { job, requestId, inputs }, signal);
  if (added.isRepeated) terminal.note("this request was made before: nothing was added now");
  if (options.output === "text") terminal.print(addedText(job, added));
  else printJson(terminal, options.output, addAnswer(job, added));
  return exitCodes.ok;
}

function addedText(job: JobNumber, { firstRange, ranges }: Added): string {
  const last = firstRange + ranges - 1;
  return `job ${job}: ${ranges === 1 ? `range ${last}` : `ranges ${firstRange}-${last}`}`;
}

async function inputsOf(
  { files, events, firstEvent, from }: AddOptions,
  reader: FileReader,
): ReturnType<typeof readInputList> {
  if (from !== undefined && files.length === 0) return readInputList(from, reader);
  if (from === undefined && files.length > 0 && events !== undefined)
    return inputsNamed({ files, firstEvent, events });
  const expected = "expected files and --events, or --from with a file that lists inputs";
  const found = from === undefined ? (files.length === 0 ? "neither" : "no --events") : "both";
  throw new CliError(exitCodes.usage, `${expected}; found ${found}`);
}
