// The files that the entries of `inputs` name: by path, by pattern, or in a list.
//
//   N1. A path that is there is that file, whatever characters it has; only another one is taken for a pattern.
//   N2. An entry that names nothing is a mistake.
//   N3. A list has a path on each line, and behind a tab its events, where it has them. Lines that are empty or begin with #
//       are left out. Paths in it are relative to the job file, as all are.

import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { isGlob } from "../core/glob.js";
import { filesFitting, GlobError } from "./glob-files.js";
import { eventNumberMax, inputSchema, inputsMax, placeSchema, type Events } from "./input-schema.js";
import { readTextFile, TextFileError } from "../../shared/io/text-file.js";

/** An input that is not as it should be. */
export interface InputMistake {
  /** In the job file. */
  readonly path: readonly (string | number)[];
  readonly expected: string;
  readonly found: string;
}

/** What an entry says of each of its files. */
export interface InputShape {
  readonly events: Events;
  readonly firstEvent: number;
  readonly guid: string;
  readonly scope: string;
}

/** A file that an entry names. */
export interface NamedFile {
  /** Which entry. */
  readonly index: number;
  /** Absolute. */
  readonly path: string;
  /** Where the entry alone does not say: ` (line 3 of files.txt)`. */
  readonly where: string;
  /** Undefined when something else is wrong with the entry, of which the schema tells. */
  readonly shape: InputShape | undefined;
}

export interface NamedFiles {
  readonly files: readonly NamedFile[];
  readonly mistakes: readonly InputMistake[];
}

const listBytesMax = 64 * 1024 * 1024;

/** Of all entries, whatever else is wrong with them. */
export async function filesNamed(jobDir: string, entries: readonly unknown[]): Promise<NamedFiles> {
  const files: NamedFile[] = [];
  const mistakes: InputMistake[] = [];
  for (const [index, entry] of entries.entries()) {
    const named = await filesOf({ jobDir, index, entry });
    for (const file of named.files) files.push(file);
    for (const mistake of named.mistakes) mistakes.push(mistake);
    if (files.length > inputsMax) {
      mistakes.push({
        path: ["inputs", index],
        expected: `at most ${inputsMax} inputs`,
        found: "more than that",
      });
      return { files: [], mistakes };
    }
  }
  return { files, mistakes };
}

interface PlacedEntry {
  readonly jobDir: string;
  readonly index: number;
  readonly entry: unknown;
}

async function filesOf(placed: PlacedEntry): Promise<NamedFiles> {
  const { data: place } = placeSchema.safeParse(placed.entry);
  if (place === undefined) return { files: [], mistakes: [] }; // The schema says why.
  try {
    return "list" in place ? await listed(placed, place.list) : await atPath(placed, place.path);
  } catch (error) {
    if (!(error instanceof GlobError || error instanceof TextFileError)) throw error;
    const field = "list" in place ? "list" : "path";
    const expected = field === "list" ? "a list of files" : "files that fit the pattern";
    return {
      files: [],
      mistakes: [{ path: ["inputs", placed.index, field], expected, found: error.message }],
    };
  }
}

async function atPath({ jobDir, index, entry }: PlacedEntry, written: string): Promise<NamedFiles> {
  const parsed = inputSchema.safeParse(entry).data;
  const shape = parsed === undefined || "list" in parsed ? undefined : parsed;
  const path = resolve(jobDir, written);
  const one = { index, path, where: "", shape };
  if (!isGlob(written) || (await isThere(path))) return { files: [one], mistakes: [] }; // (N1)
  const paths = await filesFitting(jobDir, written);
  const mistake = (name: string, expected: string, found: string): NamedFiles => {
    return { files: [], mistakes: [{ path: ["inputs", index, name], expected, found }] };
  };
  if (paths.length === 0) return mistake("path", "a file that fits the pattern", `none that fits ${path}`); // (N2)
  if (paths.length > 1 && shape !== undefined && shape.guid !== "")
    return mistake("guid", "none beside a pattern that fits several files", `one for ${paths.length} files`);
  return { files: paths.map((fitting) => ({ ...one, path: fitting })), mistakes: [] };
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function listed({ jobDir, index, entry }: PlacedEntry, written: string): Promise<NamedFiles> {
  const parsed = inputSchema.safeParse(entry).data;
  const shape = parsed !== undefined && "list" in parsed ? { guid: "", ...parsed } : undefined;
  const files: NamedFile[] = [];
  const mistakes: InputMistake[] = [];
  const wrong = (expected: string, found: string): void =>
    void mistakes.push({ path: ["inputs", index, "list"], expected, found });
  for (const { number, path, said } of linesOf(await readTextFile(resolve(jobDir, written), listBytesMax))) {
    const where = ` (line ${number} of ${written})`;
    const events = said === undefined ? shape?.events : eventsIn(said);
    if (events === undefined && parsed !== undefined)
      wrong(
        "events of each file: behind a tab in the list, or events beside it",
        `${said ?? "none"}${where}`,
      );
    files.push({ index, path: resolve(jobDir, path), where, shape: shapeWith(shape, events) });
  }
  if (files.length === 0) wrong("a path on each line", "an empty list"); // (N2)
  return { files, mistakes };
}

function shapeWith(
  shape: Omit<InputShape, "events"> | undefined,
  events: Events | undefined,
): InputShape | undefined {
  return shape === undefined || events === undefined ? undefined : { ...shape, events };
}

interface ListLine {
  /** From 1. */
  readonly number: number;
  readonly path: string;
  /** Behind the path. */
  readonly said: string | undefined;
}

/** (N3) */
function* linesOf(text: string): Generator<ListLine> {
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [path = "", said] = line.split(/\t+/);
    yield { number: i + 1, path, said };
  }
}

function eventsIn(text: string): number | undefined {
  const events = Number(text);
  return /^\d+$/.test(text) && events >= 1 && events <= eventNumberMax ? events : undefined;
}
