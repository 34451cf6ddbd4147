// Arguments and options that several commands have, and what they may be.

import { InvalidArgumentError, Option } from "commander";
import { parseDurationMs } from "../../shared/core/duration.js";
import { jobNumber, type JobNumber } from "../../shared/core/id.js";
import { parseSelector, type Selector } from "../core/selector.js";

/** What is asked of several jobs adds a dot and a number, and the driver takes 128. */
const requestIdMax = 117;
/** Node's timers go hardly further. */
const durationMsMax = 20 * 86_400_000;

/** Where the run lives. */
export function workdirOption(): Option {
  return new Option(
    "--workdir <folder>",
    "where the run lives, unless NOCTUA_WORKDIR says",
  ).makeOptionMandatory();
}

/** A parser of whole numbers from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

/** The number of a job. */
function jobArgument(text: string): JobNumber {
  return jobNumber(wholeNumber(1, 0xffff_ffff)(text));
}

/** One job: its number, or the one that was submitted last. */
export type JobChoice = JobNumber | "last";

export function jobOrLast(text: string): JobChoice {
  if (text === "last") return text;
  if (/^\d+$/.test(text)) return jobArgument(text);
  throw new InvalidArgumentError("Expected the number of a job, or last.");
}

/** Which jobs. */
export function selectorArgument(text: string): Selector {
  const selector = parseSelector(text);
  if (typeof selector !== "string") return selector;
  throw new InvalidArgumentError(`${selector.charAt(0).toUpperCase()}${selector.slice(1)}.`);
}

/** Milliseconds. */
export function durationArgument(text: string): number {
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms <= durationMsMax) return ms;
  throw new InvalidArgumentError(
    "Expected a duration up to 20d with its unit, such as 90s, 1h 30m or 500ms.",
  );
}

/** Made by the client: asking twice with one is asking once (P11). */
export function requestId(text: string): string {
  if (text.length >= 1 && text.length <= requestIdMax) return text;
  throw new InvalidArgumentError(`Expected 1 to ${requestIdMax} characters.`);
}
