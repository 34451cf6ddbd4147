// What an actor or a merger tells of the machine that it runs on.

import { arch, availableParallelism, hostname, platform } from "node:os";
import type { Labels } from "../core/labels.js";
import type { NodeFacts, ProcessFacts } from "../core/peer-message.js";
import { processes } from "./process-identity.js";

/** Where Slurm started a process; each is empty when it did not. */
export type SlurmPlace = Pick<ProcessFacts, "slurmCluster" | "slurmJob" | "slurmNode">;

export function slurmPlace(environment: Readonly<Record<string, string | undefined>>): SlurmPlace {
  return {
    slurmCluster: environment["SLURM_CLUSTER_NAME"] ?? "",
    slurmJob: environment["SLURM_JOB_ID"] ?? "",
    slurmNode: environment["SLURMD_NODENAME"] ?? "",
  };
}

/** With the labels that every node has, `os` and `arch`, unless others were given: such as linux, and x64 or arm64. */
export function nodeFacts(labels: Labels, slurm: SlurmPlace, name = hostname()): NodeFacts {
  return {
    name,
    cores: availableParallelism(),
    labels: { os: platform(), arch: arch(), ...labels },
    process: processFacts(slurm),
  };
}

/** Undefined when the system does not tell. */
function processFacts(slurm: SlurmPlace): ProcessFacts | undefined {
  const { pid } = process;
  try {
    const startTime = processes.startTimeOf(pid);
    if (startTime === undefined) return undefined;
    return { bootId: processes.bootId(), namespace: processes.namespace(), pid, startTime, ...slurm };
  } catch {
    return undefined; // No /proc: then a lease is what tells.
  }
}
