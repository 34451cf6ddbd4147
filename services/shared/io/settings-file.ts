// The file that settings may stand in: YAML, with what is common on top and what is a service's below its name.
//
//   F1. It is the file that --config names; else that NOCTUA_CONFIG names; else <workdir>/noctua.yaml, if there is one. It
//       is never a mixture of two.
//   F2. One that nobody named is heeded only when it is the user's own, or root's: others may be able to write there. (P8)

import { join, resolve } from "node:path";
import { describe, describeMistake, type Mistake } from "../core/mistake.js";
import { errorCode } from "./error-code.js";
import { readTextFile, TextFileError } from "./text-file.js";
import { parseYaml, type Path } from "./yaml-text.js";

const bytesMax = 1024 * 1024;

export interface SettingsFile {
  /** Absolute. */
  readonly path: string;
  readonly content: object;
  readonly lineOf: (path: Path) => number | undefined;
}

/** Who named the file: a flag or a variable. */
export interface NamedFile {
  readonly by: string;
  readonly path: string;
}

/** `line` is undefined of a file that could not be read. */
export interface FileMistake {
  readonly line: number | undefined;
  readonly text: string;
}

interface FileRead {
  /** Undefined when there is none to be heeded, or it can't be read. */
  readonly file: SettingsFile | undefined;
  readonly mistakes: readonly FileMistake[];
}

/** (F1) */
export async function readSettingsFile(
  named: NamedFile | undefined,
  workdir: string | undefined,
): Promise<FileRead> {
  if (named === undefined && workdir === undefined) return { file: undefined, mistakes: [] };
  const path = named === undefined ? join(workdir ?? "", "noctua.yaml") : resolve(named.path);
  try {
    const mayBeOf = named === undefined ? isTrusted : undefined;
    return parse(path, await readTextFile(path, bytesMax, mayBeOf));
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    if (named === undefined && errorCode(error.cause) === "ENOENT") return { file: undefined, mistakes: [] };
    const expected =
      named === undefined
        ? `${path}: expected a settings file of your own (another's is to be named with --config)`
        : `${named.by}: expected a settings file at ${path}`;
    return { file: undefined, mistakes: [{ line: undefined, text: `${expected}, found ${error.message}` }] };
  }
}

/** (F2) */
function isTrusted(owner: number): boolean {
  return owner === 0 || owner === (process.getuid?.() ?? owner);
}

function parse(path: string, text: string): FileRead {
  const yaml = parseYaml(text);
  const wrong = (mistakes: readonly Mistake[]): FileRead => ({
    file: undefined,
    mistakes: mistakes.map((mistake) => ({ line: mistake.line ?? 1, text: describeMistake(path, mistake) })),
  });
  if (yaml.kind === "broken") return wrong(yaml.mistakes);
  // Nothing but comments is no mistake.
  const content: unknown = yaml.content ?? {};
  if (isMapping(content)) return { file: { path, content, lineOf: (at) => yaml.lineOf(at) }, mistakes: [] };
  return wrong([
    { line: 1, field: "", expected: "settings, such as  logLevel: info", found: describe(content) },
  ]);
}

export function isMapping(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
