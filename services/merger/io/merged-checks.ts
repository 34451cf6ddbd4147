// The user's commands that look at a merged file before it is reported: they see its temporary.
//
//   K1. The number that `count` prints first is the number of events that should be in the file; `check` ends well.
//   K2. Neither changes the file: what is reported is what they saw.

import { stat } from "node:fs/promises";
import { failureOf, type Failure } from "../../shared/core/failure.js";
import type { MergeChecks } from "../../shared/core/job-spec.js";
import { fillPlaceholders, type Filling } from "../../shared/core/placeholders.js";
import { runMergeCommand, type CommandPlace } from "./merge-command.js";
import { MergeError } from "./merge-error.js";

export interface Checked {
  /** Absolute path of the merged file. */
  readonly output: string;
  /** So many should be in it. */
  readonly events: number;
}

/** More than any number has digits; what is printed behind it does not matter. */
const printedMax = 4_096;

/** Fails with a `MergeError` unless all is well. */
export async function checkMerged(
  { output, events }: Checked,
  { count, check }: MergeChecks,
  place: CommandPlace,
  signal: AbortSignal,
): Promise<void> {
  const filling: Filling<"mergeCheck"> = { output, jobDir: place.jobDir };
  const before = await stat(output);
  if (count.length > 0) {
    let printed = "";
    const onStdout = (piece: Buffer): void =>
      void (printed = (printed + piece.toString()).slice(0, printedMax));
    await runMergeCommand(
      { name: "count command", words: fillPlaceholders(count, filling), onStdout },
      place,
      signal,
    );
    requireCount(printed, events, output);
  }
  if (check.length > 0)
    await runMergeCommand({ name: "check command", words: fillPlaceholders(check, filling) }, place, signal);
  const after = await stat(output);
  const isSame = (["ino", "size", "mtimeMs"] as const).every((key) => before[key] === after[key]); // (K2)
  if (!isSame)
    throw failed(`expected ${output} to be as it was, found it changed by a count or check command`);
}

/** (K1) */
function requireCount(printed: string, events: number, output: string): void {
  const [word = ""] = printed.trimStart().split(/\s/);
  if (/^\d+$/.test(word) && Number(word) === events) return;
  const found = /^\d+$/.test(word) ? word : `${JSON.stringify(word.slice(0, 100))}, which is no number`;
  throw failed(`expected ${events} events in ${output}, found that the count command says ${found}`);
}

function failed(message: string): MergeError {
  const failure: Failure = { ...failureOf("transient", message), exitCode: 0 };
  return new MergeError(failure);
}
