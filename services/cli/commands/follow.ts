// Shows how a job goes on, until it is over.

import type { JobNumber } from "../../shared/core/id.js";
import { every, systemClock } from "../../shared/io/system-clock.js";
import { isOver, rangesSettled, type JobStatus } from "../core/job-status.js";
import { phaseOf } from "../core/plain-pace.js";
import { progressLine } from "../core/progress.js";
import { RateMeter } from "../core/rate-meter.js";
import { CliError, exitCodes, type ExitCode } from "../io/cli-error.js";
import { watchJob } from "../io/driver-client.js";
import type { Terminal } from "../io/terminal.js";

/** How often the line is made anew while nothing is heard, so that its ETA stays honest. */
const refreshMs = 1_000;

export interface FollowOptions {
  readonly workdir: string;
  readonly job: JobNumber;
  /** How many merged files there will be; undefined when nobody knows. */
  readonly filesExpected: number | undefined;
  /** Gives up when the driver is away for so long. */
  readonly patienceMs: number;
}

/** Resolves with the job as it stood at its end. */
export async function followJob(
  options: FollowOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<JobStatus> {
  const meter = new RateMeter();
  let status: JobStatus | undefined;
  let away = "";
  const show = (): void => {
    if (status === undefined) return;
    const nowMs = systemClock.nowMs();
    meter.note(nowMs, rangesSettled(status));
    const view = {
      status,
      filesExpected: options.filesExpected,
      rangesPerSecond: meter.perSecond(nowMs),
      away,
    };
    terminal.progress(progressLine(view, terminal.width), phaseOf(status, away));
  };
  const cancelRefresh = every(refreshMs, show);
  try {
    for await (const news of watchJob(options.workdir, options.job, options.patienceMs, signal)) {
      if (news.kind === "status") [status, away] = [news.status, ""];
      else away = "driver away, trying again";
      show();
    }
  } finally {
    cancelRefresh();
    terminal.endProgress();
  }
  if (status !== undefined && isOver(status.state)) return status;
  throw new CliError(exitCodes.internal, `the watch of job ${options.job} ended before the job did`);
}

/** What the shell is told of a job that is over. */
export function exitCodeOf(status: JobStatus): ExitCode {
  return status.state === "finished" ? exitCodes.ok : exitCodes.bad;
}
