// A file that a person wrote in YAML or JSON, with inputs in it: read, checked, its inputs looked at. All mistakes come in
// one answer (job-file.ts, J1).

import { dirname, resolve } from "node:path";
import type { z } from "zod";
import type { InputFile } from "../../shared/core/job-spec.js";
import { nearestName } from "../../shared/core/nearest-name.js";
import { describe, describeMistakes, fieldName, type Mistake } from "../../shared/core/mistake.js";
import { MistakesError } from "./cli-error.js";
import type { FileReader } from "./file-reader.js";
import { lookAtInputs, type PlacedInput, type SeenInputs } from "./job-inputs.js";
import { readTextFile, TextFileError } from "../../shared/io/text-file.js";
import { parseYaml, valueAt, type Path, type YamlText } from "../../shared/io/yaml-text.js";

/** Of YAML; reading more would take long. A list of files, a line each, may be longer (input-entries.ts). */
const bytesMax = 8 * 1024 * 1024;

export type ParsedYaml = Extract<YamlText, { kind: "parsed" }>;

/** What is expected of a file. */
export interface FileForm<Content> {
  /** Such as "job file". */
  readonly what: string;
  readonly schema: z.ZodType<Content>;
  /** Names that may stand where a name was not known. */
  readonly knownNames: (path: Path) => readonly string[];
  /** What else is wrong with it; the content is undefined when the schema found a mistake, and inputs that are not counted yet are left out. */
  readonly mistakesIn: (
    yaml: ParsedYaml,
    content: Content | undefined,
    inputs: readonly InputFile[],
  ) => readonly Mistake[];
}

export interface CheckedFile<Content> {
  readonly content: Content;
  /** Where it lies; paths in it are relative to this folder. */
  readonly folder: string;
  readonly inputs: readonly InputFile[];
}

/** Reads a file; throws one `MistakesError` that has every mistake. */
export async function readChecked<Content>(
  path: string,
  form: FileForm<Content>,
  reader: FileReader,
): Promise<CheckedFile<Content>> {
  const file = resolve(path);
  const yaml = parseYaml(await readText(file, form.what));
  const wrong = (mistakes: readonly Mistake[]): MistakesError =>
    new MistakesError(describeMistakes({ file: path, what: form.what }, mistakes), mistakes);
  if (yaml.kind === "broken") throw wrong(yaml.mistakes);
  const folder = dirname(file);
  const parsed = form.schema.safeParse(yaml.content);
  const entries = valueAt(yaml.content, ["inputs"]);
  // The inputs are looked at whatever else is wrong with the file.
  const looked = await lookAtInputs(folder, Array.isArray(entries) ? entries : []);
  const mistakesWith = ({ inputs, mistakes }: SeenInputs): readonly Mistake[] => [
    ...form.mistakesIn(yaml, parsed.data, inputsOf(inputs)),
    ...mistakes.map((mistake) => mistakeAt(yaml, mistake.path, mistake.expected, mistake.found)),
  ];
  const mistakes = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => mistakesOf(issue, yaml, form))),
    ...mistakesWith(looked),
  ];
  if (!parsed.success || mistakes.length > 0) throw wrong(distinct(mistakes));
  const content = parsed.data;
  if (looked.uncounted === 0) return { content, folder, inputs: inputsOf(looked.inputs) };
  reader.note(`counting the events of ${looked.uncounted === 1 ? "1 input" : `${looked.uncounted} inputs`}`);
  const counted = await looked.count(reader);
  const found = mistakesWith(counted);
  if (found.length > 0) throw wrong(distinct(found));
  return { content, folder, inputs: inputsOf(counted.inputs) };
}

function inputsOf(placed: readonly PlacedInput[]): readonly InputFile[] {
  return placed.map(({ input }) => input);
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readTextFile(file, bytesMax);
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    const mistake = { line: undefined, field: fieldName([]), expected: `a ${what}`, found: error.message };
    throw new MistakesError(`expected a ${what} at ${file}, found ${error.message}`, [mistake], error);
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
      const found = `${describe(key)}${meant === undefined ? "" : ` (did you mean "${meant}"?)`}`;
      return mistakeAt(yaml, [...path, key], `one of ${known.join(", ")}`, found);
    });
  }
  const given: unknown = issue.code === "custom" ? issue.params?.["found"] : undefined;
  if (typeof given === "string") return [mistakeAt(yaml, path, issue.message, given)];
  const value = valueAt(yaml.content, path);
  return [mistakeAt(yaml, path, issue.message, `${describe(value)}${wordMeant(issue.message, value)}`)];
}

/** What expects one of a few words says `one of exec, stream`. */
function wordMeant(expected: string, value: unknown): string {
  const words = /^one of (.*)$/.exec(expected)?.[1];
  if (words === undefined || typeof value !== "string") return "";
  const meant = nearestName(value, words.split(", "));
  return meant === undefined ? "" : ` (did you mean "${meant}"?)`;
}

export function mistakeAt(yaml: ParsedYaml, path: Path, expected: string, found: string): Mistake {
  return { line: yaml.lineOf(path), field: fieldName(path), expected, found };
}

/** Each mistake once: a number can be both too small and not whole. */
function distinct(mistakes: readonly Mistake[]): readonly Mistake[] {
  return [...new Map(mistakes.map((mistake) => [JSON.stringify(mistake), mistake])).values()];
}
