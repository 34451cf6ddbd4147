// What a merger is told at its start, read once.

import { Command, CommanderError } from "commander";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { parseDurationMs } from "../../shared/core/duration.js";
import { logLevels, type LogLevel } from "../../shared/io/logger.js";

export interface MergerConfig {
  /** Absolute. */
  readonly workdir: string;
  readonly name: string;
  readonly slots: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly graceMs: number;
  readonly lookAgainMs: number;
  readonly logLevel: LogLevel;
  /** What every merge command sees of the environment. */
  readonly commandEnvironment: Readonly<Record<string, string>>;
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

const slotsMax = 256;
/** A name becomes part of paths. */
const namePattern = /^[A-Za-z0-9_][\w.-]{0,127}$/;
const labelPattern = /^([A-Za-z][\w.-]{0,62})=(.{0,255})$/;
const labelsMax = 16;
const durationMsMax = 86_400_000;
/** What merge commands need to find their programs and to speak the user's language. No secret lives in these. */
const passedOn = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "LD_LIBRARY_PATH",
  "PYTHONPATH",
];

interface Options {
  readonly workdir?: string;
  readonly name: string;
  readonly slots: string;
  readonly label: readonly string[];
  readonly grace: string;
  readonly lookAgain: string;
  readonly logLevel: string;
}

/** Throws a `ConfigError` that names every mistake. */
export function readConfig(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): MergerConfig {
  const { workdir, name, slots, label, grace, lookAgain, logLevel } = parse(args);
  const mistakes: string[] = [];
  const checked = <Value>(value: Value | undefined, mistake: string, instead: Value): Value => {
    if (value === undefined) mistakes.push(mistake);
    return value ?? instead;
  };
  const config: MergerConfig = {
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
    labels: labelsOf(label, mistakes),
    graceMs: checked(durationOf(grace), durationMistake("--grace", grace), 0),
    lookAgainMs: checked(durationOf(lookAgain), durationMistake("--look-again", lookAgain), 0),
    logLevel: checked(
      logLevels.find((level) => level === logLevel),
      `--log-level: expected one of ${logLevels.join(", ")}, found ${JSON.stringify(logLevel)}`,
      "info",
    ),
    commandEnvironment: commandEnvironment(environment),
  };
  // A list of inputs has one path a line.
  if (config.workdir.includes("\n")) mistakes.push("--workdir: expected a path without line breaks");
  if (mistakes.length > 0) throw new ConfigError(mistakes.join("\n"), 64);
  return Object.freeze(config);
}

function parse(args: readonly string[]): Options {
  let text = "";
  const collect = (label: string, before: readonly string[]): readonly string[] => [...before, label];
  const program = new Command("noctua merger")
    .description("Fuse the outputs of a run into merged files, while its jobs still run.")
    .option("--workdir <folder>", "folder of the run, on a file system that all its nodes share (required)")
    .option("--name <name>", "name of the merger, different for each", `${hostname()}-merger`)
    .option("--slots <number>", "merges at a time", "1")
    .option("--label <key=value>", "a label of the node; can be given again", collect, [])
    .option("--grace <duration>", "what running merges get to finish when the merger is asked to stop", "30s")
    .option(
      "--look-again <duration>",
      "how long outputs that are missing or damaged are looked at again before they are declared lost",
      "5s",
    )
    .option("--log-level <level>", `lines below it are left out: ${logLevels.join(", ")}`, "info")
    .allowExcessArguments(false)
    .addHelpText("after", "\nExample:\n  noctua merger --workdir /scratch/run1 --slots 2\n")
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
  return /^\d{1,3}$/.test(text) && slots >= 1 && slots <= slotsMax ? slots : undefined;
}

function durationOf(text: string): number | undefined {
  const ms = parseDurationMs(text);
  return ms === undefined || ms > durationMsMax ? undefined : ms;
}

function durationMistake(option: string, text: string): string {
  return `${option}: expected a time such as 90s or 1h30m, at most 24h, found ${JSON.stringify(text)}`;
}

function labelsOf(texts: readonly string[], mistakes: string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  if (texts.length > labelsMax) {
    mistakes.push(`--label: expected at most ${labelsMax} labels, found ${texts.length}`);
  }
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

function commandEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of passedOn) {
    const value = environment[name];
    if (value !== undefined) passed[name] = value;
  }
  return passed;
}
