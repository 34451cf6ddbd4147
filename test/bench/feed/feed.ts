// How well an actor feeds its slots.
//
// Driver, actor and payload processes are real, on one machine that they share; outputs of events stay where the actor
// stores them, since nothing is merged. A payload sleeps for the time of an event, unless told to compute: so what keeps a
// slot from being busy is feeding it, and not that the machine has too few cores. Beside `stream`, the payload is told of
// ranges without end, to see what it can do alone; beside `exec`, `xargs -P` runs the same program.

import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import { Durability, Outputs } from "../../../gen/noctua/v1/types.js";
import { errorMessage } from "../../../services/shared/io/error-code.js";
import { BenchDriver } from "../bench-driver.js";
import { withFolder } from "../bench-folder.js";
import { submitJob, type JobChanges } from "../bench-job.js";
import { BenchService } from "../bench-service.js";
import { processorSeconds } from "../processor-time.js";
import { keptProfile } from "../profile.js";
import { withPayloadsAlone } from "./alone.js";
import type { FeedProgram } from "./program.js";
import { countIn, tallyIn, type Tally } from "./tallies.js";
import { measureWindow, type WindowFigures, type WindowOptions } from "./window.js";
import { withXargs } from "./xargs.js";

/** Who feeds, and what comes of an event. */
export interface FeedVariant {
  readonly feeder: "stream" | "alone" | "exec" | "xargs";
  readonly outputBytes: number;
  readonly durability: "strict" | "relaxed";
}

export interface FeedOptions {
  readonly folder: string;
  /** Of the actor; by default beside the workdir, so that outputs are renamed and not copied. */
  readonly scratch: string | undefined;
  readonly slots: number;
  /** Of each window, at least; so many that there are `eventsMin` in it. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly eventsMin: number;
  /** Events compute instead of sleeping. */
  readonly isSpinning: boolean;
  readonly nodeFlags: readonly string[];
  /** Keeps profiles of the actor's processor time there. */
  readonly profileFolder: string | undefined;
}

export interface FeedFigures extends WindowFigures {
  readonly variant: FeedVariant;
  readonly eventMs: number;
  /** Of the slots' time, what went into events. */
  readonly busyShare: number;
  readonly profile: string | undefined;
}

/** More ranges than any run has events. */
const ranges = 100_000_000;

export async function measureFeed(
  variant: FeedVariant,
  eventMs: number,
  given: { readonly program: FeedProgram; readonly options: FeedOptions },
  signal: AbortSignal,
): Promise<FeedFigures> {
  const { program, options } = given;
  return withFolder(options.folder, async (folder) => {
    const run = { folder, variant, eventMs, program, options };
    const measured = await measures[variant.feeder](run, signal);
    const busyShare = (measured.eventsPerSecond * eventMs) / 1_000 / options.slots;
    return { variant, eventMs, busyShare, ...measured };
  });
}

interface FeedRun {
  readonly folder: string;
  readonly variant: FeedVariant;
  readonly eventMs: number;
  readonly program: FeedProgram;
  readonly options: FeedOptions;
}

type Measured = Omit<FeedFigures, "variant" | "eventMs" | "busyShare">;

function wordsOf({ program, variant, eventMs, options }: FeedRun, kind: "stream" | "exec"): string[] {
  const numbers = [eventMs, Number(options.isSpinning), variant.outputBytes];
  return [...program.command, kind, ...numbers.map(String)];
}

function windowOf({ eventMs, options }: FeedRun): Pick<WindowOptions, "seconds" | "warmUpSeconds"> {
  const { slots, eventsMin, warmUpSeconds } = options;
  const seconds = Math.max(options.seconds, (eventsMin * eventMs) / 1_000 / slots);
  return { warmUpSeconds, seconds };
}

