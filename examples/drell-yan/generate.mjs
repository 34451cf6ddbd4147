// A small leading-order event generator: pp → γ*/Z → e⁺e⁻ or μ⁺μ⁻ at 13 TeV, as Les Houches event files.
//
//   G1. File i of a seed is the same, whatever the number of files; no two files share their dice.
//   G2. Events are unweighted: each is drawn from the cross section of drell-yan.mjs by rejection.
//   G3. Four-momentum is conserved to the last digit that is written.
//
// node generate.mjs --events 500 --files 4 --seed 1 --folder input

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArguments, required, runAsProgram, wholeNumber } from "./command-line.mjs";
import { Dice } from "./dice.mjs";
import * as physics from "./drell-yan.mjs";
import { formatEvent, formatHead, TAIL } from "./lhe.mjs";
import { writeWholeFile } from "./whole-file.mjs";

const MASS_MIN_GEV = 50;
const MASS_MAX_GEV = 150;
const ALPHA_QCD = 0.118;
const UNKNOWN_SPIN = 9;
const USAGE = "node generate.mjs --events N --files N --seed N --folder FOLDER";

/**
 * @typedef {import("./drell-yan.mjs").Channel} Channel
 * @typedef {import("./lhe.mjs").Particle} Particle
 * @typedef {import("./lhe.mjs").EventContent} EventContent
 * @typedef {{massGev: number, rapidity: number, channels: Channel[], weight: number}} Point weight in picobarn
 */

/**
 * The events of one file, endlessly.
 * @param {Dice} dice
 * @param {number} weightMax from `scanPhaseSpace`
 * @returns {Generator<EventContent, never, void>}
 */
export function* generateEvents(dice, weightMax) {
  for (;;) {
    const point = proposePoint(dice.uniform(), dice.uniform(), dice.uniform());
    if (point.weight > weightMax) throw new Error(`weight ${point.weight} above its maximum ${weightMax}`);
    if (dice.uniform() * weightMax < point.weight) yield drawEvent(dice, point);
  }
}

/**
 * The total cross section and the greatest weight, from a fixed grid over all proposals: the mean weight is the
 * integral, since the proposals fill the unit cube.
 * @returns {{picobarn: number, weightMax: number}} the maximum with some room for what lies between grid points
 */
export function scanPhaseSpace() {
  const massSteps = 200;
  const rapiditySteps = 100;
  let sum = 0;
  let weightMax = 0;
  for (const branch of [0.25, 0.75]) {
    for (let i = 0; i < massSteps; i++) {
      for (let j = 0; j < rapiditySteps; j++) {
        const { weight } = proposePoint(branch, (i + 0.5) / massSteps, (j + 0.5) / rapiditySteps);
        sum += weight;
        weightMax = Math.max(weightMax, weight);
      }
    }
  }
  return { picobarn: sum / (2 * massSteps * rapiditySteps), weightMax: 1.05 * weightMax };
}

/**
 * Half of the proposals follow the Breit-Wigner line, half are flat in ln m, so that the weight, which is the cross
 * section over the density of proposals, is small nowhere that matters and large nowhere.
 * @param {number} branch these three: uniform in [0, 1)
 * @param {number} massRoll
 * @param {number} rapidityRoll
 * @returns {Point}
 */
function proposePoint(branch, massRoll, rapidityRoll) {
  const { Z_MASS_GEV: mass, Z_WIDTH_GEV: width } = physics;
  /** @param {number} m */
  const phaseOf = (m) => Math.atan((m ** 2 - mass ** 2) / (mass * width));
  const phaseMin = phaseOf(MASS_MIN_GEV);
  const phaseSpan = phaseOf(MASS_MAX_GEV) - phaseMin;
  const logSpan = Math.log(MASS_MAX_GEV ** 2 / MASS_MIN_GEV ** 2);

  const s =
    branch < 0.5
      ? mass ** 2 + mass * width * Math.tan(phaseMin + massRoll * phaseSpan)
      : MASS_MIN_GEV ** 2 * Math.exp(massRoll * logSpan);
  const massGev = Math.sqrt(s);
  const resonant = (mass * width) / (((s - mass ** 2) ** 2 + (mass * width) ** 2) * phaseSpan);
  const density = (resonant + 1 / (s * logSpan)) / 2;

  const rapidityMax = physics.rapidityMax(massGev);
  const rapidity = (2 * rapidityRoll - 1) * rapidityMax;
  const channels = physics.crossSections(massGev, rapidity);
  const picobarn = channels.reduce((sum, channel) => sum + channel.picobarn, 0);
  return { massGev, rapidity, channels, weight: (picobarn * 2 * rapidityMax) / density };
}

/**
 * @param {Dice} dice
 * @param {Point} point
 * @returns {EventContent}
 */
