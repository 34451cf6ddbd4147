// What a seed's world is like: how large, how slow, and what goes wrong in it and how often. Each kind of fault is there in
// some seeds only, so that what it causes is also seen by itself.

import type { Rules } from "../../services/driver/core/rules.js";
import type { FailureClass } from "../../services/shared/core/failure.js";
import type { Between } from "./dice.js";

export interface Profile {
  /** From here on nothing more goes wrong, and everything must come to its end. */
  readonly quietAtMs: number;
  /** Slots of each actor. */
  readonly actorSlots: readonly number[];
  readonly mergers: number;
  readonly rules: Rules;
  readonly flushIntervalMs: number;
  readonly network: NetworkProfile;
  readonly journal: JournalProfile;
  readonly processes: ProcessProfile;
  readonly nodes: NodesProfile;
  readonly files: FilesProfile;
  readonly payload: PayloadProfile;
  readonly merging: MergingProfile;
  readonly client: ClientProfile;
}

export interface JobsProfile {
  /** Of a job, to be open: ranges are added while it runs, and then it is closed. */
  readonly openChance: number;
  /** Of a job, to make no outputs. */
  readonly noOutputsChance: number;
  /** Of a job, to keep its outputs; of another, to merge them otherwise than by arrival alone. */
  readonly keepOutputsChance: number;
  readonly groupingChance: number;
  /** Of a job, to take several cores for a range. */
  readonly wideChance: number;
  /** Kinds of node that there always are: jobs may require one. */
  readonly kinds: readonly string[];
}

export interface ClientProfile extends JobsProfile {
  readonly jobs: number;
  /** Between two pauses of a job; undefined: there are none. */
  readonly pauseMeanMs: number | undefined;
  readonly cancelMeanMs: number | undefined;
  /** Between two drains of a node by a user. */
  readonly drainMeanMs: number | undefined;
  /** Of a job that is over and of which something failed, to be tried again. */
  readonly retryChance: number;
}

export interface NetworkProfile {
  readonly latencyMs: Between;
  /** Of a message, to come after others that were sent later. */
  readonly overtakeChance: number;
  /** Of a message, to come twice. */
  readonly repeatChance: number;
  /** How much later an overtaken or repeated message comes. */
  readonly strayMs: Between;
  /** Between two breaks of some stream; undefined: there are none. */
  readonly breakMeanMs: number | undefined;
  readonly partitionMeanMs: number | undefined;
  readonly partitionMs: Between;
}

export interface JournalProfile {
  readonly syncMs: Between;
  /** Of a sync, to take very long: the driver's loop stands still meanwhile. */
  readonly stallChance: number;
  readonly stallMs: Between;
  /** Of a write or sync, to fail. */
  readonly errorChance: number;
  /** Of a write, to find the disk full for a while. */
  readonly fullChance: number;
  /** Of a crash, to take the machine along: what was not synced is cut anywhere. Else all that was written survives. */
  readonly machineChance: number;
  /** A segment that has so many bytes is closed. */
  readonly segmentBytesMax: number;
  /** A snapshot is made when so many bytes were closed since the last. */
  readonly snapshotAfterBytes: number;
}

export interface ProcessProfile {
  readonly driverCrashMeanMs: number | undefined;
  readonly actorCrashMeanMs: number | undefined;
  readonly mergerCrashMeanMs: number | undefined;
  /** Between two stops (SIGSTOP) of the driver, and of some actor or merger, and how long they last. */
  readonly driverPauseMeanMs: number | undefined;
  readonly peerPauseMeanMs: number | undefined;
  readonly pauseMs: Between;
  /** Of a driver that is stopped, to be replaced by another meanwhile. */
  readonly takeOverChance: number;
  /** Between two take-overs of a driver that runs. */
  readonly takeOverMeanMs: number | undefined;
  readonly drainMeanMs: number | undefined;
  /** Between two starts of a process under a name that another one has. */
  readonly twinMeanMs: number | undefined;
  /** Of a process, to be killed right when it does something that matters: within so long after it. */
  readonly aimedChance: number;
  readonly aimedMs: Between;
  /** Of a crashed actor or merger, to be lost with its node: it comes back under another name, and its unsynced files are gone. */
  readonly nodeLossChance: number;
  readonly restartMs: Between;
}

export interface NodesProfile {
  /** Of a node, to be some times slower than others. */
  readonly slowChance: number;
  /** Of a node, to fail all payloads at once. */
  readonly blackHoleChance: number;
  /** The first actor's node fails all payloads, and is there before all others. */
  readonly isFirstBroken: boolean;
  /** Of a node, to join late: within so long. */
  readonly lateChance: number;
  readonly lateMs: Between;
  /** How long nodes are lent, all together, before the next ones are; undefined: as long as it takes. */
  readonly allocationMs: number | undefined;
  /** From SIGTERM to the end. */
  readonly allocationGraceMs: number;
  /** Of the end of an allocation, to be known to its nodes from the start. */
  readonly isEndKnown: boolean;
}

export interface FilesProfile {
  /** Of a new file, to be seen late by other nodes. */
  readonly lateChance: number;
  readonly lateMs: Between;
  /** How long mergers look for a file before they declare it lost: longer than files may be late. */
  readonly lookMs: number;
}

export interface PayloadProfile {
  readonly eventMs: Between;
  readonly slowChance: number;
  readonly slowFactor: number;
  readonly failChance: number;
  readonly failClasses: readonly FailureClass[];
  /** Of a range, to take every node along that it runs on. */
  readonly poisonChance: number;
  readonly storeMs: Between;
  /** Of a stored output, to be damaged or to vanish. */
  readonly damageChance: number;
}

export interface MergingProfile {
  readonly mergeMs: Between;
  readonly failChance: number;
}
