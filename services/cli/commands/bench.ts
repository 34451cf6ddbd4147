// noctua bench: how fast events are run on this machine, and stored on this disk.
//
//   B1. Nothing of it is left, however it ends.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { jobNumber } from "../../shared/core/id.js";
import { errorMessage } from "../../shared/io/error-code.js";
import {
  benchJobText,
  benchProgramFile,
  benchProgramText,
  benchRuns,
  benchText,
  eventsFor,
  type BenchFigures,
  type BenchRun,
} from "../core/bench.js";
import type { ReportSummary } from "../core/report.js";
import { benchAnswer } from "../io/bench-answer.js";
import { CliError, exitCodes, type ExitCode } from "../io/cli-error.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import { readShown } from "../io/report-file.js";
import { run } from "./run.js";
import type { CommandWorld } from "./world.js";

export interface BenchOptions {
  /** In which a folder is made. */
  readonly folder: string;
  readonly slots: number;
  readonly eventMs: number;
  /** That each measurement is to take. */
  readonly timeMs: number;
  readonly output: OutputForm;
}

type BenchWorld = Pick<CommandWorld, "terminal" | "env" | "execPath" | "serviceCommand">;

export async function bench(
  options: BenchOptions,
  world: BenchWorld,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { output, slots, eventMs, folder: parent } = options;
  const folder = await newFolder(parent);
  const figures: BenchFigures[] = [];
  try {
    for (const one of benchRuns) figures.push(await measure(one, { ...options, folder }, world, signal));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }); // (B1)
  }
  const conditions = { slots, cores: availableParallelism(), eventMs, folder: parent };
  if (output === "text") world.terminal.print(benchText(figures, conditions));
  else printJson(world.terminal, output, benchAnswer(figures, conditions));
  return exitCodes.ok;
}

async function newFolder(parent: string): Promise<string> {
  try {
    return await mkdtemp(join(parent, "noctua-bench-"));
  } catch (error) {
    throw new CliError(
      exitCodes.usage,
      `cannot make a folder in ${parent}: ${errorMessage(error)}; name another with --folder`,
      error,
    );
  }
}

/** A whole run, as `noctua run` does it. */
async function measure(
  what: BenchRun,
  { folder, slots, eventMs, timeMs }: BenchOptions,
  { terminal, env, execPath, serviceCommand }: BenchWorld,
  signal: AbortSignal,
): Promise<BenchFigures> {
  const events = eventsFor(what, slots, eventMs, timeMs);
  const jobFile = join(folder, "job.yaml");
  const workdir = join(folder, `work${what.outputBytes}`);
  await writeFile(join(folder, benchProgramFile), benchProgramText(eventMs, what));
  await writeFile(jobFile, benchJobText(what, { events, node: execPath }));
  const options = {
    jobFile,
    workdir,
    slots,
    mergers: 1,
    config: undefined,
    output: "text",
    serviceCommand,
    env,
  } as const;
  const code = await run(options, terminal.withoutResults(), signal);
  signal.throwIfAborted();
  const report = await readShown(workdir, jobNumber(1));
  if (code !== exitCodes.ok || report === undefined) {
    const why = report?.failures[0]?.message ?? report?.summary.reason ?? "there is no report";
    throw new CliError(exitCodes.bad, `expected all events to be done, found that they were not: ${why}`);
  }
  return { name: what.name, events, ...figuresOf(events, report.summary) };
}

function figuresOf(
  events: number,
  { times, utilisation, latencies }: ReportSummary,
): Pick<BenchFigures, "eventsPerSecond" | "busyPercent" | "latencies"> {
  const spanMs = Date.parse(times.lastDone ?? "") - Date.parse(times.firstDone ?? "");
  const { held, busy, starting } = utilisation;
  return {
    eventsPerSecond: spanMs > 0 ? ((events - 1) * 1_000) / spanMs : 0,
    busyPercent: held > starting ? Math.min(100, (100 * busy) / (held - starting)) : 0,
    latencies,
  };
}
