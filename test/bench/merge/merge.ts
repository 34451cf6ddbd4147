// How fast outputs become merged files.
//
// Driver and merger are real; outputs are made beforehand, and reported all at once (or one by one, where a delay is
// measured). The time to the last published file holds everything from the message that reports them: books, checks of all
// inputs, merged files written, summed and fsynced with their folder, their final names, and what the driver has removed by
// then of what was merged, on the same cores. The time to the end of the job holds all removals, and the report.
//
// Beside it, `cat` or `tar`, started anew for each group, does the same with as many files of the same content, one pass sums
// what it made, and file and folder are fsynced; behind that, `rm` removes the inputs. That is what any merge has to do; nobody
// checks what is read, gives names, or knows what was done.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { systemClock } from "../../../services/shared/io/system-clock.js";
import { peakBytes, processorSeconds } from "../processor-time.js";
import { quantilesOf, type Quantiles } from "../quantiles.js";
import { withMergeFarm, type MergeFarm, type MergeFarmOptions, type MergeShape } from "./merge-farm.js";
import { measurePlain, type PlainFigures } from "./plain-tools.js";

export interface MergeFigures {
  readonly shape: MergeShape;
  /** From the report of the outputs to the last published file. */
  readonly seconds: number;
  /** Undefined when it was not measured. */
  readonly plain: PlainFigures | undefined;
  /** From the report of the outputs to the end of the job: inputs are removed, and the report is written. */
  readonly endSeconds: number;
  /** Of processor time, for a group. */
  readonly driverMs: number;
  readonly mergerMs: number;
  /** The most memory that they ever had. */
  readonly driverBytes: number | undefined;
  readonly mergerBytes: number | undefined;
}

/** All outputs of all groups at once. */
export async function measureMerges(
  shape: MergeShape,
  options: MergeFarmOptions & { readonly isPlainMeasured: boolean },
  signal: AbortSignal,
): Promise<MergeFigures> {
  const { groups, outputsPerGroup, tool } = shape;
  return withMergeFarm(
    shape,
    options,
    async (farm) => {
      const { actor, driver, folder, published } = farm;
      const merger = await farm.startMerger();
      await settle();
      const processes = [driver.address.pid, merger.pid];
      const before = await Promise.all(processes.map(processorSeconds));
      const [beganAtMs, beganUnixMs] = [systemClock.nowMs(), systemClock.unixMs()];
      actor.report(0, groups * outputsPerGroup);
      await farm.when(({ filesMerged }) => filesMerged === groups);
      const { endedUnixMs } = await farm.when((status) => status.endedUnixMs > 0);
      const after = await Promise.all(processes.map(processorSeconds));
      const [driverMs = Number.NaN, mergerMs = Number.NaN] = after.map(
        (seconds = Number.NaN, i) => (1_000 * (seconds - (before[i] ?? Number.NaN))) / groups,
      );
      const [driverBytes, mergerBytes] = await Promise.all(processes.map(peakBytes));
      const seconds = (published.atMs(groups) - beganAtMs) / 1_000;
      const endSeconds = (endedUnixMs - beganUnixMs) / 1_000;
      const members = Array.from({ length: groups }, (_, i) =>
        actor.paths(i * outputsPerGroup, outputsPerGroup),
      );
      const plain = options.isPlainMeasured
        ? await measurePlain({ tool, groups: members, content: farm.content }, folder, signal)
        : undefined;
      return { shape, seconds, plain, endSeconds, driverMs, mergerMs, driverBytes, mergerBytes };
    },
    signal,
  );
}

export interface DelayFigures {
  readonly shape: MergeShape;
  /** From the report of a group's last output to its published file. */
  readonly publishedMs: Quantiles | undefined;
  /** From the report of the job's last output to its end. */
  readonly endedMs: number;
}

/** One group after the other, whose last output comes by itself. */
export async function measureDelays(
  shape: MergeShape,
  options: MergeFarmOptions,
  signal: AbortSignal,
): Promise<DelayFigures> {
  const { groups, outputsPerGroup } = shape;
  return withMergeFarm(
    shape,
    options,
    async (farm) => {
      await farm.startMerger();
      const delays: number[] = [];
      let endedMs = Number.NaN;
      for (let group = 0; group < groups; group += 1) {
        const last = await completeGroup(farm, group * outputsPerGroup, outputsPerGroup);
        await farm.when(({ filesMerged }) => filesMerged > group);
        delays.push(farm.published.atMs(group + 1) - last.atMs);
        if (group + 1 < groups) continue;
        endedMs = (await farm.when((status) => status.endedUnixMs > 0)).endedUnixMs - last.atUnixMs;
      }
      return { shape, publishedMs: quantilesOf(delays), endedMs };
    },
    signal,
  );
}

/** When the last of its outputs was reported, alone. */
async function completeGroup(
  { actor, when }: MergeFarm,
  first: number,
  outputs: number,
): Promise<{ readonly atMs: number; readonly atUnixMs: number }> {
  actor.report(first, outputs - 1);
  const reported = first + outputs - 1;
  await when(({ ranges }) => (ranges?.done ?? 0) + (ranges?.merged ?? 0) === reported);
  actor.report(reported, 1);
  return { atMs: systemClock.nowMs(), atUnixMs: systemClock.unixMs() };
}

/** What is dirty is written before anything is measured. */
async function settle(): Promise<void> {
  await promisify(execFile)("sync");
}
