// Inputs that are to be added to an open job: files that are named, or a file that lists them as a job file does.

import { cwd } from "node:process";
import type { InputFile } from "../../shared/core/job-spec.js";
import { CliError, exitCodes } from "./cli-error.js";
import { mistakeAt, readChecked, type FileForm } from "./checked-file.js";
import type { FileReader } from "./file-reader.js";
import { lookAtInputs } from "./job-inputs.js";
import { addedInputsMax, inputListSchema, knownNames } from "./job-schema.js";

/** Files with events of the same numbers. */
export interface NamedInputs {
  readonly files: readonly string[];
  readonly firstEvent: number;
  readonly events: number;
}

/** Reads a list of inputs; throws one `MistakesError` that has every mistake. */
export async function readInputList(path: string, reader: FileReader): Promise<readonly InputFile[]> {
  return (await readChecked(path, form, reader)).inputs;
}

const form: FileForm<unknown> = {
  what: "list of inputs",
  schema: inputListSchema,
  knownNames: (at) => (at.length === 0 ? ["inputs"] : knownNames(at)),
  mistakesIn: (yaml, _content, { length }) => {
    if (length <= addedInputsMax) return [];
    return [mistakeAt(yaml, ["inputs"], `at most ${addedInputsMax} inputs at a time`, String(length))];
  },
};

/** Looks at the files, whose paths are relative to the current folder; a path may be a pattern. */
export async function inputsNamed({ files, firstEvent, events }: NamedInputs): Promise<readonly InputFile[]> {
  const entries = files.map((path) => ({ path, firstEvent, events }));
  const { inputs, mistakes } = await lookAtInputs(cwd(), entries);
  if (inputs.length > addedInputsMax) {
    const expected = `expected at most ${addedInputsMax} inputs at a time`;
    throw new CliError(exitCodes.usage, `${expected}, found ${inputs.length}: add them in parts`);
  }
  if (mistakes.length === 0) return inputs.map(({ input }) => input);
  const lines = mistakes.map(({ path, expected, found }) => {
    return `${files[Number(path[1])] ?? ""}: expected ${expected}, found ${found}`;
  });
  throw new CliError(exitCodes.usage, lines.join("\n"));
}
