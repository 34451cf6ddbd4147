// What the driver is told at its start, read once.

import { Command, InvalidArgumentError, Option } from "commander";
import { resolve } from "node:path";
import { parseDurationMs } from "../../shared/core/duration.js";
import { logLevels, type LogLevel } from "../../shared/io/logger.js";

export interface DriverConfig {
  /** Absolute. */
  readonly workdir: string;
  readonly host: string;
  readonly port: number;
  readonly leaseMs: number;
  readonly takeOver: boolean;
  readonly logLevel: LogLevel;
  /** The Slurm job that the driver runs in. */
  readonly slurmJob: string | undefined;
}

interface Options {
  readonly workdir: string;
  readonly listen: string;
  readonly port: number;
  readonly lease: number;
  readonly takeOver?: true;
  readonly logLevel: LogLevel;
}

/** Prints help or mistakes and ends the process with 64 where the arguments make no sense. */
export function readConfig(args: readonly string[]): DriverConfig {
  const program = new Command("noctua driver")
    .description("Keep the books of a run: grant event ranges, take in results, have outputs merged.")
    .requiredOption("--workdir <folder>", "folder of the run, on a file system that all its nodes share")
    .option(
      "--listen <host>",
      "address to listen on; only loopback as long as streams are not encrypted",
      "127.0.0.1",
    )
    .option("--port <number>", "port to listen on; 0 takes one that is free", portOf, 0)
    .addOption(
      new Option("--lease <duration>", "what an actor holds returns when nothing was heard of it for so long")
        .argParser(durationOf)
        .default(120_000, "2m"),
    )
    .option("--take-over", "start although the last driver cannot be proven dead")
    .addOption(
      new Option("--log-level <level>", "lines below it are left out").choices(logLevels).default("info"),
    )
    .addHelpText("after", "\nExample:\n  noctua driver --workdir /scratch/run1\n")
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? 0 : 64);
    });
  const options = program.parse(args, { from: "user" }).opts<Options>();
  return Object.freeze({
    workdir: resolve(options.workdir),
    host: options.listen,
    port: options.port,
    leaseMs: options.lease,
    takeOver: options.takeOver === true,
    logLevel: options.logLevel,
    slurmJob: process.env["SLURM_JOB_ID"],
  });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("expected a whole number from 0 to 65535.");
}

/** A lease must outlast a reconnect, and Node's timers. */
const leaseMsBounds = [1_000, 24 * 3_600_000] as const;

function durationOf(text: string): number {
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms >= leaseMsBounds[0] && ms <= leaseMsBounds[1]) return ms;
  throw new InvalidArgumentError("expected a time such as 90s or 5m, from 1s to 24h.");
}
