// What the programs of this folder share: how they are started, and how they end.
//
//   0   done: what was asked for is whole
//   1   a proof or a check failed (count.mjs)
//   64  the caller is wrong: bad arguments
//   65  the input is wrong: no such file, or not what it should be
//   74  the world is wrong: an output could not be written
//
// A failure is one line on stderr; a bug keeps its stack.

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** The caller is wrong: an argument is missing, unknown or out of bounds. */
export class UsageError extends Error {}

/** The input is wrong; the message says what was expected, what was found, and where. */
export class DataError extends Error {}

/**
 * Runs `main` when the module is the program that was started, and not when it is imported.
 * @param {string} moduleUrl
 * @param {(args: string[]) => Promise<number>} main takes the arguments, gives the exit code
 * @returns {Promise<void>}
 */
export async function runAsProgram(moduleUrl, main) {
  const started = process.argv[1];
  if (started === undefined || realpathSync(started) !== fileURLToPath(moduleUrl)) return;
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    console.error(describe(error));
  }
}

/**
 * `parseArgs` of node:util, whose complaints become UsageErrors.
 * @template {import("node:util").ParseArgsConfig} T
 * @param {T} config
 * @returns {ReturnType<typeof parseArgs<T>>}
 */
export function parseArguments(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/**
 * The value of an option that must be given.
 * @param {string | undefined} value
 * @param {string} option as the user writes it
 * @returns {string}
 */
export function required(value, option) {
  if (value === undefined || value === "") throw new UsageError(`${option} is missing`);
  return value;
}

/**
 * A whole number, at least `least`.
 * @param {string} text
 * @param {string} option as the user writes it
 * @param {number} least
 * @returns {number}
 */
export function wholeNumber(text, option, least) {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`${option}: expected a whole number of at least ${least}, found "${text}"`);
}

/**
 * A number above zero.
 * @param {string} text
 * @param {string} option as the user writes it
 * @returns {number}
 */
export function positiveNumber(text, option) {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`${option}: expected a number above 0, found "${text}"`);
}

/**
 * What stands in a caught error's message.
 * @param {unknown} error
 * @returns {string}
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * @param {unknown} error
 * @returns {number}
 */
function exitCodeOf(error) {
  if (error instanceof UsageError) return 64;
  if (error instanceof DataError) return 65;
  return isSystemError(error) ? 74 : 70;
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function describe(error) {
  if (error instanceof UsageError || error instanceof DataError || isSystemError(error)) {
    return messageOf(error);
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * @param {unknown} error
 * @returns {boolean}
 */
function isSystemError(error) {
  return error instanceof Error && "syscall" in error;
}
