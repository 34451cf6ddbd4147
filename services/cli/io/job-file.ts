// A job file becomes a job: every default filled in, every path absolute, every input looked at.
//
//   J1. All mistakes come in one answer, each with its line, its field, what was expected and what was found.
//   J2. Nothing is guessed: a field that is not known is a mistake, and so is an input that is not there.

import {
  nothingToMerge,
  type InputFile,
  type JobSpec,
  type MergeSpec,
  type MergeTool,
} from "../../shared/core/job-spec.js";
import type { Mistake } from "../core/mistake.js";
import { describe, mistakeAt, readChecked, valueAt, type FileForm, type ParsedYaml } from "./checked-file.js";
import { outputMistakes } from "./job-outputs.js";
import { inputsExpected, jobFileSchema, knownNames, type JobFile } from "./job-schema.js";
import { payloadOf } from "./payload-schema.js";

/** What the driver's tables are made for. */
const rangesMax = 100_000_000;

const form: FileForm<JobFile> = {
  what: "job file",
  schema: jobFileSchema,
  knownNames,
  mistakesIn: (yaml, file) => [
    ...noInputMistakes(yaml),
    ...outputMistakes(yaml),
    ...(file === undefined ? [] : sizeMistakes(file, yaml)),
  ],
};

/** Reads a job file; throws one `CliError` that names every mistake (J1). */
export async function readJobFile(path: string): Promise<JobSpec> {
  const { content, folder, inputs } = await readChecked(path, form);
  return specOf(content, folder, inputs);
}

/** A job that is not open has something to be done. */
function noInputMistakes(yaml: ParsedYaml): readonly Mistake[] {
  const { content } = yaml;
  if (typeof content !== "object" || content === null || Array.isArray(content)) return [];
  const inputs = valueAt(content, ["inputs"]);
  const isNone = inputs === undefined || (Array.isArray(inputs) && inputs.length === 0);
  if (!isNone || valueAt(content, ["open"]) === true) return [];
  return [mistakeAt(yaml, ["inputs"], `${inputsExpected}, or open: true`, describe(inputs))];
}

function sizeMistakes(file: JobFile, yaml: ParsedYaml): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const ranges = file.inputs.reduce((sum, { events }) => sum + Math.ceil(events / file.eventsPerRange), 0);
  if (ranges > rangesMax) {
    const expected = `at most ${rangesMax} event ranges in a job (raise eventsPerRange)`;
    mistakes.push(mistakeAt(yaml, ["eventsPerRange"], expected, String(ranges)));
  }
  return mistakes;
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

function mergeOf(merge: JobFile["merge"]): MergeSpec {
  const { every, attempts, timeout, count = [], check = [] } = merge;
  const hasChecks = count.length + check.length > 0;
  return {
    everyOutputs: every,
    tool: toolOf(merge),
    attemptsMax: attempts,
    timeoutMs: timeout,
    ...(hasChecks ? { checks: { count, check } } : {}),
  };
}

/** The schema has looked at what goes with what. */
function toolOf({ kind, command }: JobFile["merge"]): MergeTool {
  if (command !== undefined) return { kind: "command", command };
  return { kind: kind === "tar" ? "tar" : "concat" };
}
