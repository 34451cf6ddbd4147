// A toy detector: two leptons fly through thin layers of silicon, and are measured.
//
//   T1. All chance comes from the dice that are passed in, and all arithmetic is what IEEE 754 defines to the last
//       bit (+ − × ÷ √): the same event gives the same bytes on every machine.
//   T2. The work is counted in steps, not measured on a clock. More steps make the flight finer, not different: the
//       material, and so what it does on average, stays the same.
//
// Multiple scattering: the Gaussian core of Molière's theory, θ₀ = 13.6 MeV/p √(x/X₀) in each of two planes (Review of
// Particle Physics, "Passage of particles through matter"). Each layer takes the energy that two millimetres of silicon
// take from a minimum-ionising particle, with a spread. What is measured: the direction behind the material, and the
// momentum to two percent.

/**
 * Relative resolution of a measured momentum. So small that it moves the median dilepton mass of a sample of 10,000
 * events by less than three times the error of that median.
 */
export const MOMENTUM_RESOLUTION = 0.01;

const LAYERS = 12;
const RADIATION_LENGTHS_PER_LAYER = 0.02;
const SCATTERING_GEV = 0.0136;
const DEPOSIT_PER_LAYER_GEV = 0.0007;
const DEPOSIT_SPREAD = 0.2;

/**
 * @typedef {import("./dice.mjs").Dice} Dice
 * @typedef {{px: number, py: number, pz: number, energy: number}} Momentum in GeV
 * @typedef {{x: number, y: number, z: number}} Direction of length 1
 * @typedef {{direction: Direction, energy: number, deposited: number}} Flight
 */

/**
 * Sends one lepton through all layers and measures what comes out.
 * @param {Momentum & {mass: number}} lepton
 * @param {number} steps to take, shared out evenly among the layers
 * @param {Dice} dice
 * @returns {{measured: Momentum, depositedGev: number}}
 */
export function detectLepton(lepton, steps, dice) {
  const momentum = lengthOf(lepton.px, lepton.py, lepton.pz);
  const direction = unit(lepton.px, lepton.py, lepton.pz);
  /** @type {Flight} */
  const flight = { direction, energy: lepton.energy, deposited: 0 };
  const stepsPerLayer = Math.max(1, Math.round(steps / LAYERS));
  for (let layer = 0; layer < LAYERS; layer++) crossLayer(flight, stepsPerLayer, dice);

  const measured = momentum * (1 + MOMENTUM_RESOLUTION * dice.gaussian());
  const { x, y, z } = flight.direction;
  const energy = Math.sqrt(measured * measured + lepton.mass * lepton.mass);
  return {
    measured: { px: measured * x, py: measured * y, pz: measured * z, energy },
    depositedGev: flight.deposited,
  };
}

/**
 * The invariant mass of two leptons.
 * @param {Momentum} one
 * @param {Momentum} other
 * @returns {number}
 */
export function pairMass(one, other) {
  const px = one.px + other.px;
  const py = one.py + other.py;
  const pz = one.pz + other.pz;
  const energy = one.energy + other.energy;
  return Math.sqrt(Math.max(0, energy * energy - px * px - py * py - pz * pz));
}

/**
 * @param {Flight} flight is moved on
 * @param {number} steps
 * @param {Dice} dice
 */
function crossLayer(flight, steps, dice) {
  // n small independent kicks add up to one that is √n times as large (T2).
  const scattering = SCATTERING_GEV * Math.sqrt(RADIATION_LENGTHS_PER_LAYER / steps);
  const deposit = DEPOSIT_PER_LAYER_GEV * Math.max(0, 1 + DEPOSIT_SPREAD * dice.gaussian());
  for (let step = 0; step < steps; step++) {
    const angle = scattering / flight.energy;
    flight.direction = turned(flight.direction, angle * dice.gaussian(), angle * dice.gaussian());
    const loss = Math.min(deposit / steps, flight.energy / 2);
    flight.energy -= loss;
    flight.deposited += loss;
  }
}

/**
 * Turns a direction by two small angles, in two planes at right angles.
 * @param {Direction} direction
 * @param {number} first
 * @param {number} second
 * @returns {Direction}
 */
function turned({ x, y, z }, first, second) {
  // The axis that is farthest from the flight gives the first plane; its cross product the second.
  const across = z * z < 0.5 ? unit(-y, x, 0) : unit(0, -z, y);
  const ux = y * across.z - z * across.y;
  const uy = z * across.x - x * across.z;
  const uz = x * across.y - y * across.x;
  return unit(
    x + first * across.x + second * ux,
    y + first * across.y + second * uy,
    z + first * across.z + second * uz,
  );
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} z
 * @returns {Direction}
 */
function unit(x, y, z) {
  const length = lengthOf(x, y, z);
  return { x: x / length, y: y / length, z: z / length };
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} z
 * @returns {number} not by Math.hypot, whose last bit is the engine's own (T1)
 */
function lengthOf(x, y, z) {
  return Math.sqrt(x * x + y * y + z * z);
}
