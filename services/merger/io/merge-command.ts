// A command of the user's that belongs to a merge: the one that fuses, and those that look at what came of it.

import type { ProcessOwner } from "../../shared/core/process-failure.js";
import { failureOfProcess } from "../../shared/core/process-failure.js";
import { StartFailure } from "../../shared/io/process-group.js";
import type { RunProgram } from "../../shared/io/user-programs.js";
import { MergeError } from "./merge-error.js";

/** What the commands of one merge have in common. */
export interface CommandPlace {
  /** Where they run. */
  readonly jobDir: string;
  readonly timeoutMs: number;
  /** All of their environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** From TERM to KILL. */
  readonly graceMs: number;
  readonly runProgram: RunProgram;
  /** Told what they write. */
  readonly onOutput: (command: string, piece: Buffer) => void;
}

export interface MergeCommand {
  readonly name: Exclude<ProcessOwner, "payload">;
  /** Placeholders are filled in. */
  readonly words: readonly string[];
  /** Told what it writes to stdout. */
  readonly onStdout?: (piece: Buffer) => void;
}

/** Runs it to its end. Fails with a `MergeError` when it does not end well. */
export async function runMergeCommand(
  { name, words, onStdout }: MergeCommand,
  place: CommandPlace,
  signal: AbortSignal,
): Promise<void> {
  const { jobDir, environment, timeoutMs, graceMs, runProgram } = place;
  const heard = {
    onOutput: (piece: Buffer): void => place.onOutput(name, piece),
    ...(onStdout === undefined ? {} : { onStdout }),
  };
  const options = { cwd: jobDir, env: environment, timeoutMs, graceMs, ...heard };
  const end = await runProgram(words, options, signal).catch((error: unknown) => {
    if (!(error instanceof StartFailure)) throw error;
    throw new MergeError(error.failure, error);
  });
  const failure = failureOfProcess(name, end, timeoutMs);
  if (failure !== undefined) throw new MergeError(failure);
}
