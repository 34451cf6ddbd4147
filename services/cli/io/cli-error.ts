// How the command line ends, and what it says when it ends badly.

import type { Mistake } from "../../shared/core/mistake.js";

/** What the shell is told (`noctua --help` lists them). */
export const exitCodes = {
  ok: 0,
  /** The job failed, wholly or in part; or `verify` found something. */
  bad: 1,
  /** The job is not over. */
  notOver: 2,
  usage: 64,
  driverUnavailable: 69,
  internal: 70,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Of several jobs: one that is bad outweighs one that is not over. */
export function worstCode(codes: readonly ExitCode[]): ExitCode {
  return [exitCodes.bad, exitCodes.notOver].find((code) => codes.includes(code)) ?? exitCodes.ok;
}

/** Something that a person can mend: its message says what was expected, what was found, and what to do. */
export class CliError extends Error {
  override readonly name: string = "CliError";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

/** What was asked was wrong; something else may be asked with success. */
export function isRefusal(error: unknown): error is CliError {
  return error instanceof CliError && error.exitCode === exitCodes.usage;
}

/** A file that a person wrote is wrong; the message has all mistakes too. */
export class MistakesError extends CliError {
  override readonly name: string = "MistakesError";
  readonly mistakes: readonly Mistake[];

  constructor(message: string, mistakes: readonly Mistake[], cause?: unknown) {
    super(exitCodes.usage, message, cause);
    this.mistakes = mistakes;
  }
}
