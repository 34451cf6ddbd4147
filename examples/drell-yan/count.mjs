// The proof: every event of the inputs is in the merged files exactly once.
//
//   C1. It knows nothing of who ran the job: input files and merged files in, a verdict out.
//   C2. It shares no reading code with the payload, so that a fault there can't hide itself here. It reads whole files
//       and splits them at line ends, which is slower than streaming, and plain to see.
//   C3. An event is known by its content, not by its number; equal events are counted by how often they occur.
//
// node count.mjs --input FILE [--input FILE ...] [--events N] --merged FILE [FILE ...]

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { DataError, messageOf, parseArguments } from "./command-line.mjs";
import { runAsProgram, UsageError, wholeNumber } from "./command-line.mjs";

const NAMED_MAX = 5;
const USAGE = "node count.mjs --input FILE [--input FILE ...] [--events N] --merged FILE [FILE ...]";

/**
 * @typedef {Map<string, string[]>} Sightings where each event was seen, by the digest of its content
 * @typedef {{digest: string, events: number, places: readonly string[]}} Fault
 *
 * @typedef {object} Verdict every expected event is once, missing or twice
 * @property {number} expected
 * @property {number} once
 * @property {Fault[]} missing
 * @property {Fault[]} twice or more often
 * @property {Fault[]} foreign in a merged file, but in no input
 */

/**
 * Compares what was to be found with what was found (C3).
 * @param {Sightings} expected
 * @param {Sightings} found
 * @returns {Verdict}
 */
export function judge(expected, found) {
  /** @type {Verdict} */
  const verdict = { expected: 0, once: 0, missing: [], twice: [], foreign: [] };
  for (const [digest, inputPlaces] of expected) {
    const mergedPlaces = found.get(digest) ?? [];
    const missing = Math.max(0, inputPlaces.length - mergedPlaces.length);
    const twice = Math.min(inputPlaces.length, Math.max(0, mergedPlaces.length - inputPlaces.length));
    verdict.expected += inputPlaces.length;
    verdict.once += inputPlaces.length - missing - twice;
    if (missing > 0) verdict.missing.push({ digest, events: missing, places: inputPlaces });
    if (twice > 0) verdict.twice.push({ digest, events: twice, places: mergedPlaces });
  }
  for (const [digest, places] of found) {
    if (!expected.has(digest)) verdict.foreign.push({ digest, events: places.length, places });
  }
  return verdict;
}

/**
 * @param {Verdict} verdict
 * @returns {{text: string, holds: boolean}}
 */
export function report({ expected, once, missing, twice, foreign }) {
  const counts = `${countOf(missing)} missing, ${countOf(twice)} twice, ${countOf(foreign)} foreign`;
  const lines = [`${expected} events expected, ${once} found once, ${counts}`];
  lines.push(...named("missing", missing), ...named("twice", twice), ...named("foreign", foreign));
  return { text: lines.join("\n"), holds: once === expected && foreign.length === 0 };
}

/**
 * @param {readonly Fault[]} faults
 * @returns {number} of events
 */
function countOf(faults) {
  return faults.reduce((sum, { events }) => sum + events, 0);
}

/**
 * The first few faults of a kind, each with its place.
 * @param {string} kind
 * @param {readonly Fault[]} faults
 * @returns {string[]}
 */
function named(kind, faults) {
  const lines = faults
    .slice(0, NAMED_MAX)
    .map(
      ({ digest, places }) => `  ${kind}: ${digest.slice(0, 12)} at ${places.slice(0, NAMED_MAX).join(", ")}`,
    );
  const more = faults.length - NAMED_MAX;
  return more > 0 ? [...lines, `  ${kind}: and ${more} more`] : lines;
}

/**
 * The events of the input files, by content.
 * @param {readonly string[]} paths
 * @param {number} eventsMax only the first so many of each file
 * @returns {Promise<Sightings>}
 */
