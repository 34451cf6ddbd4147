// Fits the mass of the Z boson to measured dilepton masses, by binned maximum likelihood.
//
// The model, normalised between 60 and 120 GeV: the line of the Z, 1/((m² − M²)² + M²Γ²), folded with a Gaussian for the
// detector's resolution, over an exponential for the photon. Four numbers are free: mass, resolution, share and slope of
// the exponential. (dσ/dm has a further factor m, and partons that grow rarer like 1/m^0.9 take it away again.) The bins
// are far finer than the resolution, so that nothing is lost against an unbinned fit, and the time does not grow with
// the number of events.
//
// The error of the mass is where the logarithm of the likelihood, at its best in the other three, falls by a half.

import { minimise } from "./minimise.mjs";

export const LOW_GEV = 60;
export const HIGH_GEV = 120;
export const FIT_EVENTS_MIN = 30;
const ERROR_MAX_GEV = 5;

const Z_WIDTH_GEV = 2.4952;
const BIN_GEV = 0.25;
const BINS = (HIGH_GEV - LOW_GEV) / BIN_GEV;
const CENTRES_GEV = Array.from({ length: BINS }, (_, bin) => LOW_GEV + (bin + 0.5) * BIN_GEV);
const REFERENCE_GEV = 90;
/** How far the Gaussian is followed, and how finely, in units of its width. */
const FOLD_REACH = 4;
const FOLD_STEP = 0.25;
const SLOPE_PER_GEV = -0.02;
const SLOPE_SPREAD_PER_GEV = 0.03;
const CURVATURE_STEP_GEV = 0.05;
/** Where the fit starts: mass in GeV, logarithm of the resolution, logit of the background's share, its slope per GeV. */
const START = [91, -4.2, -2.5, SLOPE_PER_GEV];
const START_SIZES = [1, 0.3, 0.5, 0.02];

/**
 * @typedef {object} ZFit
 * @property {number} events between LOW_GEV and HIGH_GEV
 * @property {number} massGev
 * @property {number} massErrorGev
 * @property {number} resolution of the mass, relative
 * @property {number} backgroundFraction
 * @property {(gev: number) => number} eventsPerGev the fitted curve
 *
 * @typedef {{massGev: number, resolution: number, backgroundFraction: number, slopePerGev: number}} Shape
 */

/**
 * @param {readonly number[]} massesGev
 * @returns {ZFit | undefined} nothing where there are too few events in the window, or no peak
 */
export function fitZMass(massesGev) {
  const counts = histogram(massesGev, BINS);
  const events = counts.reduce((sum, count) => sum + count, 0);
  if (events < FIT_EVENTS_MIN) return undefined;

  /** @param {Shape} shape */
  const cost = (shape) => minusLogLikelihood(counts, shape) + slopePenalty(shape);
  const best = minimise((point) => cost(shapeOf(point)), START, START_SIZES);
  const shape = shapeOf(best.point);
  const [massGev = NaN, ...others] = best.point;

  /** @param {number} fixedGev */
  const profile = (fixedGev) =>
    minimise((point) => cost(shapeOf([fixedGev, ...point])), others, START_SIZES.slice(1)).value;
  const stepGev = CURVATURE_STEP_GEV;
  const curvature = (profile(massGev - stepGev) + profile(massGev + stepGev) - 2 * best.value) / stepGev ** 2;

  const massErrorGev = 1 / Math.sqrt(curvature);
  if (!(massErrorGev < ERROR_MAX_GEV)) return undefined; // NaN too: where no minimum is, nothing curves upwards

  const { resolution, backgroundFraction } = shape;
  const norm = normalisation(shape);
  /** @param {number} gev */
  const eventsPerGev = (gev) => events * density(gev, shape, norm);
  return { events, massGev, massErrorGev, resolution, backgroundFraction, eventsPerGev };
}

/**
 * Counts between LOW_GEV and HIGH_GEV, in bins of equal width.
 * @param {readonly number[]} massesGev
 * @param {number} bins
 * @returns {number[]}
 */
export function histogram(massesGev, bins) {
  const counts = new Array(bins).fill(0);
  for (const massGev of massesGev) {
    const bin = Math.floor(((massGev - LOW_GEV) / (HIGH_GEV - LOW_GEV)) * bins);
    if (bin >= 0 && bin < bins) counts[bin]++;
  }
  return counts;
}

/**
 * @param {readonly number[]} counts
 * @param {Shape} shape
 * @returns {number}
 */
function minusLogLikelihood(counts, shape) {
  const norm = normalisation(shape);
  return counts.reduce((sum, count, bin) => {
    if (count === 0) return sum;
    return sum - count * Math.log(density(CENTRES_GEV[bin] ?? NaN, shape, norm));
  }, 0);
}

/**
 * A hundred events hold five of the background, which can't tell a slope: then it stays near what it is like.
 * @param {Shape} shape
 * @returns {number}
 */
function slopePenalty({ slopePerGev }) {
  return ((slopePerGev - SLOPE_PER_GEV) / SLOPE_SPREAD_PER_GEV) ** 2 / 2;
}

/**
 * The fit runs over all real numbers; a resolution is positive and a fraction lies between 0 and 1.
 * @param {readonly number[]} point
 * @returns {Shape}
 */
function shapeOf([massGev = NaN, logResolution = NaN, logit = NaN, slopePerGev = NaN]) {
  const resolution = Math.exp(logResolution);
  return { massGev, resolution, backgroundFraction: 1 / (1 + Math.exp(-logit)), slopePerGev };
}

/**
 * @param {number} gev
 * @param {Shape} shape
 * @param {{signal: number, background: number}} norm
 * @returns {number} per GeV, normalised to 1 in the window
 */
function density(gev, shape, norm) {
  const signal = foldedLine(gev, shape) / norm.signal;
  const background = exponential(gev, shape) / norm.background;
  return (1 - shape.backgroundFraction) * signal + shape.backgroundFraction * background;
}

/**
 * @param {Shape} shape
 * @returns {{signal: number, background: number}} the integrals over the window
 */
function normalisation(shape) {
  let signal = 0;
  let background = 0;
  for (const centreGev of CENTRES_GEV) {
    signal += foldedLine(centreGev, shape) * BIN_GEV;
    background += exponential(centreGev, shape) * BIN_GEV;
  }
  return { signal, background };
}

/**
 * The Breit-Wigner line as the detector sees it.
 * @param {number} gev
 * @param {Shape} shape
 * @returns {number} not normalised
 */
function foldedLine(gev, { massGev, resolution }) {
  let sum = 0;
  for (let deviation = -FOLD_REACH; deviation <= FOLD_REACH; deviation += FOLD_STEP) {
    // A pair of mass m is seen at m·stretch: so what is seen at `gev` was at gev/stretch, in a bin that much narrower.
    const stretch = 1 + deviation * resolution;
    sum += (Math.exp((-deviation * deviation) / 2) * line(gev / stretch, massGev)) / stretch;
  }
  return sum;
}

/**
 * @param {number} gev
 * @param {number} massGev
 * @returns {number}
 */
function line(gev, massGev) {
  const offShell = gev * gev - massGev * massGev;
  const width = massGev * Z_WIDTH_GEV;
  return 1 / (offShell * offShell + width * width);
}

/**
 * @param {number} gev
 * @param {Shape} shape
 * @returns {number}
 */
function exponential(gev, { slopePerGev }) {
  return Math.exp(slopePerGev * (gev - REFERENCE_GEV));
}
