// What a large job costs in memory: after it is submitted, and after some of its ranges are completed, whether they are
// merged meanwhile or not. It is the whole process, in which a thread makes snapshots.

import type { DriverSample } from "./bench-driver.js";
import { withFolder } from "./bench-folder.js";
import { withFarm, type FarmRun } from "./farm-run.js";
import { workUntilDone } from "./recover.js";
import { figure, megabytes, tableText } from "./table.js";

export interface MemoryOptions {
  readonly folder: string;
  readonly program?: string | undefined;
  readonly nodeFlags?: readonly string[];
  /** Of the job. */
  readonly ranges: number;
  /** So many of them are completed, at least; at most all. */
  readonly complete: number;
  readonly actors: number;
  readonly resultsPerMessage: number;
  /** Outputs of a merge group; undefined: nothing is merged. */
  readonly mergeEvery: number | undefined;
  /** Of journal, such as "64MB"; undefined: as the driver has it. */
  readonly snapshotAfter: string | undefined;
}

export interface MemoryFigures {
  readonly ranges: number;
  readonly submitted: DriverSample;
  /** When half of what is to be completed was completed. */
  readonly half: DriverSample;
  readonly done: DriverSample;
  readonly seconds: number;
  readonly peakRssBytes: number | undefined;
}

export async function measureMemory(options: MemoryOptions, signal: AbortSignal): Promise<MemoryFigures> {
  const { mergeEvery, snapshotAfter, ranges, resultsPerMessage } = options;
  const complete = Math.min(options.complete, ranges);
  return withFolder(options.folder, async (workdir) => {
    let submitted: DriverSample | undefined;
    const farm = {
      ...options,
      workdir,
      rangesInFlight: 2 * resultsPerMessage,
      driverArguments: snapshotAfter === undefined ? [] : ["--snapshot-after", snapshotAfter],
      onSubmitted: async (driver: FarmRun["driver"]) => {
        submitted = await driver.sample();
      },
    };
    const measure = async (run: FarmRun): Promise<MemoryFigures> => {
      const { driver } = run;
      const before = submitted ?? (await driver.sample());
      const pace = (): (() => Promise<void>) | undefined =>
        mergeEvery === undefined ? undefined : pacer(run);
      const first = await workUntilDone(run, complete / 2, signal, pace());
      const half = await driver.sample();
      // The first half went further than it had to: all that is left may be less than another.
      const second = await workUntilDone(run, complete - first.acknowledged, signal, pace());
      const done = await driver.sample();
      const seconds = first.seconds + second.seconds;
      return { ranges, submitted: before, half, done, seconds, peakRssBytes: await driver.peakRssBytes() };
    };
    return withFarm(farm, measure, signal);
  });
}

/** Outputs that may wait to be merged: payloads are slower than a crowd that has none. */
const unmergedMax = 500_000;

/** Has the crowd rest while too many outputs are not merged. */
function pacer({ driver, crowd }: FarmRun): () => Promise<void> {
  let rests = false;
  return async () => {
    const { rangesDone, rangesMerged } = await driver.sample();
    const mustRest = rangesDone - rangesMerged > unmergedMax;
    if (mustRest === rests) return;
    rests = mustRest;
    if (rests) crowd.rest();
    else crowd.work();
  };
}

export function memoryText({ ranges, submitted, half, done, seconds, peakRssBytes }: MemoryFigures): string {
  // Of the second half alone: the heap and its garbage grow for a while, whatever the job.
  const second = done.rangesJournaled - half.rangesJournaled;
  const bytesPerRange = second === 0 ? 0 : (done.rssBytes - half.rssBytes) / second;
  const left = ranges - done.rangesJournaled;
  const table = tableText([
    ["ranges of the job", figure(ranges)],
    ["driver RSS when it is submitted, MB", megabytes(submitted.rssBytes)],
    ["ranges completed", figure(done.rangesJournaled)],
    ["of these, merged", figure(done.rangesMerged)],
    ["in seconds", figure(seconds, 1)],
    ["driver RSS when half of them were, MB", megabytes(half.rssBytes)],
    ["driver RSS then, MB", megabytes(done.rssBytes)],
    ["its heap, garbage included, MB", megabytes(done.heapUsedBytes)],
    ["its typed arrays, garbage included, MB", megabytes(done.externalBytes)],
    ["at most, snapshots included, MB", megabytes(peakRssBytes)],
    ["the last snapshot, MB", done.snapshotBytes === 0 ? "none" : megabytes(done.snapshotBytes)],
    ["seconds in its thread", figure(done.snapshotSeconds, 1)],
    ["bytes a completed range, in the second half", figure(bytesPerRange, 1)],
    ["if that goes on to the last range, MB", megabytes(done.rssBytes + bytesPerRange * left)],
  ]);
  return `memory: one job\n\n${table}`;
}