export async function sightInputs(paths, eventsMax) {
  /** @type {Sightings} */
  const sightings = new Map();
  for (const path of paths) {
    let number = 0;
    for (const digest of inputDigests(path, await linesOf(path))) {
      if (number === eventsMax) break;
      number++;
      add(sightings, digest, `${path} event ${number}`);
    }
    if (Number.isFinite(eventsMax) && number < eventsMax) {
      throw new DataError(`asked for ${eventsMax} events, file ${path} has ${number}`);
    }
  }
  return sightings;
}

/**
 * Digests as the payload is to make them: SHA-256 of the particle lines, with single spaces. An event's first line
 * says how many particle lines follow.
 * @param {string} path
 * @param {readonly string[]} lines
 * @returns {Generator<string, void, void>}
 */
function* inputDigests(path, lines) {
  const init = lines.findIndex((line) => line.trim() === "</init>");
  if (init < 0) throw new DataError(`file ${path}: expected </init> and events, found neither`);
  const telling = lines
    .slice(init + 1)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  for (const [index, line] of telling.entries()) {
    if (!/^<event[\s>]/.test(line)) continue;
    const particleCount = Number.parseInt(telling[index + 1] ?? "", 10);
    const particles = telling.slice(index + 2, index + 2 + particleCount);
    if (particles.length !== particleCount)
      throw new DataError(`file ${path}: the file ends inside an event`);
    const text = particles.map((particle) => particle.split(/\s+/).join(" ")).join("\n");
    yield createHash("sha256").update(text).digest("hex");
  }
}

/**
 * The events of the merged files, by content.
 * @param {readonly string[]} paths
 * @returns {Promise<Sightings>}
 */
export async function sightMerged(paths) {
  /** @type {Sightings} */
  const sightings = new Map();
  for (const path of paths) {
    for (const [index, line] of (await linesOf(path)).entries()) {
      const place = `${path} line ${index + 1}`;
      if (line.trim() !== "") add(sightings, digestOf(line, place), place);
    }
  }
  return sightings;
}

/**
 * @param {string} path of a text file, plain or gzip
 * @returns {Promise<string[]>}
 */
async function linesOf(path) {
  try {
    const bytes = await readFile(path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return (isGzip ? gunzipSync(bytes) : bytes).toString("utf8").split("\n");
  } catch (error) {
    throw new DataError(`file ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * @param {string} line
 * @param {string} place
 * @returns {string}
 */
function digestOf(line, place) {
  try {
    /** @type {unknown} */
    const record = JSON.parse(line);
    const isRecord = typeof record === "object" && record !== null && "digest" in record;
    if (isRecord && typeof record.digest === "string") return record.digest;
  } catch {
    // Told below, together with JSON that is something else.
  }
  throw new DataError(
    `${place}: expected a JSON object with a digest, found ${JSON.stringify(line.slice(0, 60))}`,
  );
}

/**
 * @param {Sightings} sightings
 * @param {string} digest
 * @param {string} place
 */
function add(sightings, digest, place) {
  const places = sightings.get(digest);
  if (places === undefined) sightings.set(digest, [place]);
  else places.push(place);
}

/**
 * @param {string[]} args
 * @returns {Promise<number>}
 */
async function main(args) {
  const { values, positionals } = parseArguments({
    args,
    allowPositionals: true,
    options: {
      input: { type: "string", multiple: true },
      merged: { type: "string", multiple: true },
      events: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  // A shell pattern leaves one file behind --merged, and the rest on their own.
  const merged = [...(values.merged ?? []), ...positionals];
  if (values.input === undefined) throw new UsageError("--input is missing");
  if (merged.length === 0) throw new UsageError("--merged is missing");
  const eventsMax = values.events === undefined ? Infinity : wholeNumber(values.events, "--events", 1);
  const { text, holds } = report(
    judge(await sightInputs(values.input, eventsMax), await sightMerged(merged)),
  );
  console.log(text);
  return holds ? 0 : 1;
}

await runAsProgram(import.meta.url, main);