function drawEvent(dice, point) {
  const { massGev, rapidity } = point;
  const { quark, fromFirstBeam } = drawChannel(dice, point.channels);
  const leptonId = dice.uniform() < 0.5 ? 11 : 13;
  const cosQuark = drawCosine(dice, physics.angularTerms(quark, massGev));
  const cosBeam = fromFirstBeam ? cosQuark : -cosQuark;

  const [x1, x2] = physics.momentumFractions(massGev, rapidity);
  const energy1 = x1 * physics.BEAM_GEV;
  const energy2 = x2 * physics.BEAM_GEV;
  const boson = { px: 0, py: 0, pz: energy1 - energy2, energy: energy1 + energy2 };
  const lepton = leptonMomentum({ massGev, rapidity, cosBeam, azimuth: 2 * Math.PI * dice.uniform() });
  const antilepton = {
    px: -lepton.px,
    py: -lepton.py,
    pz: boson.pz - lepton.pz,
    energy: boson.energy - lepton.energy,
  };
  const id1 = fromFirstBeam ? quark.pdgId : -quark.pdgId;
  const particles = [
    incoming(id1, { px: 0, py: 0, pz: energy1, energy: energy1 }),
    incoming(-id1, { px: 0, py: 0, pz: -energy2, energy: energy2 }),
    particle({ pdgId: 23, status: 2, mother1: 1, mother2: 2, ...boson, mass: massGev }),
    particle({ pdgId: -leptonId, status: 1, mother1: 3, mother2: 3, ...antilepton }),
    particle({ pdgId: leptonId, status: 1, mother1: 3, mother2: 3, ...lepton }),
  ];
  const { ALPHA_QED: alphaQed } = physics;
  return { processId: 1, weight: 1, scale: massGev, alphaQed, alphaQcd: ALPHA_QCD, particles };
}

/**
 * @param {Dice} dice
 * @param {readonly Channel[]} channels
 * @returns {Channel}
 */
function drawChannel(dice, channels) {
  const total = channels.reduce((sum, channel) => sum + channel.picobarn, 0);
  let left = dice.uniform() * total;
  const drawn = channels.find((channel) => (left -= channel.picobarn) < 0) ?? channels[0];
  if (drawn === undefined) throw new Error("a point of phase space without channels");
  return drawn;
}

/**
 * Draws cosθ from even·(1 + cos²θ) + odd·cosθ, by rejection.
 * @param {Dice} dice
 * @param {{even: number, odd: number}} terms
 * @returns {number}
 */
function drawCosine(dice, { even, odd }) {
  const densityMax = 2 * even + Math.abs(odd);
  for (;;) {
    const cosine = 2 * dice.uniform() - 1;
    if (dice.uniform() * densityMax < even * (1 + cosine ** 2) + odd * cosine) return cosine;
  }
}

/**
 * The ℓ⁻ in the laboratory: made in the pair's rest frame, boosted along the beam.
 * @param {{massGev: number, rapidity: number, cosBeam: number, azimuth: number}} decay
 * @returns {{px: number, py: number, pz: number, energy: number}}
 */
function leptonMomentum({ massGev, rapidity, cosBeam, azimuth }) {
  const momentum = massGev / 2;
  const transverse = momentum * Math.sqrt(1 - cosBeam ** 2);
  const along = momentum * cosBeam;
  return {
    px: transverse * Math.cos(azimuth),
    py: transverse * Math.sin(azimuth),
    pz: along * Math.cosh(rapidity) + momentum * Math.sinh(rapidity),
    energy: momentum * Math.cosh(rapidity) + along * Math.sinh(rapidity),
  };
}

/**
 * Colour flows from the quark into the antiquark, along line 501.
 * @param {number} pdgId
 * @param {{px: number, py: number, pz: number, energy: number}} momentum
 * @returns {Particle}
 */
function incoming(pdgId, momentum) {
  const colours = pdgId > 0 ? { colour1: 501 } : { colour2: 501 };
  return particle({ pdgId, status: -1, mother1: 0, mother2: 0, ...momentum, ...colours });
}

/**
 * @typedef {"pdgId" | "status" | "mother1" | "mother2" | "px" | "py" | "pz" | "energy"} Given
 * @param {Pick<Particle, Given> & Partial<Particle>} given
 * @returns {Particle}
 */
function particle(given) {
  return { colour1: 0, colour2: 0, mass: 0, lifetime: 0, spin: UNKNOWN_SPIN, ...given };
}

/**
 * @param {{seed: number, file: number, events: number}} options `file`: counted from 1
 * @returns {Generator<string, void, void>} the pieces of the file's text
 */
export function* formatFile({ seed, file, events }) {
  const { picobarn, weightMax } = scanPhaseSpace();
  const comment = `pp -> gamma*/Z -> l+ l-, ${MASS_MIN_GEV} < m < ${MASS_MAX_GEV} GeV; seed ${seed}, file ${file}`;
  const generator =
    "<generator name='noctua drell-yan' version='1'>leading order, toy parton densities</generator>";
  const init = [
    `2212 2212 ${physics.BEAM_GEV} ${physics.BEAM_GEV} 0 0 0 0 3 1`,
    `${picobarn.toExponential(6)} ${(0.01 * picobarn).toExponential(6)} 1.0 1`,
  ];
  yield formatHead({ comment, generator, init });
  const source = generateEvents(new Dice(`drell-yan seed ${seed} file ${file}`), weightMax); // (G1)
  for (let event = 0; event < events; event++) yield formatEvent(source.next().value);
  yield TAIL;
}

/**
 * @param {string[]} args
 * @returns {Promise<number>}
 */
async function main(args) {
  const { values } = parseArguments({
    args,
    options: {
      events: { type: "string" },
      files: { type: "string" },
      seed: { type: "string" },
      folder: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const events = wholeNumber(values.events ?? "500", "--events", 1);
  const files = wholeNumber(values.files ?? "4", "--files", 1);
  const seed = wholeNumber(values.seed ?? "1", "--seed", 0);
  const folder = required(values.folder ?? "input", "--folder");
  await mkdir(folder, { recursive: true });
  for (let file = 1; file <= files; file++) {
    const path = join(folder, `drell-yan-${file}.lhe`);
    await writeWholeFile(path, formatFile({ seed, file, events }));
    console.log(`${path}: ${events} events`);
  }
  return 0;
}

await runAsProgram(import.meta.url, main);
