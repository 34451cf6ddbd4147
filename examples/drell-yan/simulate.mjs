// The payload: simulates a range of events of one input file in a toy detector.
//
//   S1. What comes out for an event depends on that event's particles and on the options, and on nothing else: all
//       dice are seeded with the event's digest. So it does not matter where, when, or in which range it is done.
//   S2. The output appears when it is whole, and not before.
//   S3. One JSON object a line, one line an event, in file order.
//
// node simulate.mjs --input FILE --first N --last N --output FILE [--cpu-ms-min 5] [--cpu-ms-max 50]

import { DataError, parseArguments, positiveNumber, required } from "./command-line.mjs";
import { runAsProgram, UsageError, wholeNumber } from "./command-line.mjs";
import { detectLepton, pairMass } from "./detector.mjs";
import { Dice } from "./dice.mjs";
import { eventDigest, readEvents } from "./lhe.mjs";
import { writeWholeFile } from "./whole-file.mjs";

/**
 * Steps in a millisecond, as measured in processes that do a single event, and spend half of their time compiling the
 * loop; a warm loop takes 10,000.
 */
const STEPS_PER_MS = 4000;

const USAGE =
  "node simulate.mjs --input FILE --first N --last N --output FILE [--cpu-ms-min 5] [--cpu-ms-max 50]";

/**
 * @typedef {import("./detector.mjs").Momentum} Momentum
 * @typedef {import("./lhe.mjs").LheEvent} LheEvent
 * @typedef {import("./lhe.mjs").Particle} Particle
 * @typedef {{minMs: number, maxMs: number}} CpuRange processor time of an event, as STEPS_PER_MS has it
 *
 * @typedef {Momentum & {pdgId: number}} Lepton
 * @typedef {{massGev: number, leptons: [Lepton, Lepton]}} Pair
 *
 * @typedef {object} EventRecord a line of the output
 * @property {number} event its number in the input file, from 1
 * @property {string} digest of its particles
 * @property {Pair} truth
 * @property {Pair} reconstructed
 * @property {number} depositedGev
 * @property {number} steps
 */

/**
 * Simulates one event (S1).
 * @param {LheEvent} event
 * @param {string} path of its file, for a complaint
 * @param {CpuRange} cpu
 * @returns {EventRecord}
 */
export function simulateEvent(event, path, cpu) {
  const leptons = leptonPair(event, path);
  const digest = eventDigest(event);
  const dice = new Dice(digest);
  const steps = drawSteps(dice, cpu);
  const hits = leptons.map((lepton) => detectLepton(lepton, steps / 2, dice));
  const seen = leptons.map((lepton, index) => ({ ...lepton, ...hits[index]?.measured }));
  const depositedGev = hits.reduce((sum, hit) => sum + hit.depositedGev, 0);
  return {
    event: event.number,
    digest,
    truth: pairOf(leptons),
    reconstructed: pairOf(seen),
    depositedGev: rounded(depositedGev),
    steps,
  };
}

/**
 * Most events are short and some are long: the square of a uniform number puts the mean at a third of the way, 20 ms
 * for 5 to 50.
 * @param {Dice} dice
 * @param {CpuRange} cpu
 * @returns {number}
 */
function drawSteps(dice, { minMs, maxMs }) {
  const roll = dice.uniform();
  return Math.round(STEPS_PER_MS * (minMs + (maxMs - minMs) * roll * roll));
}

/**
 * The two leptons of same flavour and opposite charge that reach the detector.
 * @param {LheEvent} event
 * @param {string} path
 * @returns {[Particle, Particle]} the antilepton first
 */
function leptonPair({ particles, number, line }, path) {
  const outgoing = particles.filter(({ status }) => status === 1);
  for (const pdgId of [11, 13]) {
    const antilepton = outgoing.find((particle) => particle.pdgId === -pdgId);
    const lepton = outgoing.find((particle) => particle.pdgId === pdgId);
    if (antilepton !== undefined && lepton !== undefined) return [antilepton, lepton];
  }
  const found = outgoing.map(({ pdgId }) => pdgId).join(", ");
  const place = `file ${path}, event ${number}, line ${line}`;
  throw new DataError(`${place}: expected an outgoing e+e- or mu+mu- pair, found particles ${found}`);
}

/**
 * @param {readonly Particle[]} pair
 * @returns {Pair}
 */
function pairOf([one, other]) {
  if (one === undefined || other === undefined) throw new Error("a pair of leptons has two");
  return { massGev: rounded(pairMass(one, other)), leptons: [leptonOf(one), leptonOf(other)] };
}

/**
 * @param {Particle} particle
 * @returns {Lepton}
 */
function leptonOf({ pdgId, px, py, pz, energy }) {
  return { pdgId, px: rounded(px), py: rounded(py), pz: rounded(pz), energy: rounded(energy) };
}

/**
 * To a keV, which is far finer than any detector.
 * @param {number} gev
 * @returns {number}
 */
function rounded(gev) {
  return Number(gev.toFixed(6));
}

/**
 * @param {{input: string, first: number, last: number, cpu: CpuRange}} range
 * @returns {AsyncGenerator<string, void, void>}
 */
export async function* simulateRange({ input, first, last, cpu }) {
  for await (const event of readEvents(input, first, last)) {
    yield `${JSON.stringify(simulateEvent(event, input, cpu))}\n`; // (S3)
  }
}

/**
 * @param {string[]} args
 * @returns {Promise<number>}
 */
async function main(args) {
  const { values } = parseArguments({
    args,
    options: {
      input: { type: "string" },
      first: { type: "string" },
      last: { type: "string" },
      output: { type: "string" },
      "cpu-ms-min": { type: "string" },
      "cpu-ms-max": { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const input = required(values.input, "--input");
  const output = required(values.output, "--output");
  const first = wholeNumber(required(values.first, "--first"), "--first", 1);
  const last = wholeNumber(required(values.last, "--last"), "--last", first);
  const minMs = positiveNumber(values["cpu-ms-min"] ?? "5", "--cpu-ms-min");
  const maxMs = positiveNumber(values["cpu-ms-max"] ?? "50", "--cpu-ms-max");
  if (maxMs < minMs) throw new UsageError(`--cpu-ms-max ${maxMs} is below --cpu-ms-min ${minMs}`);
  await writeWholeFile(output, simulateRange({ input, first, last, cpu: { minMs, maxMs } })); // (S2)
  return 0;
}

await runAsProgram(import.meta.url, main);
