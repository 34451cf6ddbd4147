// One merge, from a lent group to a whole, checked and fsynced temporary.
//
//   R1. Unless the outcome is `merged`, no temporary stays.
//   R2. Every input is checked against its reported size and checksum before the merged file is reported.
//   R3. Only temporaries are written, never a final name: a merger that was paused and wakes up late harms nothing (P3).
//   R4. A file and its folder are fsynced before they are reported (P2).

import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { assert, unreachable } from "../../shared/core/assert.js";
import { failureOf, type Failure } from "../../shared/core/failure.js";
import type { JobPlanView } from "../../shared/core/job-plan.js";
import { mergedFolder, temporaryMergedPath } from "../../shared/core/names.js";
import { noSpans } from "../../shared/core/spans.js";
import { syncFolder } from "../../shared/io/atomic-file.js";
import type { Checksum } from "../../shared/io/checksum.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { ownFolderMode } from "../../shared/io/make-folder.js";
import { lackOf, lacksRoom, withRoom } from "../../shared/io/room.js";
import type { RunProgram } from "../../shared/io/user-programs.js";
import { systemClock } from "../../shared/io/system-clock.js";
import type { LentGroup, MergedFile, MergeGrant } from "../core/message.js";
import type { MergeOutcome } from "../core/step.js";
import { concat, fuseInputs, tar, type Form } from "./built-in-tools.js";
import { runCommandTool } from "./command-tool.js";
import { lookByReading } from "./input-reader.js";
import type { CommandPlace } from "./merge-command.js";
import { fullError, MergeError } from "./merge-error.js";
import {
  flawsMax,
  inputsOf,
  lookAgain,
  rangesOfFlaws,
  requireWorkdir,
  type Flaw,
  type MergeInput,
} from "./merge-input.js";
import { checkMerged } from "./merged-checks.js";

export interface MergeRunOptions {
  /** Absolute. */
  readonly workdir: string;
  /** All of a merge command's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** From TERM to KILL of a merge command. */
  readonly graceMs: number;
  readonly runProgram: RunProgram;
  /** How long inputs that are missing, short or corrupt are looked at again before they are declared lost. */
  readonly lookAgainMs: number;
  /** How long a merge waits for room where there is none to write, before it fails. */
  readonly roomWaitMs: number;
  /** Told why a merge waits. */
  readonly onWait: (error: unknown) => void;
}

export interface Merge {
  readonly lent: LentGroup;
  readonly plan: JobPlanView;
  /** Told how many bytes of inputs were read so far. */
  readonly onProgress: (bytesRead: number) => void;
  /** Told what its commands write. */
  readonly onOutput: CommandPlace["onOutput"];
}

/** Merges. Rejects with the signal's reason when told to stop. */
export async function runMerge(
  options: MergeRunOptions,
  merge: Merge,
  signal: AbortSignal,
): Promise<Exclude<MergeOutcome, { kind: "aborted" }>> {
  const startedAtMs = systemClock.nowMs();
  const output = temporaryPath(options.workdir, merge.lent.merge);
  try {
    const attempt = (): Promise<Made> => makeOrRemove(options, merge, output, signal);
    const made = await withRoom(attempt, { waitMs: options.roomWaitMs, onWait: options.onWait }, signal);
    const wallMs = systemClock.nowMs() - startedAtMs;
    return { kind: "merged", file: { ...made, wallMs: Math.round(wallMs) } };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LostInputs) {
      return { kind: "failed", failure: error.failure, lost: rangesOfFlaws(error.flaws) };
    }
    return { kind: "failed", failure: failureFrom(error), lost: noSpans };
  }
}

/** Removes the temporary of a merge that nobody wants. */
export async function removeTemporary(workdir: string, merge: MergeGrant): Promise<void> {
  await rm(temporaryPath(workdir, merge), { force: true, recursive: true });
}

function temporaryPath(workdir: string, { job, group, grant }: MergeGrant): string {
  return join(workdir, temporaryMergedPath(job, group, grant));
}

type Made = Omit<MergedFile, "wallMs">;

async function makeOrRemove(
  options: MergeRunOptions,
  merge: Merge,
  output: string,
  signal: AbortSignal,
): Promise<Made> {
  try {
    return await make(options, merge, output, signal);
  } catch (error) {
    const folder = dirname(output);
    const lack = error instanceof MergeError && !lacksRoom(error) ? await lackOf(folder) : undefined;
    await rm(output, { force: true, recursive: true }).catch(() => undefined); // (R1) What resists, the driver sweeps.
    if (error instanceof LostInputs || lack === undefined || !(error instanceof MergeError)) throw error;
    throw fullError(folder, lack, error);
  }
}

