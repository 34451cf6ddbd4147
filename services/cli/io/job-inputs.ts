// The inputs that a job file names, as they lie on the disk.
//
//   I1. All mistakes are found at once, but that events are counted only where nothing else is wrong: it may take long.
//   I2. No event is in two inputs: it would be done twice, and stand in the merged files twice.

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import type { InputFile } from "../../shared/core/job-spec.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { countEvents } from "./event-counts.js";
import { filesNamed, type InputMistake, type InputShape, type NamedFile } from "./input-entries.js";
import { eventNumberMax } from "./input-schema.js";
import type { FileReader } from "./file-reader.js";

/** A file that is there; its events are perhaps not known. */
interface SeenFile extends NamedFile {
  readonly shape: InputShape;
  readonly sizeBytes: number;
  readonly modifiedUnixMs: number;
}

/** An input, and its entry in the job file. */
export interface PlacedInput {
  readonly index: number;
  readonly where: string;
  readonly input: InputFile;
}

export interface SeenInputs {
  readonly inputs: readonly PlacedInput[];
  readonly mistakes: readonly InputMistake[];
}

/** What is known without counting. */
export interface LookedAtInputs extends SeenInputs {
  /** Inputs whose events are to be counted yet. */
  readonly uncounted: number;
  /** Counts them, and tells of all; asked for when there are no mistakes (I1). */
  count(reader: Pick<FileReader, "environment" | "signal">): Promise<SeenInputs>;
}

/** Inputs looked at at a time: enough to hide the latency of a network file system. */
const looksAtOnce = 32;

/** Looks at every file that is named; what else is wrong with an entry, the schema says. */
export async function lookAtInputs(jobDir: string, entries: readonly unknown[]): Promise<LookedAtInputs> {
  const named = await filesNamed(jobDir, entries);
  const files: SeenFile[] = [];
  const mistakes: InputMistake[] = [...named.mistakes];
  for (let from = 0; from < named.files.length; from += looksAtOnce) {
    for (const look of await Promise.all(named.files.slice(from, from + looksAtOnce).map(lookAt))) {
      if (look.kind === "seen") files.push(look.file);
      if (look.kind === "wrong") mistakes.push(look.mistake);
    }
  }
  const inputs = files.flatMap((file) => {
    const { events } = file.shape;
    return typeof events === "number" ? [inputOf(file, events)] : [];
  });
  return {
    inputs,
    mistakes: [...mistakes, ...mistakesAmong(inputs)],
    uncounted: files.length - inputs.length,
    count: (reader) => countAll(jobDir, files, reader),
  };
}

type Look =
  | { readonly kind: "seen"; readonly file: SeenFile }
  | { readonly kind: "wrong"; readonly mistake: InputMistake }
  | { readonly kind: "no-input" };

async function lookAt(named: NamedFile): Promise<Look> {
  const { index, path, where, shape } = named;
  const wrong = (why: string): Look => {
    const place = ["inputs", index, where === "" ? "path" : "list"];
    const found = `${path}${where}, which ${why}`;
    return { kind: "wrong", mistake: { path: place, expected: "a file that can be read", found } };
  };
  try {
    const seen = await stat(path);
    if (!seen.isFile()) return wrong("is no file");
    await access(path, constants.R_OK);
    if (shape === undefined) return { kind: "no-input" };
    const file = { ...named, shape, sizeBytes: seen.size, modifiedUnixMs: Math.floor(seen.mtimeMs) };
    return { kind: "seen", file };
  } catch (error) {
    return wrong(errorCode(error) === "ENOENT" ? "is not there" : `cannot be read (${errorMessage(error)})`);
  }
}

function inputOf(
  { index, path, where, shape, sizeBytes, modifiedUnixMs }: SeenFile,
  events: number,
): PlacedInput {
  const { firstEvent, guid, scope } = shape;
  return { index, where, input: { path, events, firstEvent, guid, scope, sizeBytes, modifiedUnixMs } };
}

async function countAll(
  jobDir: string,
  files: readonly SeenFile[],
  { environment, signal }: Pick<FileReader, "environment" | "signal">,
): Promise<SeenInputs> {
  const toCount = files.flatMap((file) => {
    const { events: rule } = file.shape;
    return typeof rule === "number" ? [] : [{ file, path: file.path, rule }];
  });
  const counts = await countEvents(toCount, { jobDir, environment }, signal);
  const countOf = new Map(toCount.map(({ file }, i) => [file, counts[i]]));
  const inputs: PlacedInput[] = [];
  const mistakes: InputMistake[] = [];
  for (const file of files) {
    const { events: said } = file.shape;
    const count = typeof said === "number" ? { events: said } : countOf.get(file);
    if (count === undefined) continue;
    if ("events" in count) inputs.push(inputOf(file, count.events));
    else {
      const expected = `a number of events first, from the command that counts those of ${file.path}${file.where}`;
      mistakes.push({ path: ["inputs", file.index, "events", "command"], expected, found: count.found });
    }
  }
  return { inputs, mistakes: [...mistakes, ...mistakesAmong(inputs)] };
}

function mistakesAmong(inputs: readonly PlacedInput[]): readonly InputMistake[] {
  return [...highNumbers(inputs), ...overlaps(inputs)];
}

function highNumbers(inputs: readonly PlacedInput[]): readonly InputMistake[] {
  return inputs.flatMap(({ index, input }) => {
    const last = input.firstEvent + input.events - 1;
    if (last <= eventNumberMax) return [];
    const expected = `event numbers of at most ${eventNumberMax}`;
    return [{ path: ["inputs", index], expected, found: String(last) }];
  });
}

/** (I2) */
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
      if (part.input.firstEvent < end) mistakes.push(overlapOf(furthest, part));
      if (part.input.firstEvent + part.input.events > end) furthest = part;
    }
  }
  return mistakes;
}

/** Told of the later entry. */
function overlapOf(one: PlacedInput, other: PlacedInput): InputMistake {
  const [earlier, later] = one.index <= other.index ? [one, other] : [other, one];
  const found = `events of ${later.input.path}${later.where} that inputs[${earlier.index}] has too${earlier.where}`;
  return { path: ["inputs", later.index], expected: "each event of a file once", found };
}
