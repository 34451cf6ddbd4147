// What the driver is told at its start, read once.

import { Option } from "commander";
import { readArguments, valueOption, type ServiceHelp } from "../../shared/io/service-arguments.js";
import { slurmPlace, type SlurmPlace } from "../../shared/io/node-facts.js";
import type { LogLevel } from "../../shared/io/logger.js";

export interface DriverConfig {
  /** Absolute. */
  readonly workdir: string;
  readonly host: string;
  readonly port: number;
  readonly leaseMs: number;
  readonly takeOver: boolean;
  /** Bytes of closed segments after which a snapshot is made (snapshots.ts). */
  readonly snapshotAfterBytes: number;
  readonly logLevel: LogLevel;
  /** Where Slurm started the driver. */
  readonly slurm: SlurmPlace;
}

/** A lease must outlast a reconnect. */
const leaseMsBounds = [1_000, 86_400_000] as const;

/** Below, snapshots would be made of nothing; above, a start would read for minutes. */
const snapshotAfterBounds = [1_000, 1e12] as const;

const help: ServiceHelp = {
  service: "driver",
  description: "Keep the books of a run: grant event ranges, take in results, have outputs merged.",
  options: [
    valueOption(
      "--listen <host>",
      "address to listen on; only loopback as long as streams are not encrypted",
      "127.0.0.1",
    ),
    valueOption("--port <number>", "port to listen on; 0 takes one that is free", "0"),
    valueOption(
      "--lease <duration>",
      "what an actor holds returns when nothing was heard of it for so long",
      "2m",
    ),
    valueOption(
      "--snapshot-after <size>",
      "of journal: then a snapshot is made, so that a start reads less, and old segments go",
      "256MB",
    ),
    new Option("--take-over", "start although the last driver cannot be proven dead"),
  ],
  example: "--workdir /data/run1",
};

/** Throws a `ConfigError` that names every mistake. */
export function readConfig(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): DriverConfig {
  return readArguments(help, args, (read) => ({
    workdir: read.folder("--workdir"),
    host: read.text("--listen"),
    port: read.wholeNumber("--port", [0, 65_535]),
    leaseMs: read.durationMs("--lease", leaseMsBounds),
    snapshotAfterBytes: read.sizeBytes("--snapshot-after", snapshotAfterBounds),
    takeOver: read.isGiven("--take-over"),
    logLevel: read.logLevel(),
    slurm: slurmPlace(environment),
  }));
}
