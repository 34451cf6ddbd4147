// What the driver is told at its start, read once.

import { commonSettings, driverSettings as own } from "../../shared/io/known-settings.js";
import { slurmPlace, type SlurmPlace } from "../../shared/io/node-facts.js";
import type { LogLevel } from "../../shared/io/logger.js";
import { defaultRules } from "../core/rules.js";
import { isLoopback } from "../../shared/io/loopback.js";
import {
  ConfigError,
  readServiceConfig,
  type ServiceHelp,
  type ServiceStart,
} from "../../shared/io/service-arguments.js";

export interface DriverConfig {
  /** Absolute. */
  readonly workdir: string;
  readonly host: string;
  readonly port: number;
  readonly leaseMs: number;
  /** Before the word of an only node, where nothing was done yet, is final (unproven.ts). */
  readonly witnessWaitMs: number;
  readonly takeOver: boolean;
  /** No TLS: for tests on loopback. */
  readonly isPlain: boolean;
  /** Bytes of closed segments after which a snapshot is made (snapshots.ts). */
  readonly snapshotAfterBytes: number;
  readonly logLevel: LogLevel;
  /** Where Slurm started the driver. */
  readonly slurm: SlurmPlace;
}

const help: ServiceHelp = {
  service: "driver",
  description: "Keep the books of a run: grant event ranges, take in results, have outputs merged.",
  example: "--workdir /data/run1",
};

/** Rejects with a `ConfigError` that names every mistake. */
export async function readConfig(start: ServiceStart): Promise<DriverConfig> {
  const config = await readServiceConfig(help, start, (settings) => ({
    workdir: settings(commonSettings.workdir),
    host: settings(own.listen),
    port: settings(own.port),
    leaseMs: settings(own.lease),
    witnessWaitMs: settings(own.witnessWait) ?? usualWitnessWaitMs(settings(own.listen)),
    snapshotAfterBytes: settings(own.snapshotAfter),
    takeOver: settings(own.takeOver),
    isPlain: settings(own.insecureLoopback),
    logLevel: settings(commonSettings.logLevel),
    slurm: slurmPlace(start.environment),
  }));
  const { isPlain, host } = config;
  if (isPlain && !isLoopback(host))
    throw new ConfigError(
      `--listen: expected a loopback address with --insecure-loopback, such as 127.0.0.1, found "${host}"`,
      64,
    );
  return config;
}

/** Who can't be reached from another node need not wait for one. */
function usualWitnessWaitMs(host: string): number {
  return isLoopback(host) ? 0 : defaultRules.witnessWaitMs;
}
