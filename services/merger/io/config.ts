// What a merger is told at its start, read once.

import { userEnvironment } from "../../shared/core/user-environment.js";
import { commonSettings, mergerSettings as own } from "../../shared/io/known-settings.js";
import type { LogLevel } from "../../shared/io/logger.js";
import { slurmPlace, type SlurmPlace } from "../../shared/io/node-facts.js";
import { readServiceConfig, type ServiceHelp, type ServiceStart } from "../../shared/io/service-arguments.js";

export interface MergerConfig {
  /** Absolute. */
  readonly workdir: string;
  readonly name: string;
  /** Where health and metrics are served. */
  readonly host: string;
  readonly slots: number;
  /** How nice it and what it starts are to others on its cores; 0 to 19. */
  readonly nice: number;
  /** Absolute. */
  readonly scratch: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly graceMs: number;
  readonly lookAgainMs: number;
  readonly roomWaitMs: number;
  readonly logLevel: LogLevel;
  /** Where Slurm started it. */
  readonly slurm: SlurmPlace;
  /** What every merge command sees of the environment. */
  readonly commandEnvironment: Readonly<Record<string, string>>;
}

const help: ServiceHelp = {
  service: "merger",
  description: "Fuse the outputs of a run into merged files, while its jobs still run.",
  example: "--workdir /data/run1 --slots 2",
};

/** Rejects with a `ConfigError` that names every mistake. */
export function readConfig(start: ServiceStart): Promise<MergerConfig> {
  return readServiceConfig(help, start, (settings) => ({
    workdir: settings(commonSettings.workdir),
    name: settings(own.name),
    host: settings(own.listen),
    slots: settings(own.slots),
    nice: settings(own.nice),
    scratch: settings(own.scratch),
    labels: settings(own.labels),
    graceMs: settings(own.grace),
    lookAgainMs: settings(own.lookAgain),
    roomWaitMs: settings(own.roomWait),
    logLevel: settings(commonSettings.logLevel),
    slurm: slurmPlace(start.environment),
    commandEnvironment: userEnvironment(start.environment),
  }));
}
