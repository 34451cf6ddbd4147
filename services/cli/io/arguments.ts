// Arguments and options that several commands have, and what they may be.

import { InvalidArgumentError, Option } from "commander";
import { jobNumber, type JobNumber } from "../../shared/core/id.js";

/** Where the run lives. */
export function workdirOption(): Option {
  return new Option("--workdir <folder>", "where the run lives").makeOptionMandatory();
}

/** Off by default. */
export function jsonOption(): Option {
  return new Option("--json", "print JSON, version 1").default(false);
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
export function jobArgument(text: string): JobNumber {
  return jobNumber(wholeNumber(1, 0xffff_ffff)(text));
}

/** Made by the client: asking twice with one is asking once (P11). */
export function requestId(text: string): string {
  if (text.length >= 1 && text.length <= 128) return text;
  throw new InvalidArgumentError("Expected 1 to 128 characters.");
}
