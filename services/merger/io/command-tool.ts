// A merge command of the user's: it finds its inputs in a file with one path a line, since argument lists get too long
// (L30), and makes the output.

import { lstat, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { failureOf } from "../../shared/core/failure.js";
import { inputListPath } from "../../shared/core/names.js";
import { fillPlaceholders, type Filling } from "../../shared/core/placeholders.js";
import { syncFile, syncFolder } from "../../shared/io/atomic-file.js";
import { checksumFile, type Checksum } from "../../shared/io/checksum.js";
import { errorCode } from "../../shared/io/error-code.js";
import { runMergeCommand, type CommandPlace } from "./merge-command.js";
import { MergeError, writeError } from "./merge-error.js";
import type { MergeInput } from "./merge-input.js";

export interface CommandRun {
  readonly command: readonly string[];
  readonly inputs: Iterable<MergeInput>;
  /** Absolute path of the file that it makes. */
  readonly output: string;
  /** By which that file will be known. */
  readonly guid: string;
}

/** Runs the command to its end, checks that it made a file, and fsyncs that and its folder. Fails with a `MergeError`. */
export async function runCommandTool(
  run: CommandRun,
  place: CommandPlace,
  signal: AbortSignal,
): Promise<Checksum> {
  const { command, inputs, output, guid } = run;
  const list = inputListPath(output);
  const filling: Filling<"merge"> = { inputs: list, output, guid, jobDir: place.jobDir };
  try {
    await writeFile(list, linesOf(inputs)).catch((error: unknown) => {
      throw writeError(list, error);
    });
    const words = fillPlaceholders(command, filling);
    await runMergeCommand({ name: "merge command", words }, place, signal);
  } finally {
    // What resists, the driver sweeps; it must not hide why the merge failed.
    await rm(list, { force: true }).catch(() => undefined);
  }
  await requireFile(run);
  await Promise.all([syncFile(output), syncFolder(dirname(output))]).catch((error: unknown) => {
    throw writeError(output, error);
  });
  return checksumFile(output, signal);
}

/** Lines are written at a time. */
const linesMax = 1_000;

/** One path a line. */
function* linesOf(inputs: Iterable<MergeInput>): Generator<string> {
  let lines: string[] = [];
  for (const { path } of inputs) {
    lines.push(`${path}\n`);
    if (lines.length < linesMax) continue;
    yield lines.join("");
    lines = [];
  }
  yield lines.join("");
}

async function requireFile({ output, inputs }: CommandRun): Promise<void> {
  const entry = await lstat(output).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  const found = entry === undefined ? "there is none" : entry.isFile() ? undefined : "it is no regular file";
  if (found !== undefined) throw withoutFile(`expected a file at ${output}, and ${found}`);
  if (entry?.size === 0 && hasBytes(inputs))
    throw withoutFile(`expected something in ${output}, and it is empty`);
}

function hasBytes(inputs: Iterable<MergeInput>): boolean {
  for (const { sizeBytes } of inputs) if (sizeBytes > 0) return true;
  return false;
}

function withoutFile(what: string): MergeError {
  return new MergeError({
    ...failureOf("transient", `the merge command ended well, but made no file: ${what}`),
    exitCode: 0,
  });
}
