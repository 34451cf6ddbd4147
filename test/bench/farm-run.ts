// A driver and a crowd at work on one large job: what the benchmarks begin with.

import { systemClock } from "../../services/shared/io/system-clock.js";
import { errorMessage } from "../../services/shared/io/error-code.js";
import { BenchDriver, type BenchDriverOptions } from "./bench-driver.js";
import { submitJob } from "./bench-job.js";
import { Crowd } from "./crowd.js";

export interface FarmRunOptions extends BenchDriverOptions {
  /** Of the job. */
  readonly ranges: number;
  readonly actors: number;
  readonly resultsPerMessage: number;
  readonly rangesInFlight: number;
  /** Outputs of a merge group, which a merger fuses at once. Default: nothing is merged. */
  readonly mergeEvery?: number | undefined;
  /** After the job is submitted, before anybody works on it. */
  readonly onSubmitted?: (driver: BenchDriver) => Promise<void>;
}

export interface FarmRun {
  readonly driver: BenchDriver;
  readonly crowd: Crowd;
  readonly job: number;
  /** From asking to join until the last of the actors has its session. */
  readonly joinedSeconds: number;
}

/** Hands over the farm when all actors have joined; they ask for work when `crowd.work()` is called. */
export async function withFarm<Result>(
  options: FarmRunOptions,
  measure: (run: FarmRun) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const driver = await BenchDriver.start(options, signal);
  try {
    const job = await submitJob(driver, options.ranges, { mergeEvery: options.mergeEvery });
    await options.onSubmitted?.(driver);
    const { workdir, actors, resultsPerMessage, rangesInFlight } = options;
    const beganAtMs = systemClock.nowMs();
    const mergers = options.mergeEvery === undefined ? 0 : 1;
    const crowd = await Crowd.join({ workdir, actors, job, resultsPerMessage, rangesInFlight, mergers });
    try {
      const joinedSeconds = (systemClock.nowMs() - beganAtMs) / 1_000;
      return await measure({ driver, crowd, job, joinedSeconds });
    } finally {
      await crowd.leave();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Error(`${errorMessage(error)}\nthe driver's log ends:\n${await driver.logTail()}`, {
      cause: error,
    });
  } finally {
    await driver.end("SIGKILL");
  }
}
