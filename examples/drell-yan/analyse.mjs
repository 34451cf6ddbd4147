// The step after the job: the spectrum of dilepton masses, and the mass of the Z boson, from the merged files.
//
// node analyse.mjs FILE [FILE ...] [--width 80] [--json]

import { DataError, parseArguments, runAsProgram, UsageError, wholeNumber } from "./command-line.mjs";
import { drawSpectrum } from "./draw-spectrum.mjs";
import { FIT_EVENTS_MIN, fitZMass, HIGH_GEV, histogram, LOW_GEV } from "./fit-z-mass.mjs";
import { lineBatches } from "./line-batches.mjs";

const WIDTH_MIN = 44;
const HEIGHT = 16;
const USAGE = "node analyse.mjs FILE [FILE ...] [--width COLUMNS] [--json]";

/**
 * @typedef {import("./fit-z-mass.mjs").ZFit} ZFit
 * @typedef {{median: number, error: number}} Median
 */

/**
 * The reconstructed dilepton masses of all files.
 * @param {readonly string[]} paths
 * @returns {Promise<number[]>} in GeV
 */
export async function readMasses(paths) {
  /** @type {number[]} */
  const massesGev = [];
  for (const path of paths) {
    let number = 0;
    for await (const lines of lineBatches(path)) {
      for (const line of lines) {
        number++;
        if (line.trim() !== "") massesGev.push(massOf(line, `file ${path}, line ${number}`));
      }
    }
  }
  return massesGev;
}

/**
 * The median and its error, without any assumption on the shape: the number of values below the true median is
 * binomial, so half of the distance between the values √n/2 places below and above is one standard deviation.
 * @param {readonly number[]} values at least one
 * @returns {Median}
 */
export function medianOf(values) {
  const sorted = Float64Array.from(values).sort();
  /** @param {number} place */
  const at = (place) => sorted[Math.min(sorted.length - 1, Math.max(0, place))] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  const reach = Math.sqrt(sorted.length) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    error: (at(Math.ceil(middle + reach)) - at(Math.floor(middle - reach))) / 2,
  };
}

/**
 * @param {readonly number[]} massesGev
 * @param {number} width
 * @returns {string}
 */
export function describeMasses(massesGev, width) {
  const fit = fitZMass(massesGev);
  const { median, error } = medianOf(massesGev);
  const legend = fit === undefined ? "█ events" : "█ events   · fit: Z line and resolution, over photons";
  const [inWindow = 0] = histogram(massesGev, 1);
  const z =
    fit === undefined
      ? `Z mass: no fit (it takes ${FIT_EVENTS_MIN} events with a peak)`
      : `Z mass ${measured(fit.massGev, fit.massErrorGev)} (fit of ${fit.events} events)`;
  return [
    `Reconstructed dilepton mass: ${massesGev.length} events, ${inWindow} between ${LOW_GEV} and ${HIGH_GEV} GeV`,
    "",
    drawSpectrum({ massesGev, eventsPerGev: fit?.eventsPerGev, width, height: HEIGHT }),
    `       ${legend}`,
    "",
    `${z}, median of dilepton mass ${measured(median, error)}`,
  ].join("\n");
}

/**
 * @param {readonly number[]} massesGev
 * @returns {object} for `--json`; null is what could not be fitted
 */
function summarise(massesGev) {
  const fit = fitZMass(massesGev);
  const { median, error } = medianOf(massesGev);
  return {
    events: massesGev.length,
    eventsInFit: fit?.events ?? null,
    medianGev: median,
    medianErrorGev: error,
    zMassGev: fit?.massGev ?? null,
    zMassErrorGev: fit?.massErrorGev ?? null,
    resolution: fit?.resolution ?? null,
    backgroundFraction: fit?.backgroundFraction ?? null,
  };
}

/**
 * With as many digits as the error has meaning for.
 * @param {number} gev
 * @param {number} errorGev
 * @returns {string}
 */
function measured(gev, errorGev) {
  const digits = errorGev > 0 ? Math.min(4, Math.max(1, Math.ceil(-Math.log10(errorGev / 2)))) : 1;
  return `${gev.toFixed(digits)} ± ${errorGev.toFixed(digits)} GeV`;
}

/**
 * @param {string} line
 * @param {string} place
 * @returns {number}
 */
function massOf(line, place) {
  try {
    const { reconstructed } = /** @type {{reconstructed?: {massGev?: unknown}}} */ (JSON.parse(line));
    const massGev = reconstructed?.massGev;
    if (typeof massGev === "number" && Number.isFinite(massGev)) return massGev;
  } catch {
    // Told below, together with JSON that is something else.
  }
  throw new DataError(`${place}: expected reconstructed.massGev, found ${JSON.stringify(line.slice(0, 60))}`);
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
      width: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  if (positionals.length === 0) throw new UsageError("expected at least one merged file");
  const width = wholeNumber(values.width ?? String(terminalWidth()), "--width", WIDTH_MIN);
  const massesGev = await readMasses(positionals);
  if (massesGev.length === 0) throw new DataError(`no events in ${positionals.join(", ")}`);
  console.log(values.json === true ? JSON.stringify(summarise(massesGev)) : describeMasses(massesGev, width));
  return 0;
}

/**
 * @returns {number}
 */
function terminalWidth() {
  return Math.max(WIDTH_MIN, process.stdout.isTTY ? process.stdout.columns : 80);
}

await runAsProgram(import.meta.url, main);
