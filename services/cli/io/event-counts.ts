// Events that a command of the user's counts: run for each input, several at once, before the job is submitted.
//
//   C1. The command prints a number first. Whatever else it does is a mistake, with the input's path and what was seen.
//   C2. It sees the environment of whoever submits, and runs in the job's folder.
//
// The same inputs must have the same events each time: a job that is started again is compared with what it was (P11).

import { availableParallelism } from "node:os";
import { harmless } from "../../shared/core/harmless.js";
import { fillPlaceholders, type Filling } from "../../shared/core/placeholders.js";
import { formatDuration } from "../../shared/core/duration.js";
import { runInProcessGroup, StartFailure, type ProcessEnd } from "../../shared/io/process-group.js";
import { eventNumberMax, type Events } from "./input-schema.js";

/** A file whose events nobody has said. */
export interface CountedFile {
  readonly path: string;
  readonly rule: Exclude<Events, number>;
}

/** How many events a file has; or what was found instead of a number. */
export type EventCount = { readonly events: number } | { readonly found: string };

export interface CountPlace {
  readonly jobDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A count is more than enough. */
const printedMax = 4_096;
const shownMax = 200;
const graceMs = 5_000;

/** In the order of the files. */
export async function countEvents(
  files: readonly CountedFile[],
  place: CountPlace,
  signal: AbortSignal,
): Promise<readonly EventCount[]> {
  const counts: EventCount[] = [];
  const left = files.entries();
  const countOneByOne = async (): Promise<void> => {
    for (const [i, file] of left) counts[i] = await countOne(file, place, signal);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, countOneByOne));
  return counts;
}

async function countOne(
  { path, rule }: CountedFile,
  { jobDir, environment }: CountPlace,
  signal: AbortSignal,
): Promise<EventCount> {
  const filling: Filling<"inputCount"> = { input: path, jobDir };
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) env[name] = value; // (C2)
  let printed = "";
  const onStdout = (piece: Buffer): void =>
    void (printed = (printed + piece.toString("latin1")).slice(0, printedMax));
  try {
    const options = { cwd: jobDir, env, timeoutMs: rule.timeout, graceMs, onStdout };
    const end = await runInProcessGroup(fillPlaceholders(rule.command, filling), options, signal);
    return countIn(Buffer.from(printed, "latin1").toString(), end, rule.timeout);
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    return { found: error.failure.message };
  }
}

/** (C1) */
function countIn(printed: string, end: ProcessEnd, timeoutMs: number): EventCount {
  const said = quoted(end.stderrTail.trimEnd().split("\n").at(-1) ?? "");
  const beside = said === "" ? "" : `, and on stderr ${said}`;
  if (end.timedOut) return { found: `none within ${formatDuration(timeoutMs)}${beside}` };
  if (end.signal !== "") return { found: `that ${end.signal} ended it${beside}` };
  if (end.exitCode !== 0) return { found: `exit code ${end.exitCode}${beside}` };
  const [word = ""] = printed.trimStart().split(/\s/);
  const events = Number(word);
  if (/^\d+$/.test(word) && events >= 1 && events <= eventNumberMax) return { events };
  return { found: word === "" ? `nothing printed${beside}` : `${quoted(word)} printed` };
}

function quoted(text: string): string {
  return text === "" ? "" : JSON.stringify(harmless(text.slice(0, shownMax)));
}
