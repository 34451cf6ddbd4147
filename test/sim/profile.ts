// What a seed's world is like: how large, how slow, and what goes wrong in it and how often. Each kind of fault is there in
// some seeds only, so that what it causes is also seen by itself.

import { defaultRules, type Rules } from "../../services/driver/core/rules.js";
import type { FailureClass } from "../../services/shared/core/failure.js";
import { Dice, type Between } from "./dice.js";

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
  readonly payload: PayloadProfile;
  readonly merging: MergingProfile;
  readonly client: ClientProfile;
}

export interface ClientProfile {
  readonly jobs: number;
  /** Between two pauses of a job; undefined: there are none. */
  readonly pauseMeanMs: number | undefined;
  readonly cancelMeanMs: number | undefined;
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

export interface PayloadProfile {
  readonly eventMs: Between;
  readonly slowChance: number;
  readonly slowFactor: number;
  readonly failChance: number;
  readonly failClasses: readonly FailureClass[];
  readonly storeMs: Between;
  /** Of a stored output, to be damaged or to vanish. */
  readonly damageChance: number;
}

export interface MergingProfile {
  readonly mergeMs: Between;
  readonly failChance: number;
}

export function profileOf(seed: number): Profile {
  const dice = new Dice(seed, "profile");
  const segments = new Dice(seed, "profile of segments");
  const clients = new Dice(seed, "profile of clients");
  const pauses = new Dice(seed, "profile of pauses");
  const sometimes = (probability: number, value: () => number): number | undefined =>
    dice.chance(probability) ? value() : undefined;
  const chance = (probability: number, most: number): number =>
    sometimes(probability, () => dice.between([0, most])) ?? 0;
  const mean = (probability: number, bounds: Between): number | undefined =>
    sometimes(probability, () => dice.between(bounds));
  const leaseMs = dice.pick([6_000, 20_000, 60_000]);
  // Outputs that are lost and messages that come late do most harm together.
  const isHaunted = dice.chance(0.15);
  return {
    quietAtMs: dice.between([60_000, 240_000]),
    actorSlots: Array.from({ length: dice.pick([1, 2, 2, 2, 3, 4]) }, () => dice.whole([1, 4])),
    mergers: dice.pick([1, 1, 2]),
    rules: { ...defaultRules, leaseMs, grantRangesMax: dice.pick([2, 8, defaultRules.grantRangesMax]) },
    flushIntervalMs: dice.pick([20, 200, 2_000]),
    network: {
      latencyMs: dice.pick([
        [0, 0],
        [1, 20],
        [1, 500],
      ]),
      overtakeChance: chance(0.5, 0.2),
      repeatChance: isHaunted ? 0.5 : chance(0.5, 0.2),
      strayMs: isHaunted
        ? [1_000, 40_000]
        : dice.pick([
            [0, 50],
            [0, 5_000],
            [1_000, 40_000],
          ]),
      breakMeanMs: mean(0.6, [4_000, 60_000]),
      partitionMeanMs: mean(0.4, [5_000, 60_000]),
      partitionMs: [1_000, 3 * leaseMs],
    },
    journal: {
      syncMs: dice.pick([
        [0, 1],
        [1, 10],
        [5, 300],
      ]),
      stallChance: chance(0.2, 0.01),
      stallMs: [2_000, 2 * leaseMs],
      errorChance: chance(0.2, 0.02),
      fullChance: chance(0.2, 0.02),
      machineChance: dice.pick([0, 0.5, 1]),
      segmentBytesMax: segments.pick([1, 500, 5_000, 50_000, 64 * 1024 * 1024]),
      snapshotAfterBytes: segments.pick([1, 1, 2_000, 20_000, 256 * 1024 * 1024]),
    },
    processes: {
      driverCrashMeanMs: mean(0.7, [5_000, 60_000]),
      actorCrashMeanMs: mean(0.6, [8_000, 60_000]),
      mergerCrashMeanMs: mean(0.5, [8_000, 60_000]),
      driverPauseMeanMs: pauses.chance(0.3) ? pauses.between([10_000, 60_000]) : undefined,
      peerPauseMeanMs: pauses.chance(0.3) ? pauses.between([5_000, 40_000]) : undefined,
      pauseMs: pauses.pick([
        [10, 1_000],
        [1_000, 2 * leaseMs],
      ]),
      takeOverChance: pauses.pick([0, 0.5, 1]),
      takeOverMeanMs: pauses.chance(0.1) ? pauses.between([20_000, 80_000]) : undefined,
      drainMeanMs: mean(0.3, [20_000, 100_000]),
      twinMeanMs: mean(0.2, [10_000, 100_000]),
      aimedChance: chance(0.5, 0.03),
      aimedMs: dice.pick([
        [0, 0],
        [0, 10],
        [0, 300],
      ]),
      nodeLossChance: dice.pick([0, 0.3, 1]),
      restartMs: dice.pick([
        [10, 100],
        [100, 5_000],
        [100, 2 * leaseMs],
      ]),
    },
    payload: {
      eventMs: dice.pick([
        [10, 50],
        [100, 2_000],
        [1_000, 20_000],
      ]),
      slowChance: chance(0.3, 0.1),
      slowFactor: 20,
      failChance: dice.chance(0.05) ? 0.95 : chance(0.6, 0.4),
      failClasses: dice.pick([
        ["fatal"],
        ["transient"],
        ["transient", "node", "event"],
        ["transient", "node", "event", "fatal"],
      ]),
      storeMs: dice.pick([
        [1, 10],
        [10, 1_000],
        [100, 10_000],
      ]),
      damageChance: isHaunted ? 0.5 : chance(0.3, 0.4),
    },
    merging: {
      mergeMs: dice.pick([
        [10, 100],
        [100, 5_000],
        [1_000, 40_000],
      ]),
      failChance: chance(0.3, 0.4),
    },
    client: {
      jobs: clients.whole([1, 3]),
      pauseMeanMs: clients.chance(0.3) ? clients.between([3_000, 60_000]) : undefined,
      cancelMeanMs: clients.chance(0.3) ? clients.between([5_000, 100_000]) : undefined,
      retryChance: clients.pick([0, 0.3, 1]),
    },
  };
}
