// Random small jobs.

import {
  byArrival,
  nothingToMerge,
  type InputFile,
  type JobSpec,
  type MergeGrouping,
} from "../../services/shared/core/job-spec.js";
import type { Dice } from "./dice.js";
import type { JobsProfile } from "./profile.js";
import { noNeeds } from "../../services/shared/core/payload-needs.js";

const backoffs = [
  { firstMs: 0, lastMs: 0 },
  { firstMs: 1_000, lastMs: 60_000 },
];

/** New files, which no job has yet. */
export function randomInputs(dice: Dice, name: string, eventsMax: number): InputFile[] {
  return Array.from({ length: dice.whole([1, 3]) }, (_, i) => ({
    path: `/data/${name}.${i}.lhe`,
    firstEvent: dice.whole([1, 5]),
    events: dice.whole([1, eventsMax]),
    guid: "",
    scope: "",
    sizeBytes: dice.whole([0, 1_000_000]),
    modifiedUnixMs: 1_600_000_000_000,
  }));
}

export function randomJob(dice: Dice, name: string, profile: JobsProfile): JobSpec {
  const isSo = (chance: number): boolean => chance > 0 && dice.chance(chance);
  const narrow = jobWithFiles(dice, name, profile);
  const job = isSo(profile.wideChance) ? wide(narrow, dice.whole([2, 4])) : narrow;
  if (isSo(profile.noOutputsChance)) return { ...job, outputs: "none", merge: nothingToMerge };
  if (isSo(profile.keepOutputsChance)) return { ...job, merge: nothingToMerge };
  return isSo(profile.groupingChance) ? { ...job, merge: { ...job.merge, grouping: groupingOf(dice) } } : job;
}

function wide({ payload, ...job }: JobSpec, cores: number): JobSpec {
  return { ...job, payload: { ...payload, needs: { ...payload.needs, cores } } };
}

function groupingOf(dice: Dice): MergeGrouping {
  if (dice.chance(0.3)) return { kind: "arrival", maxDelayMs: dice.pick([1, 5_000]) };
  return { kind: "range", acrossFiles: dice.chance(0.4) };
}

function jobWithFiles(dice: Dice, name: string, { openChance, kinds }: JobsProfile): JobSpec {
  const inputs = randomInputs(dice, name, dice.chance(0.05) ? 150 : 16);
  return {
    name,
    jobDir: "/data",
    inputs,
    eventsPerRange: dice.whole([1, 3]),
    payload: { kind: "exec", command: ["simulate", "{input}"], timeoutMs: 3_600_000, needs: noNeeds },
    outputs: "files",
    outputSuffix: ".out",
    merge: {
      grouping: byArrival,
      everyOutputs: dice.whole([1, 8]),
      tool: { kind: "concat" },
      attemptsMax: dice.whole([1, 3]),
      timeoutMs: 3_600_000,
    },
    requires: dice.chance(0.2) ? { kind: dice.pick(kinds) } : {},
    variants: [],
    retry: { attemptsMax: dice.whole([1, 3]), backoff: dice.pick(backoffs), rules: [] },
    speculation: { enabled: dice.chance(0.7), factor: 2 },
    durability: dice.pick(["strict", "strict", "relaxed"]),
    open: dice.chance(openChance),
    priority: dice.whole([0, 2]),
  };
}
