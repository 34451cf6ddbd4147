// A merge command of the user's: it finds its inputs in a file with one path a line, since argument lists get too long
// (L30), and makes the output.

import { lstat, rm, writeFile } from "node:fs/promises";
import { failureOf } from "../../shared/core/failure.js";
import { fillPlaceholders, type Filling } from "../../shared/core/placeholders.js";
import { failureOfProcess } from "../../shared/core/process-failure.js";
import { syncFile } from "../../shared/io/atomic-file.js";
import { checksumFile, type Checksum } from "../../shared/io/checksum.js";
import { errorCode } from "../../shared/io/error-code.js";
import { StartFailure } from "../../shared/io/process-group.js";
import type { RunProgram } from "../../shared/io/user-programs.js";
import { MergeError, writeError } from "./merge-error.js";
import type { MergeInput } from "./merge-input.js";

export interface CommandRun {
  readonly command: readonly string[];
  readonly timeoutMs: number;
  /** Where it runs, and what `{jobDir}` stands for. */
  readonly jobDir: string;
  readonly inputs: readonly MergeInput[];
  /** Absolute path of the file that it makes. */
  readonly output: string;
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** From TERM to KILL. */
  readonly graceMs: number;
  readonly runProgram: RunProgram;
}

/** Runs the command to its end, checks that it made a file, and fsyncs that. Fails with a `MergeError`. */
export async function runCommandTool(run: CommandRun, signal: AbortSignal): Promise<Checksum> {
  const list = `${run.output.replace(/\.tmp$/, "")}.inputs.tmp`;
  try {
    await writeFile(list, run.inputs.map(({ path }) => `${path}\n`).join(""), { flag: "w" }).catch(
      (error: unknown) => {
        throw writeError(list, error);
      },
    );
    await runToEnd(run, list, signal);
  } finally {
    await rm(list, { force: true });
  }
  await requireFile(run);
  await syncFile(run.output).catch((error: unknown) => {
    throw writeError(run.output, error);
  });
  return checksumFile(run.output, signal);
}

async function runToEnd(run: CommandRun, list: string, signal: AbortSignal): Promise<void> {
  const { jobDir, output, environment, timeoutMs, graceMs } = run;
  const filling: Filling<"merge"> = { inputs: list, output, jobDir };
  const command = fillPlaceholders(run.command, filling);
  const options = { cwd: jobDir, env: environment, timeoutMs, graceMs };
  const end = await run.runProgram(command, options, signal).catch((error: unknown) => {
    if (!(error instanceof StartFailure)) throw error;
    throw new MergeError(error.failure, error);
  });
  const failure = failureOfProcess("merge command", end, timeoutMs);
  if (failure !== undefined) throw new MergeError(failure);
}

async function requireFile({ output, inputs }: CommandRun): Promise<void> {
  const entry = await lstat(output).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  const found = entry === undefined ? "there is none" : entry.isFile() ? undefined : "it is no regular file";
  if (found !== undefined) throw withoutFile(`expected a file at ${output}, and ${found}`);
  const isEmpty = entry?.size === 0 && inputs.some((input) => input.sizeBytes > 0);
  if (isEmpty) throw withoutFile(`expected something in ${output}, and it is empty`);
}

function withoutFile(what: string): MergeError {
  return new MergeError({
    ...failureOf("transient", `the merge command ended well, but made no file: ${what}`),
    exitCode: 0,
  });
}
