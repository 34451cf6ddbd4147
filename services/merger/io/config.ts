// What a merger is told at its start, read once.

import { hostname, tmpdir } from "node:os";
import { userEnvironment } from "../../shared/core/user-environment.js";
import type { LogLevel } from "../../shared/io/logger.js";
import { slurmPlace, type SlurmPlace } from "../../shared/io/node-facts.js";
import {
  labelOption,
  readArguments,
  valueOption,
  type ServiceHelp,
} from "../../shared/io/service-arguments.js";

export interface MergerConfig {
  /** Absolute. */
  readonly workdir: string;
  readonly name: string;
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

const slotsMax = 256;
const durationMsMax = 86_400_000;

const help: ServiceHelp = {
  service: "merger",
  description: "Fuse the outputs of a run into merged files, while its jobs still run.",
  options: [
    valueOption("--name <name>", "name of the merger, different for each", `${hostname()}-merger`),
    valueOption("--slots <number>", "merges at a time", "1"),
    valueOption("--nice <number>", "lets others on its cores go first: 19 lets all", "0"),
    valueOption("--scratch <folder>", "where there is room on the node", tmpdir()),
    labelOption(),
    valueOption(
      "--grace <duration>",
      "what running merges get to finish when the merger is asked to stop",
      "30s",
    ),
    valueOption(
      "--look-again <duration>",
      "how long outputs that are missing or damaged are looked at again before they are declared lost",
      "5s",
    ),
    valueOption(
      "--room-wait <duration>",
      "how long a merge waits for room on a file system that is full or read-only before it fails",
      "10m",
    ),
  ],
  example: "--workdir /data/run1 --slots 2",
};

/** Throws a `ConfigError` that names every mistake. */
export function readConfig(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): MergerConfig {
  return readArguments(help, args, (read) => ({
    workdir: read.folder("--workdir"),
    name: read.name(),
    slots: read.wholeNumber("--slots", [1, slotsMax]),
    nice: read.wholeNumber("--nice", [0, 19]),
    scratch: read.folder("--scratch"),
    labels: read.labels(),
    graceMs: read.durationMs("--grace", [0, durationMsMax]),
    lookAgainMs: read.durationMs("--look-again", [0, durationMsMax]),
    roomWaitMs: read.durationMs("--room-wait", [0, durationMsMax]),
    logLevel: read.logLevel(),
    slurm: slurmPlace(environment),
    commandEnvironment: userEnvironment(environment),
  }));
}
