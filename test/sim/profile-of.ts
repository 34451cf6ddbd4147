// The profile of a seed's world.

import { defaultRules, type Rules } from "../../services/driver/core/rules.js";
import { Dice, type Between } from "./dice.js";
import type {
  ClientProfile,
  FilesProfile,
  JournalProfile,
  NetworkProfile,
  NodesProfile,
  PayloadProfile,
  ProcessProfile,
  Profile,
} from "./profile.js";

/** What all parts of a profile go by. */
interface World {
  readonly leaseMs: number;
  /** Outputs that are lost and messages that come late do most harm together. */
  readonly isHaunted: boolean;
}

/** Jobs are small, and copies come early: many in some seeds. */
function copyRulesOf(dice: Dice): Rules["copies"] {
  const [measuredLeast, measuredMin] = dice.pick([
    [2, 3],
    [10, 30],
  ]);
  const slotPart = dice.pick([0.1, 1]);
  return { ...defaultRules.copies, afterMs: dice.pick([0, 2_000]), measuredLeast, measuredMin, slotPart };
}

export function profileOf(seed: number): Profile {
  const dice = new Luck(seed, "profile");
  const leaseMs = dice.pick([6_000, 20_000, 60_000]);
  const isHaunted = dice.chance(0.15);
  const world = { leaseMs, isHaunted };
  const nodeDice = new Luck(seed, "profile of nodes");
  const quietAtMs = dice.between([60_000, 240_000]);
  const actorSlots = Array.from({ length: dice.pick([1, 2, 2, 2, 3, 4]) }, () => dice.whole([1, 4]));
  return {
    quietAtMs,
    actorSlots,
    mergers: dice.pick([1, 1, 2]),
    rules: {
      ...{ ...defaultRules, leaseMs, grantRangesMax: dice.pick([2, 8, defaultRules.grantRangesMax]) },
      copies: copyRulesOf(new Dice(seed, "profile of copies")),
      witnessWaitMs: new Dice(seed, "profile of witnesses").pick([0, 0, 20_000, 60_000]),
    },
    flushIntervalMs: dice.pick([20, 200, 2_000]),
    network: networkOf(dice, world),
    journal: journalOf(dice, new Luck(seed, "profile of segments"), world),
    processes: processesOf(dice, new Luck(seed, "profile of pauses"), world),
    nodes: { ...nodesOf(nodeDice), isFirstBroken: new Dice(seed, "profile of the first node").chance(0.15) },
    files: filesOf(nodeDice, world),
    payload: payloadOf(dice, world),
    merging: {
      mergeMs: dice.pick([
        [10, 100],
        [100, 5_000],
        [1_000, 40_000],
      ]),
      failChance: dice.chanceOf(0.3, 0.4),
    },
    client: {
      ...clientOf(new Luck(seed, "profile of clients"), actorSlots.length),
      wideChance: new Dice(seed, "profile of wide jobs").pick([0, 0, 0.5]),
    },
  };
}

class Luck extends Dice {
  /** In some worlds only. */
  sometimes<Value>(probability: number, value: () => Value): Value | undefined {
    return this.chance(probability) ? value() : undefined;
  }

  /** A chance that is there in some worlds only, and differs. */
  chanceOf(probability: number, most: number): number {
    return this.sometimes(probability, () => this.between([0, most])) ?? 0;
  }

  /** A mean time that is there in some worlds only, and differs. */
  meanOf(probability: number, bounds: Between): number | undefined {
    return this.sometimes(probability, () => this.between(bounds));
  }
}

function networkOf(dice: Luck, { leaseMs, isHaunted }: World): NetworkProfile {
  return {
    latencyMs: dice.pick([
      [0, 0],
      [1, 20],
      [1, 500],
    ]),
    overtakeChance: dice.chanceOf(0.5, 0.2),
    repeatChance: isHaunted ? 0.5 : dice.chanceOf(0.5, 0.2),
    strayMs: isHaunted
      ? [1_000, 40_000]
      : dice.pick([
          [0, 50],
          [0, 5_000],
          [1_000, 40_000],
        ]),
    breakMeanMs: dice.meanOf(0.6, [4_000, 60_000]),
    partitionMeanMs: dice.meanOf(0.4, [5_000, 60_000]),
    partitionMs: [1_000, 3 * leaseMs],
  };
}

