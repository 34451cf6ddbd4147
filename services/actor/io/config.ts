// What an actor is told at its start, read once.

import { Command, CommanderError } from "commander";
import { hostname, tmpdir, availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseDurationMs } from "../../shared/core/duration.js";
import { logLevels, type LogLevel } from "../../shared/io/logger.js";

export interface ActorConfig {
  /** Absolute. */
  readonly workdir: string;
  readonly name: string;
  readonly slots: number;
  /** Absolute. */
  readonly scratch: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What is left of the node's wall time; undefined when nobody knows. */
  readonly timeLeftMs: number | undefined;
  readonly graceMs: number;
  readonly logLevel: LogLevel;
  /** What every payload sees of the environment. */
  readonly payloadEnvironment: Readonly<Record<string, string>>;
}

/** What a start needs of the world besides its arguments. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly unixMs: number;
}

/** The arguments make no sense; the message has all mistakes, one a line. Or help was asked for: then `exitCode` is 0. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly exitCode: 0 | 64;

  constructor(message: string, exitCode: 0 | 64) {
    super(message);
    this.exitCode = exitCode;
  }
}

const slotsMax = 4_096;
/** A name becomes part of paths. */
const namePattern = /^[A-Za-z0-9_][\w.-]{0,127}$/;
const labelPattern = /^([A-Za-z][\w.-]{0,62})=(.{0,255})$/;
const labelsMax = 16;
/** Longer ones are a mistake, and Node's timers have to count them. */
const durationMsMax = 400 * 86_400_000;
/** What payloads need to find their programs and to speak the user's language. No secret lives in these. */
const passedOn = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "PYTHONPATH"];

interface Options {
  readonly workdir?: string;
  readonly name: string;
  readonly slots: string;
  readonly scratch: string;
  readonly label: readonly string[];
  readonly timeLeft?: string;
  readonly grace: string;
  readonly logLevel: string;
}

/** Throws a `ConfigError` that names every mistake. */
export function readConfig(args: readonly string[], around: Surroundings): ActorConfig {
  const options = parse(args);
  const mistakes: string[] = [];
  const checked = <Value>(value: Value | undefined, mistake: string, instead: Value): Value => {
    if (value === undefined) mistakes.push(mistake);
    return value ?? instead;
  };
  const { workdir, name, slots, timeLeft, grace, logLevel } = options;
  const config: ActorConfig = {
    workdir: resolve(checked(workdir, "--workdir: expected the folder of the run, found none", ".")),
    name: checked(
      namePattern.test(name) ? name : undefined,
      `--name: expected 1 to 128 letters, digits, ".", "_" or "-", the first no "." or "-", found ${JSON.stringify(name)}`,
      "",
    ),
    slots: checked(
      slotsOf(slots),
      `--slots: expected a whole number from 1 to ${slotsMax}, found ${JSON.stringify(slots)}`,
      1,
    ),
    scratch: resolve(options.scratch),
    labels: labelsOf(options.label, mistakes),
    timeLeftMs:
      timeLeft === undefined
        ? slurmTimeLeftMs(around)
        : checked(durationOf(timeLeft), durationMistake("--time-left", timeLeft), 0),
    graceMs: checked(durationOf(grace), durationMistake("--grace", grace), 0),
    logLevel: checked(
      logLevels.find((level) => level === logLevel),
      `--log-level: expected one of ${logLevels.join(", ")}, found ${JSON.stringify(logLevel)}`,
      "info",
    ),
    payloadEnvironment: payloadEnvironment(around.environment),
  };
  if (mistakes.length > 0) throw new ConfigError(mistakes.join("\n"), 64);
  return Object.freeze(config);
}

function parse(args: readonly string[]): Options {
  let text = "";
  const collect = (label: string, before: readonly string[]): readonly string[] => [...before, label];
  const program = new Command("noctua actor")
    .description("Keep the cores of a node fed: process event ranges that the driver of a run grants.")
    .option("--workdir <folder>", "folder of the run, on a file system that all its nodes share (required)")
    .option("--name <name>", "name of the actor, different on each node", hostname())
    .option("--slots <number>", "ranges processed at a time", String(availableParallelism()))
    .option("--scratch <folder>", "where there is room on the node for running payloads", tmpdir())
    .option("--label <key=value>", "a label of the node; can be given again", collect, [])
    .option(
      "--time-left <duration>",
      "what is left of the node's wall time, such as 90m (default: as Slurm says)",
    )
    .option(
      "--grace <duration>",
      "what running payloads get to finish when the actor is asked to stop",
      "30s",
    )
    .option("--log-level <level>", `lines below it are left out: ${logLevels.join(", ")}`, "info")
    .allowExcessArguments(false)
    .addHelpText("after", "\nExample:\n  noctua actor --workdir /scratch/run1 --slots 8 --grace 1m\n")
    .configureOutput({ writeOut: (out) => (text += out), writeErr: (out) => (text += out) })
    .exitOverride();
  try {
    return program.parse(args, { from: "user" }).opts<Options>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new ConfigError(text.trim(), error.exitCode === 0 ? 0 : 64);
  }
}

function slotsOf(text: string): number | undefined {
  const slots = Number(text);
  return /^\d{1,5}$/.test(text) && slots >= 1 && slots <= slotsMax ? slots : undefined;
}

function durationOf(text: string): number | undefined {
  const ms = parseDurationMs(text);
  return ms === undefined || ms > durationMsMax ? undefined : ms;
}

function durationMistake(option: string, text: string): string {
  return `${option}: expected a time such as 90s or 1h30m, at most 400d, found ${JSON.stringify(text)}`;
}

function labelsOf(texts: readonly string[], mistakes: string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  if (texts.length > labelsMax)
    mistakes.push(`--label: expected at most ${labelsMax} labels, found ${texts.length}`);
  for (const text of texts) {
    const [, key, value] = labelPattern.exec(text) ?? [];
    if (key !== undefined && value !== undefined) labels[key] = value;
    else
      mistakes.push(
        `--label: expected key=value, the key of at most 63 letters, found ${JSON.stringify(text)}`,
      );
  }
  return labels;
}

/** Slurm says when the allocation ends in seconds of wall time. */
function slurmTimeLeftMs({ environment, unixMs }: Surroundings): number | undefined {
  const endSeconds = Number(environment["SLURM_JOB_END_TIME"] ?? Number.NaN);
  return Number.isFinite(endSeconds) && endSeconds > 0 ? Math.max(0, endSeconds * 1_000 - unixMs) : undefined;
}

function payloadEnvironment(environment: Surroundings["environment"]): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of passedOn) {
    const value = environment[name];
    if (value !== undefined) passed[name] = value;
  }
  return passed;
}
