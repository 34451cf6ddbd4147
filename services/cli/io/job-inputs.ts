// The inputs that a job file names, as they lie on the disk.

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { InputFile } from "../../shared/core/job-spec.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { inputPlaceSchema, inputSchema } from "./job-schema.js";

/** An input, and its place in the job file. */
export interface PlacedInput {
  readonly index: number;
  readonly input: InputFile;
}

/** An input that is not as it should be. */
export interface InputMistake {
  readonly path: readonly (string | number)[];
  readonly expected: string;
  readonly found: string;
}

export interface LookedAtInputs {
  readonly inputs: readonly PlacedInput[];
  readonly mistakes: readonly InputMistake[];
}

/** Inputs looked at at a time: enough to hide the latency of a network file system. */
const looksAtOnce = 32;

/** Looks at every entry that names a file; what else is wrong with an entry, the schema says. */
export async function lookAtInputs(jobDir: string, entries: readonly unknown[]): Promise<LookedAtInputs> {
  const inputs: PlacedInput[] = [];
  const mistakes: InputMistake[] = [];
  for (let from = 0; from < entries.length; from += looksAtOnce) {
    const some = entries.slice(from, from + looksAtOnce);
    const looks = await Promise.all(some.map((entry) => lookAt(jobDir, entry)));
    for (const [i, look] of looks.entries()) {
      const index = from + i;
      if (look.kind === "found") inputs.push({ index, input: look.input });
      if (look.kind === "missing") {
        mistakes.push({
          path: ["inputs", index, "path"],
          expected: "a file that can be read",
          found: look.found,
        });
      }
    }
  }
  return { inputs, mistakes: [...mistakes, ...highNumbers(inputs), ...overlaps(inputs)] };
}

type Look =
  | { readonly kind: "found"; readonly input: InputFile }
  | { readonly kind: "missing"; readonly found: string }
  | { readonly kind: "no-input" };

async function lookAt(jobDir: string, entry: unknown): Promise<Look> {
  const place = inputPlaceSchema.safeParse(entry);
  if (!place.success) return { kind: "no-input" };
  const path = resolve(jobDir, place.data.path);
  try {
    const seen = await stat(path);
    if (!seen.isFile()) return { kind: "missing", found: `${path}, which is no file` };
    await access(path, constants.R_OK);
    const parsed = inputSchema.safeParse(entry);
    if (!parsed.success) return { kind: "no-input" };
    const input = { ...parsed.data, path, sizeBytes: seen.size, modifiedUnixMs: Math.floor(seen.mtimeMs) };
    return { kind: "found", input };
  } catch (error) {
    const why =
      errorCode(error) === "ENOENT" ? "which is not there" : `which cannot be read (${errorMessage(error)})`;
    return { kind: "missing", found: `${path}, ${why}` };
  }
}

const eventNumberMax = 0xffff_ffff;

function highNumbers(inputs: readonly PlacedInput[]): readonly InputMistake[] {
  return inputs.flatMap(({ index, input }) => {
    const last = input.firstEvent + input.events - 1;
    if (last <= eventNumberMax) return [];
    const expected = `event numbers of at most ${eventNumberMax}`;
    return [{ path: ["inputs", index], expected, found: String(last) }];
  });
}

/** The same events twice would be done twice, and stand in the merged files twice. */
function overlaps(inputs: readonly PlacedInput[]): readonly InputMistake[] {
  const mistakes: InputMistake[] = [];
  const ofPath = new Map<string, PlacedInput[]>();
  for (const placed of inputs) {
    const parts = ofPath.get(placed.input.path) ?? [];
    parts.push(placed);
    ofPath.set(placed.input.path, parts);
  }
  for (const parts of ofPath.values()) {
    const inOrder = parts.toSorted((a, b) => a.input.firstEvent - b.input.firstEvent);
    let furthest = inOrder[0];
    for (const part of inOrder.slice(1)) {
      if (furthest === undefined) break;
      const end = furthest.input.firstEvent + furthest.input.events;
      if (part.input.firstEvent < end) {
        const [earlier, later] = [furthest.index, part.index].sort((a, b) => a - b);
        const found = `events that inputs[${earlier}] has too`;
        mistakes.push({ path: ["inputs", later ?? 0], expected: "each event of a file once", found });
      }
      if (part.input.firstEvent + part.input.events > end) furthest = part;
    }
  }
  return mistakes;
}