function journalOf(dice: Luck, segments: Luck, { leaseMs }: World): JournalProfile {
  return {
    syncMs: dice.pick([
      [0, 1],
      [1, 10],
      [5, 300],
    ]),
    stallChance: dice.chanceOf(0.2, 0.01),
    stallMs: [2_000, 2 * leaseMs],
    errorChance: dice.chanceOf(0.2, 0.02),
    fullChance: dice.chanceOf(0.2, 0.02),
    machineChance: dice.pick([0, 0.5, 1]),
    segmentBytesMax: segments.pick([1, 500, 5_000, 50_000, 64 * 1024 * 1024]),
    snapshotAfterBytes: segments.pick([1, 1, 2_000, 20_000, 256 * 1024 * 1024]),
  };
}

function processesOf(dice: Luck, pauses: Luck, { leaseMs }: World): ProcessProfile {
  return {
    driverCrashMeanMs: dice.meanOf(0.7, [5_000, 60_000]),
    actorCrashMeanMs: dice.meanOf(0.6, [8_000, 60_000]),
    mergerCrashMeanMs: dice.meanOf(0.5, [8_000, 60_000]),
    driverPauseMeanMs: pauses.meanOf(0.3, [10_000, 60_000]),
    peerPauseMeanMs: pauses.meanOf(0.3, [5_000, 40_000]),
    pauseMs: pauses.pick([
      [10, 1_000],
      [1_000, 2 * leaseMs],
    ]),
    takeOverChance: pauses.pick([0, 0.5, 1]),
    takeOverMeanMs: pauses.meanOf(0.1, [20_000, 80_000]),
    drainMeanMs: dice.meanOf(0.3, [20_000, 100_000]),
    twinMeanMs: dice.meanOf(0.2, [10_000, 100_000]),
    aimedChance: dice.chanceOf(0.5, 0.03),
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
  };
}

function nodesOf(nodes: Luck): Omit<NodesProfile, "isFirstBroken"> {
  return {
    slowChance: nodes.pick([0, 0, 0.3]),
    blackHoleChance: nodes.pick([0, 0, 0, 0.3]),
    lateChance: nodes.pick([0, 0, 0.5]),
    lateMs: [5_000, 60_000],
    allocationMs: nodes.meanOf(0.2, [20_000, 100_000]),
    allocationGraceMs: nodes.between([0, 20_000]),
    isEndKnown: nodes.chance(0.7),
  };
}

function filesOf(nodes: Luck, { isHaunted }: World): FilesProfile {
  return {
    lateChance: isHaunted ? 0 : nodes.pick([0, 0.1, 0.5]),
    lateMs: [0, 40_000],
    lookMs: isHaunted ? 1_000 : 60_000,
  };
}

function payloadOf(dice: Luck, { isHaunted }: World): PayloadProfile {
  return {
    eventMs: dice.pick([
      [10, 50],
      [100, 2_000],
      [1_000, 20_000],
    ]),
    slowChance: dice.chanceOf(0.3, 0.1),
    slowFactor: 20,
    failChance: dice.chance(0.05) ? 0.95 : dice.chanceOf(0.6, 0.4),
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
    poisonChance: dice.sometimes(0.15, () => 0.05) ?? 0,
    damageChance: isHaunted ? 0.5 : dice.chanceOf(0.3, 0.4),
  };
}

function clientOf(clients: Luck, actors: number): Omit<ClientProfile, "wideChance"> {
  return {
    openChance: clients.pick([0, 0, 0.5]),
    kinds: actors > 1 ? ["odd", "even"] : ["odd"],
    jobs: clients.whole([1, 3]),
    pauseMeanMs: clients.meanOf(0.3, [3_000, 60_000]),
    cancelMeanMs: clients.meanOf(0.3, [5_000, 100_000]),
    retryChance: clients.pick([0, 0.3, 1]),
    noOutputsChance: clients.pick([0, 0, 0.5]),
    keepOutputsChance: clients.pick([0, 0, 0, 0.3]),
    groupingChance: clients.pick([0, 0.5, 0.8]),
    drainMeanMs: clients.meanOf(0.4, [5_000, 60_000]),
  };
}
