// A file that a person wrote in YAML or JSON, with inputs in it: read, checked, its inputs looked at. All mistakes come in
// one answer (job-file.ts, J1).

import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import type { InputFile } from "../../shared/core/job-spec.js";
import { nearestName } from "../../shared/core/nearest-name.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { describeMistakes, fieldName, type Mistake } from "../core/mistake.js";
import { CliError, exitCodes } from "./cli-error.js";
import { lookAtInputs } from "./job-inputs.js";
import { parseYaml, type Path, type YamlText } from "./yaml-text.js";

const bytesMax = 64 * 1024 * 1024;

export type ParsedYaml = Extract<YamlText, { kind: "parsed" }>;

/** What is expected of a file. */
export interface FileForm<Content> {
  /** Such as "job file". */
  readonly what: string;
  readonly schema: z.ZodType<Content>;
  /** Names that may stand where a name was not known. */
  readonly knownNames: (path: Path) => readonly string[];
  /** What else is wrong with it; the content is undefined when the schema found a mistake. */
  readonly mistakesIn: (yaml: ParsedYaml, content: Content | undefined) => readonly Mistake[];
}

export interface CheckedFile<Content> {
  readonly content: Content;
  /** Where it lies; paths in it are relative to this folder. */
  readonly folder: string;
  readonly inputs: readonly InputFile[];
}

/** Reads a file; throws one `CliError` that names every mistake. */
export async function readChecked<Content>(
  path: string,
  form: FileForm<Content>,
): Promise<CheckedFile<Content>> {
  const file = resolve(path);
  const yaml = parseYaml(await readText(file, form.what));
  const wrong = (mistakes: readonly Mistake[]): CliError =>
    new CliError(exitCodes.usage, describeMistakes({ file: path, what: form.what }, mistakes));
  if (yaml.kind === "broken") throw wrong(yaml.mistakes);
  const folder = dirname(file);
  const parsed = form.schema.safeParse(yaml.content);
  const entries = valueAt(yaml.content, ["inputs"]);
  // The inputs are looked at whatever else is wrong with the file.
  const looked = await lookAtInputs(folder, Array.isArray(entries) ? entries : []);
  const mistakes = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => mistakesOf(issue, yaml, form))),
    ...form.mistakesIn(yaml, parsed.data),
    ...looked.mistakes.map((mistake) => mistakeAt(yaml, mistake.path, mistake.expected, mistake.found)),
  ];
  if (!parsed.success || mistakes.length > 0) throw wrong(distinct(mistakes));
  return { content: parsed.data, folder, inputs: looked.inputs.map(({ input }) => input) };
}

async function readText(file: string, what: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > bytesMax) {
      throw new CliError(exitCodes.usage, `${file}: expected at most ${bytesMax} bytes, found ${size}`);
    }
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof CliError) throw error;
    const found = errorCode(error) === "ENOENT" ? "there is none" : errorMessage(error);
    throw new CliError(exitCodes.usage, `expected a ${what} at ${file}: ${found}`, error);
  }
}

/** What zod found, in our words: a message says what was expected (job-schema.ts). */
function mistakesOf(
  issue: z.core.$ZodIssue,
  yaml: ParsedYaml,
  { knownNames }: Pick<FileForm<unknown>, "knownNames">,
): readonly Mistake[] {
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

export function mistakeAt(yaml: ParsedYaml, path: Path, expected: string, found: string): Mistake {
  return { line: yaml.lineOf(path), field: fieldName(path), expected, found };
}

export function valueAt(content: unknown, path: Path): unknown {
  let value = content;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = new Map<string, unknown>(Object.entries(value)).get(String(step));
  }
  return value;
}

const describedMax = 60;

/** A value as people would write it, and of what kind it is, where that can be mistaken. */
export function describe(value: unknown): string {
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
