// Shows how a job goes on, until it is over.

import { harmless } from "../../shared/core/harmless.js";
import type { JobNumber } from "../../shared/core/id.js";
import { every, systemClock } from "../../shared/io/system-clock.js";
import { FollowedJob } from "../core/followed-job.js";
import { isOver, type JobStatus } from "../core/job-status.js";
import { CliError, exitCodes, type ExitCode } from "../io/cli-error.js";
import { watchJobs } from "../io/job-watch.js";
import type { Terminal } from "../io/terminal.js";

/** How often the line is made anew while nothing is heard, so that its ETA stays honest. */
const refreshMs = 1_000;

export interface FollowOptions {
  readonly workdir: string;
  readonly job: JobNumber;
  /** Gives up when the driver is away for so long. */
  readonly patienceMs: number;
}

/** Resolves with the job as it stood at its end. */
export async function followJob(
  { workdir, job, patienceMs }: FollowOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<JobStatus> {
  let followed: FollowedJob | undefined;
  const show = (): void => {
    if (followed === undefined) return;
    const line = followed.line(systemClock.nowMs(), terminal.width);
    terminal.progress(harmless(line), followed.phase);
  };
  const cancelRefresh = every(refreshMs, show);
  try {
    for await (const news of watchJobs({ workdir, jobs: [job], patienceMs }, signal)) {
      if (news.kind === "away") followed?.lose();
      else if (news.kind === "back") followed?.find();
      else if (followed === undefined) followed = new FollowedJob(news.status, systemClock.nowMs());
      else followed.hear(news.status, systemClock.nowMs());
      show();
    }
  } finally {
    cancelRefresh();
    terminal.endProgress();
  }
  if (followed !== undefined && isOver(followed.status.state)) return followed.status;
  throw new CliError(exitCodes.internal, `the watch of job ${job} ended before the job did`);
}

/** What the shell is told of a job that is over. */
export function exitCodeOf(status: JobStatus): ExitCode {
  return status.state === "finished" ? exitCodes.ok : exitCodes.bad;
}
