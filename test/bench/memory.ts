// What a large job costs in memory: after it is submitted, and after some of its ranges are completed.

import { withFolder } from "./bench-folder.js";
import { withFarm } from "./farm-run.js";
import { workUntilDone } from "./recover.js";
import { figure, megabytes, tableText } from "./table.js";

export interface MemoryOptions {
  readonly folder: string;
  readonly program?: string | undefined;
  readonly nodeFlags?: readonly string[];
  /** Of the job. */
  readonly ranges: number;
  /** So many of them are completed, at least. */
  readonly complete: number;
  readonly actors: number;
  readonly resultsPerMessage: number;
}

export interface MemoryFigures {
  readonly ranges: number;
  readonly rangesDone: number;
  readonly rssSubmittedBytes: number;
  readonly rssDoneBytes: number;
  readonly peakRssBytes: number | undefined;
}

export async function measureMemory(options: MemoryOptions, signal: AbortSignal): Promise<MemoryFigures> {
  return withFolder(options.folder, async (workdir) => {
    let rssSubmittedBytes = 0;
    const { complete, ...shape } = options;
    return withFarm(
      {
        ...shape,
        workdir,
        rangesInFlight: 2 * options.resultsPerMessage,
        onSubmitted: async (driver) => {
          rssSubmittedBytes = (await driver.sample()).rssBytes;
        },
      },
      async (run) => {
        await workUntilDone(run, complete, signal);
        const { rangesJournaled, rssBytes } = await run.driver.sample();
        return {
          ranges: options.ranges,
          rangesDone: rangesJournaled,
          rssSubmittedBytes,
          rssDoneBytes: rssBytes,
          peakRssBytes: await run.driver.peakRssBytes(),
        };
      },
      signal,
    );
  });
}

export function memoryText(figures: MemoryFigures): string {
  const { ranges, rangesDone, rssSubmittedBytes, rssDoneBytes } = figures;
  // With few ranges it holds the growth of the driver's heap too, which ends.
  const bytesPerRange = (rssDoneBytes - rssSubmittedBytes) / rangesDone;
  const table = tableText([
    ["ranges of the job", figure(ranges)],
    ["driver RSS when it is submitted, MB", megabytes(rssSubmittedBytes)],
    ["ranges completed, none merged", figure(rangesDone)],
    ["driver RSS then, MB", megabytes(rssDoneBytes)],
    ["at most, MB", megabytes(figures.peakRssBytes)],
    ["bytes a completed range", figure(bytesPerRange, 1)],
    ["if that goes on to the last range, MB", megabytes(rssSubmittedBytes + bytesPerRange * ranges)],
  ]);
  return `memory: one job\n\n${table}`;
}
