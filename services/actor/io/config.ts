// What an actor is told at its start, read once.

import { actorSettings as own, commonSettings, slotsMax } from "../../shared/io/known-settings.js";
import type { LogLevel } from "../../shared/io/logger.js";
import { slurmPlace, type SlurmPlace } from "../../shared/io/node-facts.js";
import type { SlurmAllocation } from "./slurm-time-left.js";
import { readServiceConfig, type ServiceHelp, type ServiceStart } from "../../shared/io/service-arguments.js";

export interface ActorConfig {
  /** Absolute. */
  readonly workdir: string;
  readonly name: string;
  /** Where health and metrics are served. */
  readonly host: string;
  /** What the driver tells nodes apart by: where a range failed, or runs already, it is not tried again. */
  readonly node: string;
  /** Cores to keep busy: most ranges take one. */
  readonly slots: number;
  /** The node's that may be used, neighbours beside each other. */
  readonly cpus: readonly number[];
  /** Absolute. */
  readonly scratch: string;
  /** No range begins while less of it is free. */
  readonly scratchBytesMin: number;
  readonly labels: Readonly<Record<string, string>>;
  /** What is left of the node's wall time; undefined when nobody knows. */
  readonly timeLeftMs: number | undefined;
  /** Where that may be asked again; undefined where Slurm is not who knows. */
  readonly allocation: SlurmAllocation | undefined;
  /** How long ago its allocation began, as Slurm says; undefined when nobody knows. */
  readonly allocationAgeMs: number | undefined;
  readonly graceMs: number;
  readonly logLevel: LogLevel;
  /** Where Slurm started it. */
  readonly slurm: SlurmPlace;
  /** All of it: payloads see only what is passed on purpose (payload-environment.ts). */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a start needs of the world. */
export interface Surroundings extends ServiceStart {
  readonly unixMs: number;
  /** Cores that the process may use. */
  readonly cpus: readonly number[];
}

const help: ServiceHelp = {
  service: "actor",
  description: "Keep the cores of a node fed: process event ranges that the driver of a run grants.",
  example: "--workdir /data/run1 --slots 8 --grace 1m",
};

/** Rejects with a `ConfigError` that names every mistake. */
export function readConfig(around: Surroundings): Promise<ActorConfig> {
  return readServiceConfig(help, around, (settings) => {
    const timeLeftMs = settings(own.timeLeft);
    return {
      workdir: settings(commonSettings.workdir),
      name: settings(own.name),
      host: settings(own.listen),
      node: settings(own.node),
      slots: settings(own.slots) ?? Math.max(1, usualSlots(around) - settings(own.leaveCores)),
      cpus: around.cpus,
      scratch: settings(own.scratch),
      scratchBytesMin: settings(own.scratchMin),
      labels: settings(own.labels),
      timeLeftMs: timeLeftMs ?? slurmTimeLeftMs(around),
      allocation: timeLeftMs === undefined ? slurmAllocation(around) : undefined,
      allocationAgeMs: slurmAgeMs(around),
      graceMs: settings(own.grace),
      logLevel: settings(commonSettings.logLevel),
      slurm: slurmPlace(around.environment),
      environment: around.environment,
    };
  });
}

/** Slurm may have given the job fewer cores of a node than it keeps the job's processes to. */
function usualSlots({ environment, cpus }: Surroundings): number {
  const lent = Number(environment["SLURM_CPUS_ON_NODE"] ?? Number.NaN);
  const slots = Number.isInteger(lent) && lent > 0 ? Math.min(lent, cpus.length) : cpus.length;
  return Math.min(slots, slotsMax);
}

/** Slurm says when the allocation begins and ends in seconds of wall time. */
function slurmTimeLeftMs({ environment, unixMs }: Surroundings): number | undefined {
  const endUnixMs = slurmUnixMs(environment["SLURM_JOB_END_TIME"]);
  return endUnixMs === undefined ? undefined : Math.max(0, endUnixMs - unixMs);
}

function slurmAllocation({ environment }: Surroundings): SlurmAllocation | undefined {
  const { slurmJob: job } = slurmPlace(environment);
  const nodes = Number(environment["SLURM_JOB_NUM_NODES"] ?? 1);
  return job === "" ? undefined : { job, nodes: nodes > 0 ? nodes : 1 };
}

function slurmAgeMs({ environment, unixMs }: Surroundings): number | undefined {
  const startUnixMs = slurmUnixMs(environment["SLURM_JOB_START_TIME"]);
  return startUnixMs === undefined ? undefined : Math.max(0, unixMs - startUnixMs);
}

function slurmUnixMs(text: string | undefined): number | undefined {
  const seconds = Number(text ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined;
}