async function make(
  options: MergeRunOptions,
  merge: Merge,
  output: string,
  signal: AbortSignal,
): Promise<Made> {
  const { lent } = merge;
  const { spec, layout } = merge.plan;
  const { checks, timeoutMs } = spec.merge;
  const guid = randomUUID();
  const events = layout.eventsIn(lent.spans);
  const inputs = inputsOf(options.workdir, lent, { layout, suffix: spec.outputSuffix });
  const place = { ...options, jobDir: spec.jobDir, timeoutMs, onOutput: merge.onOutput };
  await makeFolder(options.workdir, mergedFolder(lent.merge.job));
  await rm(output, { force: true, recursive: true });
  const sum = await fuse({ ...options, ...merge, inputs, output, guid, place }, signal);
  if (checks !== undefined) await checkMerged({ output, events }, checks, place, signal);
  return { ...sum, events, guid };
}

interface Fusion extends MergeRunOptions, Merge {
  readonly inputs: Iterable<MergeInput>;
  readonly output: string;
  readonly guid: string;
  readonly place: CommandPlace;
}

async function fuse(fusion: Fusion, signal: AbortSignal): Promise<Checksum> {
  const { inputs, output, guid, place, plan } = fusion;
  const { tool } = plan.spec.merge;
  switch (tool.kind) {
    case "concat":
      return fuseBuiltIn(fusion, concat, signal);
    case "tar":
      return fuseBuiltIn(fusion, tar(plan.spec.outputSuffix), signal);
    case "command":
      await checkInputs(fusion, signal); // (R2)
      return runCommandTool({ command: tool.command, inputs, output, guid }, place, signal);
    case "none":
      throw new MergeError(
        failureOf("fatal", "expected a job that merges its outputs, found one that keeps them"),
      );
    default:
      return unreachable(tool);
  }
}

/** Tries of one pass, when inputs turn out flawed in it and sound when they are looked at again. */
const passesMax = 2;

async function fuseBuiltIn(fusion: Fusion, form: Form, signal: AbortSignal): Promise<Checksum> {
  const { inputs, output } = fusion;
  for (let pass = 1; pass <= passesMax; pass += 1) {
    const to = { output, form, onBytes: countBytes(fusion) };
    const { flaws, ...sum } = await fuseInputs(inputs, to, signal); // (R2)
    if (flaws.length === 0) return sum;
    await rm(output, { force: true });
    await requireSound(fusion, flaws, signal);
  }
  const [first] = inputs;
  const message = `the outputs of the group read differently each time, such as ${first?.path ?? ""}`;
  throw new MergeError(failureOf("node", message));
}

async function checkInputs(fusion: Fusion, signal: AbortSignal): Promise<void> {
  for (;;) {
    const flaws = await lookByReading(signal, countBytes(fusion))(fusion.inputs);
    if (flaws.length > 0) await requireSound(fusion, flaws, signal);
    if (flaws.length < flawsMax) return; // Else those behind them were not looked at.
  }
}

function countBytes({ onProgress }: Merge): (bytes: number) => void {
  let bytesRead = 0;
  return (bytes) => {
    bytesRead += bytes;
    onProgress(bytesRead);
  };
}

/** Inputs that stay flawed. */
class LostInputs extends MergeError {
  readonly flaws: readonly Flaw[];

  constructor(flaws: readonly Flaw[]) {
    const [first] = flaws;
    assert(first !== undefined, "something is lost");
    const more = flaws.length === 1 ? "" : ` (and ${flaws.length - 1} more)`;
    super(failureOf("transient", `the output ${first.input.path} ${first.found}${more}`));
    this.flaws = flaws;
  }
}

/** Flawed inputs are looked at again, and what stays flawed is lost. */
async function requireSound(fusion: Fusion, flaws: readonly Flaw[], signal: AbortSignal): Promise<void> {
  const { workdir, lookAgainMs } = fusion;
  const look = lookByReading(signal, () => undefined);
  const lost = await lookAgain(flaws, { look, lookAgainMs }, signal);
  if (lost.length === 0) return;
  await requireWorkdir(workdir);
  throw new LostInputs(lost);
}

/** Makes a folder in the workdir. The workdir itself is not made: where it is not seen, nothing is to be done. */
async function makeFolder(workdir: string, folder: string): Promise<void> {
  const path = join(workdir, folder);
  try {
    await mkdir(path, { mode: ownFolderMode });
  } catch (error) {
    const parent = dirname(folder);
    if (errorCode(error) === "EEXIST") return;
    if (errorCode(error) !== "ENOENT" || parent === ".") throw error;
    await makeFolder(workdir, parent);
    return makeFolder(workdir, folder);
  }
  await syncFolder(dirname(path));
}

/** A failure that is the world's; what is the program's goes on. */
function failureFrom(error: unknown): Failure {
  if (error instanceof MergeError) return error.failure;
  // The system's errors are called EIO and the like; those of Node's own functions, ERR_….
  if (/^E[A-Z0-9]+$/.test(errorCode(error))) return failureOf("node", errorMessage(error));
  throw error;
}
