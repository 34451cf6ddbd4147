// The files that a pattern stands for.
//
//   G1. Sorted by their paths, character by character, and each once: the same in every place and language.
//   G2. Folders fit no pattern, and `**` follows no link to one, so that every walk ends.
//   G3. What cannot be looked at is an error: nothing is left out silently.

import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { unreachable } from "../../shared/core/assert.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { globSteps, withoutBraces, type GlobStep } from "../core/glob.js";

/** Why there is no list of files. */
export class GlobError extends Error {
  override readonly name = "GlobError";
}

/** Names that one pattern may have looked at. */
const lookedAtMax = 2_000_000;

/** Absolute paths (G1); fails with a `GlobError`. */
export async function filesFitting(
  folder: string,
  pattern: string,
  namesMax = lookedAtMax,
): Promise<readonly string[]> {
  const patterns = withoutBraces(pattern);
  if (patterns === undefined) throw new GlobError("more than a thousand alternatives in its braces");
  const walk = { names: 0, namesMax, found: new Set<string>() };
  for (const one of patterns) {
    await visit(walk, one.startsWith("/") ? "/" : folder, globSteps(one));
  }
  return [...walk.found].sort(); // (G1)
}

interface Walk {
  /** Looked at. */
  names: number;
  readonly namesMax: number;
  readonly found: Set<string>;
}

async function visit(walk: Walk, folder: string, [step, ...rest]: readonly GlobStep[]): Promise<void> {
  switch (step?.kind) {
    case undefined:
      return;
    case "name":
      return visitNamed(walk, join(folder, step.name), rest);
    case "pattern":
      return visitFitting(walk, folder, { matches: step.matches, rest });
    case "folders":
      return visitAll(walk, folder, [step, ...rest]);
    default:
      return unreachable(step);
  }
}

async function visitNamed(walk: Walk, path: string, rest: readonly GlobStep[]): Promise<void> {
  if (rest.length > 0) await visit(walk, path, rest);
  else if (await isThere(path)) walk.found.add(path);
}

interface Fitting {
  readonly matches: (name: string) => boolean;
  readonly rest: readonly GlobStep[];
}

async function visitFitting(walk: Walk, folder: string, { matches, rest }: Fitting): Promise<void> {
  for (const entry of await entriesOf(walk, folder)) {
    if (!matches(entry.name)) continue;
    const path = join(folder, entry.name);
    if (rest.length === 0) await take(walk, path, entry);
    else if (entry.isDirectory() || entry.isSymbolicLink()) await visit(walk, path, rest);
  }
}

/** Here, and in every folder below that is not hidden (G2). */
async function visitAll(walk: Walk, folder: string, steps: readonly GlobStep[]): Promise<void> {
  const rest = steps.slice(1);
  if (rest.length > 0) await visit(walk, folder, rest);
  for (const entry of await entriesOf(walk, folder)) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await visit(walk, path, steps);
    else if (rest.length === 0) await take(walk, path, entry);
  }
}

async function entriesOf(walk: Walk, folder: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    walk.names += entries.length;
    if (walk.names > walk.namesMax) throw new GlobError(`more than ${walk.namesMax} names to look at`);
    return entries;
  } catch (error) {
    if (error instanceof GlobError) throw error;
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw new GlobError(`${folder}, which cannot be looked into (${errorMessage(error)})`, { cause: error }); // (G3)
  }
}

/** A link that leads nowhere is taken too, so that somebody is told of it (G3). */
async function take(walk: Walk, path: string, entry: Dirent): Promise<void> {
  if (entry.isFile() || (entry.isSymbolicLink() && !(await isFolder(path)))) walk.found.add(path);
}

/** What cannot be looked at is taken too (G3). */
async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    return errorCode(error) !== "ENOENT" && errorCode(error) !== "ENOTDIR";
  }
}

async function isFolder(path: string): Promise<boolean> {
  const seen = await stat(path).catch(() => undefined);
  return seen?.isDirectory() === true;
}
