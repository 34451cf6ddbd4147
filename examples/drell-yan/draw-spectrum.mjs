// Draws a histogram and a curve through it, in a terminal of any width from 44 columns on, without colour.

import { HIGH_GEV, histogram, LOW_GEV } from "./fit-z-mass.mjs";

/** Fills of a character cell, in eighths. */
const BLOCKS = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const EIGHTHS = 8;
/** The curve shows where it runs above the bars. */
const CURVE = "·";
const LABEL_WIDTH = 7;
const UNIT_WIDTH = 4;
const TICK_GEV = 10;
const WINDOW_GEV = HIGH_GEV - LOW_GEV;

/**
 * @typedef {object} Spectrum
 * @property {readonly number[]} massesGev
 * @property {((gev: number) => number) | undefined} eventsPerGev the curve, if there is one
 * @property {number} width of the terminal, in columns
 * @property {number} height of the plot, in lines
 *
 * @typedef {{bars: number[], curve: number[], top: number, binGev: number, columnsPerBin: number}} Layout
 */

/**
 * @param {Spectrum} spectrum
 * @returns {string} lines, the last one without its end
 */
export function drawSpectrum(spectrum) {
  const layout = layOut(spectrum);
  const { height } = spectrum;
  const rows = Array.from({ length: height }, (_, row) => drawRow(layout, height - 1 - row, height));
  const title = `${" ".repeat(LABEL_WIDTH)}events / ${layout.binGev} GeV`;
  return [title, ...rows, ...drawAxis(layout)].map((line) => line.trimEnd()).join("\n");
}

/**
 * Bins of 1 GeV where they fit, of 2 GeV elsewhere; wide terminals get wide bars.
 * @param {Spectrum} spectrum
 * @returns {Layout}
 */
function layOut({ massesGev, eventsPerGev, width }) {
  const room = width - LABEL_WIDTH - UNIT_WIDTH;
  const binGev = room >= WINDOW_GEV ? 1 : 2;
  const bins = WINDOW_GEV / binGev;
  const columnsPerBin = Math.max(1, Math.floor(room / bins));
  const bars = histogram(massesGev, bins);
  const columns = Array.from({ length: bins * columnsPerBin }, (_, column) => (column + 0.5) / columnsPerBin);
  const curve = columns.map((bin) => (eventsPerGev?.(LOW_GEV + bin * binGev) ?? NaN) * binGev);
  const highest = Math.max(1, ...bars, ...curve.filter(Number.isFinite));
  return { bars, curve, top: roundUp(highest), binGev, columnsPerBin };
}

/**
 * @param {Layout} layout
 * @param {number} row counted from the bottom
 * @param {number} height
 * @returns {string}
 */
function drawRow({ bars, curve, top, columnsPerBin }, row, height) {
  const cells = curve.map((value, column) => {
    const curveRow = Math.floor((value / top) * height);
    const bar = bars[Math.floor(column / columnsPerBin)] ?? 0;
    const eighths = Math.round((bar / top) * height * EIGHTHS) - row * EIGHTHS;
    if (eighths <= 0 && curveRow === row) return CURVE;
    return BLOCKS[Math.min(EIGHTHS, Math.max(0, eighths))] ?? " ";
  });
  return `${rowLabel(row, height, top)}${cells.join("")}`;
}

/**
 * Every quarter of the height has its number.
 * @param {number} row
 * @param {number} height
 * @param {number} top
 * @returns {string}
 */
function rowLabel(row, height, top) {
  const isMarked = (row + 1) % (height / 4) === 0;
  const label = isMarked ? `${((row + 1) / height) * top} ┤` : "│";
  return label.padStart(LABEL_WIDTH);
}

/**
 * @param {Layout} layout
 * @returns {string[]}
 */
function drawAxis({ binGev, columnsPerBin }) {
  const columnsPerTick = (TICK_GEV / binGev) * columnsPerBin;
  const ticks = WINDOW_GEV / TICK_GEV;
  const ruler = `0 └${`${"─".repeat(columnsPerTick - 1)}┴`.repeat(ticks)}`;
  const labels = Array.from({ length: ticks }, (_, tick) => String(LOW_GEV + (tick + 1) * TICK_GEV));
  const first = String(LOW_GEV).padStart(LABEL_WIDTH);
  const numbers = labels.map((label) => label.padStart(columnsPerTick)).join("");
  return [" ".repeat(LABEL_WIDTH - 3) + ruler, `${first}${numbers} GeV`];
}

/**
 * The next number above of which a quarter is round, and whole.
 * @param {number} value
 * @returns {number}
 */
function roundUp(value) {
  const quarter = Math.max(1, value / 4);
  const decade = 10 ** Math.floor(Math.log10(quarter));
  const steps = [1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 8, 10].map((step) => step * decade);
  return 4 * (steps.find((step) => step >= quarter && Number.isInteger(step)) ?? 10 * decade);
}
