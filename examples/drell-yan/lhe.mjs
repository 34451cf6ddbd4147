// Les Houches event files (LHEF 1.0 and 3.0, plain or gzip): a streaming reader and a writer.
// The format: J. Alwall et al., hep-ph/0609017, and J. R. Andersen et al., arXiv:1405.1067.
//
//   L1. Events are numbered 1..n in file order.
//   L2. Nothing is parsed before the first event asked for, and nothing is read after the last.
//   L3. Whatever is wrong with a file is a DataError that names file, event and line.
//   L4. An event's digest depends on its particles alone: not on its number, weights, comments or spacing.

import { createHash } from "node:crypto";
import { DataError } from "./command-line.mjs";
import { BlockScanner, placeOf } from "./lhe-blocks.mjs";
import { lineBatches } from "./line-batches.mjs";

/**
 * @typedef {object} Particle momenta, energy and mass in GeV
 * @property {number} pdgId
 * @property {number} status -1 incoming, 1 outgoing, 2 decayed resonance
 * @property {number} mother1 counted from 1; 0 is none
 * @property {number} mother2
 * @property {number} colour1
 * @property {number} colour2
 * @property {number} px
 * @property {number} py
 * @property {number} pz
 * @property {number} energy
 * @property {number} mass
 * @property {number} lifetime in mm
 * @property {number} spin cosine of the angle to the flight direction; 9 is unknown
 *
 * @typedef {object} EventHeader the first line of an event
 * @property {number} processId
 * @property {number} weight
 * @property {number} scale in GeV
 * @property {number} alphaQed
 * @property {number} alphaQcd
 *
 * @typedef {EventHeader & {readonly particles: readonly Particle[]}} EventContent what the writer takes
 *
 * @typedef {object} EventPlace where the reader found it
 * @property {number} number 1..n in file order
 * @property {number} line of the `<event>` tag, counted from 1
 * @property {string} text the whole block, tags included
 * @property {readonly string[]} particleLines as they stand in the file
 *
 * @typedef {EventPlace & EventContent} LheEvent
 * @typedef {import("./lhe-blocks.mjs").EventBlock} EventBlock
 */

const HEADER_FIELDS = /** @type {const} */ ([
  "particleCount",
  "processId",
  "weight",
  "scale",
  "alphaQed",
  "alphaQcd",
]);

const PARTICLE_FIELDS = /** @type {const} */ ([
  "pdgId",
  "status",
  "mother1",
  "mother2",
  "colour1",
  "colour2",
  "px",
  "py",
  "pz",
  "energy",
  "mass",
  "lifetime",
  "spin",
]);

/**
 * Yields the events `first` to `last`, counted from 1 (L1, L2).
 * @param {string} path
 * @param {number} first
 * @param {number} last
 * @returns {AsyncGenerator<LheEvent, void, void>}
 */
export async function* readEvents(path, first, last) {
  if (!Number.isInteger(first) || !Number.isInteger(last) || first < 1 || last < first) {
    throw new RangeError(`events ${first} to ${last}: expected whole numbers, 1 <= first <= last`);
  }
  const scanner = new BlockScanner(path);
  for await (const lines of lineBatches(path, () => scanner.place())) {
    for (const line of lines) {
      const block = scanner.take(line);
      if (block === undefined || block.number < first) continue;
      yield parseEvent(path, block);
      if (block.number === last) return;
    }
  }
  scanner.end(Math.max(first, scanner.events + 1));
}

/**
 * SHA-256, in hex, of the event's particle lines with single spaces (L4).
 * @param {Pick<LheEvent, "particleLines">} event
 * @returns {string}
 */
export function eventDigest(event) {
  const lines = event.particleLines.map((line) => fieldsOf(line).join(" "));
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

/**
 * Everything that stands before the first event.
 * @param {{comment: string, generator: string, init: readonly string[]}} head `init`: the lines of the init block
 * @returns {string}
 */
export function formatHead({ comment, generator, init }) {
  const start = ['<LesHouchesEvents version="3.0">', "<header>", "<!--", comment, "-->", "</header>"];
  return [...start, "<init>", ...init, generator, "</init>", ""].join("\n");
}

/** Everything that stands after the last event. */
export const TAIL = "</LesHouchesEvents>\n";

/**
 * One event, tags included.
 * @param {EventContent} event
 * @returns {string}
 */
export function formatEvent(event) {
  const { particles, processId } = event;
  const numbers = [event.weight, event.scale, event.alphaQed, event.alphaQcd].map(formatNumber);
  const header = `${particles.length} ${processId} ${numbers.join(" ")}`;
  return ["<event>", header, ...particles.map(formatParticle), "</event>", ""].join("\n");
}

/**
 * @param {string} path
 * @param {EventBlock} block
 * @returns {LheEvent}
 */
function parseEvent(path, block) {
  const { number, line, lines } = block;
  /** @type {Record<typeof HEADER_FIELDS[number], number> | undefined} */
  let header;
  /** @type {Particle[]} */
  const particles = [];
  /** @type {string[]} */
  const particleLines = [];
  for (const [index, raw] of lines.entries()) {
    const text = raw.trim();
    if (index === 0 || text === "" || text.startsWith("#")) continue;
    const place = placeOf(path, number, line + index);
    if (header === undefined) {
      header = parseFields(HEADER_FIELDS, text, `${place}: event header`);
      continue;
    }
    // What follows the particles (weights, comments) is the generator's own affair.
    if (particles.length === header.particleCount) break;
    if (text.startsWith("<")) {
      const promised = `the event header promises ${header.particleCount} particles`;
      throw new DataError(`${place}: ${promised}, found ${particles.length}`);
    }
    particles.push(parseFields(PARTICLE_FIELDS, text, `${place}: particle ${particles.length + 1}`));
    particleLines.push(raw);
  }
  if (header === undefined) throw new DataError(`${placeOf(path, number, line)}: the event is empty`);
  const { particleCount: _, ...numbers } = header;
  return { number, line, text: lines.join("\n"), particleLines, particles, ...numbers };
}

/**
 * @template {string} Name
 * @param {readonly Name[]} names of the numbers, in order
 * @param {string} text
 * @param {string} place
 * @returns {Record<Name, number>}
 */
function parseFields(names, text, place) {
  const fields = fieldsOf(text);
  const numbers = names.map((name, index) => [name, parseNumber(fields[index])]);
  if (numbers.every(([, number]) => Number.isFinite(number))) {
    return /** @type {Record<Name, number>} */ (Object.fromEntries(numbers));
  }
  throw new DataError(
    `${place}: expected ${names.length} numbers, found ${JSON.stringify(text.slice(0, 60))}`,
  );
}

/**
 * @param {string | undefined} field
 * @returns {number}
 */
function parseNumber(field) {
  return field === undefined ? NaN : Number(field.replace(/d/i, "e")); // Fortran writes 1.0D+02
}

/**
 * @param {Particle} particle
 * @returns {string}
 */
function formatParticle(particle) {
  const { pdgId, status, mother1, mother2, colour1, colour2, px, py, pz, energy, mass } = particle;
  const links = [status, mother1, mother2, colour1, colour2].map((value) => String(value).padStart(3));
  const motion = [px, py, pz, energy, mass].map((value) => formatNumber(value).padStart(17));
  return [String(pdgId).padStart(4), ...links, ...motion, particle.lifetime, particle.spin].join(" ");
}

/**
 * @param {number} value
 * @returns {string}
 */
function formatNumber(value) {
  return value.toExponential(10);
}

/**
 * @param {string} line
 * @returns {string[]}
 */
function fieldsOf(line) {
  return line.trim().split(/\s+/);
}