async function measureXargs(run: FeedRun, signal: AbortSignal): Promise<Measured> {
  const counter = join(run.folder, "count");
  const output = join(run.folder, "output");
  const words = [...wordsOf(run, "exec"), counter, output];
  return withXargs(words, run.options.slots, async (watch) => {
    const read = (): Promise<Tally> => countIn(counter);
    const processes = (): Promise<[]> => Promise.resolve([]);
    const figures = await measureWindow({ ...windowOf(run), read, processes, watch }, signal);
    return { ...figures, profile: undefined };
  });
}

async function measureAlone(run: FeedRun, signal: AbortSignal): Promise<Measured> {
  const { folder, variant, options } = run;
  const counts = join(folder, "counts");
  const outputs = join(folder, "outputs");
  await mkdir(counts);
  await mkdir(outputs);
  const words = [...wordsOf(run, "stream"), counts];
  const told = { slots: options.slots, outputs: variant.outputBytes === 0 ? undefined : outputs };
  return withPayloadsAlone(words, told, async (watch) => {
    const read = (): Promise<Tally> => tallyIn(counts);
    const processes = (): Promise<[]> => Promise.resolve([]);
    const figures = await measureWindow({ ...windowOf(run), read, processes, watch }, signal);
    return { ...figures, profile: undefined };
  });
}

async function measureActor(run: FeedRun, signal: AbortSignal): Promise<Measured> {
  const { folder, variant, eventMs, options } = run;
  const { feeder, durability } = variant;
  const workdir = join(folder, "workdir");
  const counts = join(folder, "counts");
  await mkdir(workdir, { mode: 0o700 });
  if (feeder === "stream") await mkdir(counts);
  const profile = keptProfile(
    options.profileFolder,
    `feed-${feeder}-${variant.outputBytes}-${durability}-${eventMs}`,
  );
  const driver = await BenchDriver.start({ workdir }, signal);
  const nodeFlags = [...options.nodeFlags, ...profile.nodeFlags];
  const scratch = options.scratch ?? join(folder, "scratch");
  const actor = await BenchService.start("actor", { workdir, scratch, slots: options.slots, nodeFlags });
  try {
    await submitJob(driver, ranges, {
      ...payloadOf(run, counts),
      durability: durabilities[durability],
      ...(variant.outputBytes === 0 ? { outputs: Outputs.OUTPUTS_NONE, merge: undefined } : {}),
    });
    const read = feeder === "stream" ? () => tallyIn(counts) : () => countIn(counts);
    const watch = (): void => actor.expectAlive();
    const pids = [actor.pid, driver.address.pid];
    const processes = (): Promise<(number | undefined)[]> => Promise.all(pids.map(processorSeconds));
    const figures = await measureWindow({ ...windowOf(run), read, processes, watch }, signal);
    return { ...figures, profile: profile.path };
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Error(`${errorMessage(error)}\nthe actor's log ends:\n${await actor.logTail()}`, {
      cause: error,
    });
  } finally {
    await actor.end();
    await driver.end("SIGKILL");
  }
}

const measures = { stream: measureActor, alone: measureAlone, exec: measureActor, xargs: measureXargs };

const durabilities = {
  strict: Durability.DURABILITY_STRICT,
  relaxed: Durability.DURABILITY_RELAXED,
} as const;

const payloadTimeoutMs = 3_600_000;

function payloadOf(run: FeedRun, counts: string): JobChanges {
  const timeoutMs = payloadTimeoutMs;
  if (run.variant.feeder === "stream") {
    const value = {
      command: [...wordsOf(run, "stream"), counts],
      slotsPerProcess: 1,
      startTimeoutMs: timeoutMs,
    };
    return { payload: { kind: { $case: "stream", value }, timeoutMs, needs: undefined } };
  }
  const value = {
    command: [...wordsOf(run, "exec"), counts, run.variant.outputBytes === 0 ? "none" : "{output}"],
  };
  return { payload: { kind: { $case: "exec", value }, timeoutMs, needs: undefined } };
}
