// A job file becomes a job: every default filled in, every path absolute, every input looked at.
//
//   J1. All mistakes come in one answer, each with its line, its field, what was expected and what was found.
//   J2. Nothing is guessed: a field that is not known is a mistake, and so is an input that is not there.

import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { defaultBackoff, type InputFile, type JobSpec, type MergeTool } from "../../shared/core/job-spec.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { describeMistakes, fieldName, type Mistake } from "../core/mistake.js";
import { nearestName } from "../../shared/core/nearest-name.js";
import { CliError, exitCodes } from "./cli-error.js";
import { lookAtInputs } from "./job-inputs.js";
import { inputsExpected, jobFileSchema, knownNames, type JobFile } from "./job-schema.js";
import { parseYaml, type Path, type YamlText } from "./yaml-text.js";

const bytesMax = 64 * 1024 * 1024;
/** What the driver's tables are made for. */
const rangesMax = 100_000_000;
const eventNumberMax = 0xffff_ffff;

type ParsedYaml = Extract<YamlText, { kind: "parsed" }>;

/** Reads a job file; throws one `CliError` that names every mistake (J1). */
export async function readJobFile(path: string): Promise<JobSpec> {
  const file = resolve(path);
  const yaml = parseYaml(await readText(file));
  if (yaml.kind === "broken") throw wrong(path, yaml.mistakes);
  const jobDir = dirname(file);
  const parsed = jobFileSchema.safeParse(yaml.content);
  const entries = valueAt(yaml.content, ["inputs"]);
  // The inputs are looked at whatever else is wrong with the file. (J1)
  const looked = await lookAtInputs(jobDir, Array.isArray(entries) ? entries : []);
  const mistakes = [
    ...(parsed.success
      ? sizeMistakes(parsed.data, yaml)
      : parsed.error.issues.flatMap((issue) => mistakesOf(issue, yaml))),
    ...noInputMistakes(yaml),
    ...looked.mistakes.map((mistake) => mistakeAt(yaml, mistake.path, mistake.expected, mistake.found)),
  ];
  if (!parsed.success || mistakes.length > 0) throw wrong(path, distinct(mistakes));
  return specOf(
    parsed.data,
    jobDir,
    looked.inputs.map(({ input }) => input),
  );
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > bytesMax) {
      throw new CliError(
        exitCodes.usage,
        `${file}: expected a job file of at most ${bytesMax} bytes, found ${size}`,
      );
    }
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof CliError) throw error;
    const found = errorCode(error) === "ENOENT" ? "there is none" : errorMessage(error);
    throw new CliError(exitCodes.usage, `expected a job file at ${file}: ${found}`, error);
  }
}

function wrong(path: string, mistakes: readonly Mistake[]): CliError {
  return new CliError(exitCodes.usage, describeMistakes(path, mistakes));
}

/** What zod found, in our words: a message says what was expected (job-schema.ts). */
function mistakesOf(issue: z.core.$ZodIssue, yaml: ParsedYaml): readonly Mistake[] {
  const path = issue.path.filter((step) => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") {
    const known = knownNames(path);
    return issue.keys.map((key) => {
      const meant = nearestName(key, known);
      const found = `"${key}"${meant === undefined ? "" : ` (did you mean "${meant}"?)`}`;
      return mistakeAt(yaml, [...path, key], `one of ${known.join(", ")}`, found);
    });
  }
  const given: unknown = issue.code === "custom" ? issue.params?.["found"] : undefined;
  const found = typeof given === "string" ? given : describe(valueAt(yaml.content, path));
  return [mistakeAt(yaml, path, issue.message, found)];
}

function mistakeAt(yaml: ParsedYaml, path: Path, expected: string, found: string): Mistake {
  return { line: yaml.lineOf(path), field: fieldName(path), expected, found };
}

function valueAt(content: unknown, path: Path): unknown {
  let value = content;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = new Map<string, unknown>(Object.entries(value)).get(String(step));
  }
  return value;
}

const describedMax = 60;

/** A value as people would write it, and of what kind it is, where that can be mistaken. */
function describe(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "number") return `the number ${value}`;
  const written = JSON.stringify(value);
  return written.length > describedMax ? `${written.slice(0, describedMax)}…` : written;
}

/** Each mistake once: a number can be both too small and not whole. */
function distinct(mistakes: readonly Mistake[]): readonly Mistake[] {
  return [...new Map(mistakes.map((mistake) => [JSON.stringify(mistake), mistake])).values()];
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
  for (const [i, { firstEvent, events }] of file.inputs.entries()) {
    const last = firstEvent + events - 1;
    if (last <= eventNumberMax) continue;
    mistakes.push(mistakeAt(yaml, ["inputs", i], `event numbers of at most ${eventNumberMax}`, String(last)));
  }
  return mistakes;
}

function specOf(file: JobFile, jobDir: string, inputs: readonly InputFile[]): JobSpec {
  const { command } = file.merge;
  const tool: MergeTool = command === undefined ? { kind: "concat" } : { kind: "command", command };
  return {
    name: file.name,
    jobDir,
    inputs,
    eventsPerRange: file.eventsPerRange,
    payload: { kind: file.payload.kind, command: file.payload.command, timeoutMs: file.payload.timeout },
    requires: {},
    variants: [],
    outputSuffix: file.output.suffix,
    merge: {
      everyOutputs: file.merge.every,
      tool,
      attemptsMax: file.merge.attempts,
      timeoutMs: file.merge.timeout,
    },
    retry: { attemptsMax: file.retry.attempts, backoff: defaultBackoff, rules: [] },
    speculation: file.speculation,
    durability: file.durability,
    open: file.open,
    priority: file.priority,
  };
}
