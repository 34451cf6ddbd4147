// A job file becomes a job: every default filled in, every path absolute, every input looked at.
//
//   J1. All mistakes come in one answer, each with its line, its field, what was expected and what was found.
//   J2. Nothing is guessed: a field that is not known is a mistake, and so is an input that is not there.

import { rangesOfInput } from "../../shared/core/event-range.js";
import { groupOutputsMax, nothingToMerge, type InputFile, type JobSpec } from "../../shared/core/job-spec.js";
import { describe, type Mistake } from "../../shared/core/mistake.js";
import { valueAt } from "../../shared/io/yaml-text.js";
import { mistakeAt, readChecked, type FileForm, type ParsedYaml } from "./checked-file.js";
import type { FileReader } from "./file-reader.js";
import { outputMistakes } from "./job-outputs.js";
import { inputsExpected, jobFileSchema, knownNames, type JobFile } from "./job-schema.js";
import { mergeOf } from "./merge-schema.js";
import { payloadOf } from "./payload-schema.js";

/** What the driver's tables are made for. */
const rangesMax = 100_000_000;

const form: FileForm<JobFile> = {
  what: "job file",
  schema: jobFileSchema,
  knownNames,
  mistakesIn: (yaml, file, inputs) => [
    ...noInputMistakes(yaml),
    ...outputMistakes(yaml),
    ...(file === undefined ? [] : sizeMistakes(file, inputs, yaml)),
  ],
};

/** Reads a job file; throws one `MistakesError` that has every mistake (J1). */
export async function readJobFile(path: string, reader: FileReader): Promise<JobSpec> {
  const { content, folder, inputs } = await readChecked(path, form, reader);
  return specOf(content, folder, inputs);
}

/** A job that is not open has something to be done. */
function noInputMistakes(yaml: ParsedYaml): readonly Mistake[] {
  const { content } = yaml;
  if (typeof content !== "object" || content === null || Array.isArray(content)) return [];
  const inputs = valueAt(content, ["inputs"]);
  const isNone = (inputs ?? undefined) === undefined || (Array.isArray(inputs) && inputs.length === 0);
  if (!isNone || valueAt(content, ["open"]) === true) return [];
  return [mistakeAt(yaml, ["inputs"], `${inputsExpected}, or open: true`, describe(inputs))];
}

function sizeMistakes(file: JobFile, inputs: readonly InputFile[], yaml: ParsedYaml): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const rangesOf = inputs.map((input) => rangesOfInput(input, file.eventsPerRange));
  const ranges = rangesOf.reduce((one, other) => one + other, 0);
  if (ranges > rangesMax) {
    const expected = `at most ${rangesMax} event ranges in a job (raise eventsPerRange)`;
    mistakes.push(mistakeAt(yaml, ["eventsPerRange"], expected, String(ranges)));
  }
  const largest = largestOfAll(file, rangesOf);
  if (largest > groupOutputsMax) {
    const expected = `a number: all is at most ${groupOutputsMax} event ranges in one merged file`;
    mistakes.push(mistakeAt(yaml, ["merge", "every"], expected, `all, and ${largest} of them`));
  }
  return mistakes;
}

/** Ranges that `every: all` has merged into one file; 0 where it is not said. */
function largestOfAll({ merge }: JobFile, rangesOf: readonly number[]): number {
  if (merge === "none" || merge.every !== "all") return 0;
  const isByFile = merge.grouping === "range" && merge.acrossFiles !== true;
  return rangesOf.reduce((one, other) => (isByFile ? Math.max(one, other) : one + other), 0);
}

function specOf(file: JobFile, jobDir: string, inputs: readonly InputFile[]): JobSpec {
  return {
    name: file.name,
    jobDir,
    inputs,
    eventsPerRange: file.eventsPerRange,
    payload: payloadOf(file.payload),
    requires: file.requires,
    variants: file.variants.map(({ requires, payload }) => ({ requires, payload: payloadOf(payload) })),
    outputs: file.outputs,
    outputSuffix: file.output.suffix,
    merge: file.outputs === "none" ? nothingToMerge : mergeOf(file.merge),
    retry: file.retry,
    speculation: file.speculation,
    durability: file.durability,
    open: file.open,
    priority: file.priority,
  };
}
