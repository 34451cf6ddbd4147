// Hears of jobs until they are over, from one driver of the run after the other.
//
//   W1. One stream for all of them. A next one goes on from where the last one ended, so nothing is told twice or left out.
//   W2. That the driver is away is told once, and so is that it is back.

import { formatDuration } from "../../shared/core/duration.js";
import type { JobNumber } from "../../shared/core/id.js";
import { backoffMs } from "../../shared/core/rng.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { sleep, systemClock, systemRng } from "../../shared/io/system-clock.js";
import { isOver, type JobStatus } from "../core/job-status.js";
import { dialDriver } from "./ask-driver.js";
import { CliError, exitCodes } from "./cli-error.js";
import { explained } from "./driver-answer.js";
import { mayPass } from "./driver-client.js";
import { JobConnection, statusFromWire, type JobsNews } from "./wire.js";

/** Jobs that one stream takes (job.proto, WatchJobsRequest). */
export const watchedMax = 1_000;

const redial = { firstMs: 200, lastMs: 3_000 };

/** What is heard of jobs that are watched; the driver is away, and back, for all of them. */
export type JobNews =
  | { readonly kind: "status"; readonly status: JobStatus }
  | { readonly kind: "away"; readonly why: string }
  | { readonly kind: "back" };

export interface Watched {
  readonly workdir: string;
  /** At most `watchedMax`. */
  readonly jobs: readonly JobNumber[];
  /** Gives up when the driver is away for so long. */
  readonly patienceMs: number;
}

/** Each job as it stands now and after every change, until it is over. Dials again when the driver goes away. */
export async function* watchJobs(watched: Watched, signal: AbortSignal): AsyncGenerator<JobNews, void> {
  const { workdir, patienceMs } = watched;
  const rng = systemRng();
  const left = new Set(watched.jobs);
  let resumeToken = "";
  let attempt = 0;
  let lostAtMs = 0;
  while (left.size > 0) {
    let why = "the driver ended the watch";
    try {
      for await (const { jobs, resumeToken: next } of watchOnce(workdir, [...left], resumeToken, signal)) {
        if (attempt > 0) yield { kind: "back" }; // (W2)
        attempt = 0;
        yield* newsIn(jobs, left);
        resumeToken = next; // (W1)
        if (left.size === 0) return;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error)) throw explained(error, workdir);
      const awayMs = attempt === 0 ? 0 : systemClock.nowMs() - lostAtMs; // A stream may be silent for hours, and well.
      if (awayMs > patienceMs) throw driverAway(awayMs, error, workdir);
      why = errorMessage(error);
    }
    if (attempt === 0) {
      lostAtMs = systemClock.nowMs();
      yield { kind: "away", why }; // (W2)
    }
    await sleep(backoffMs(attempt, redial, rng), signal);
    attempt += 1;
  }
}

/** A job that somebody took up again after its end is not watched any more. */
function* newsIn(jobs: readonly JobStatus[], left: Set<JobNumber>): Generator<JobNews, void> {
  for (const status of jobs) {
    if (!left.has(status.job)) continue;
    if (isOver(status.state)) left.delete(status.job);
    yield { kind: "status", status };
  }
}

interface Heard {
  readonly jobs: readonly JobStatus[];
  readonly resumeToken: string;
}

async function* watchOnce(
  workdir: string,
  jobs: readonly JobNumber[],
  resumeToken: string,
  signal: AbortSignal,
): AsyncGenerator<Heard, void> {
  const driver = await dialDriver(JobConnection, workdir);
  const call = driver.watchJobs({ jobs: [...jobs], resumeToken });
  const cancel = (): void => call.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    for await (const { jobs: told, resumeToken: next } of messagesOf(call)) {
      const statuses = told.map((job, i) => statusFromWire(job, `WatchJobsResponse.jobs[${i}]`));
      yield { jobs: statuses, resumeToken: next };
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
    driver.close();
  }
}

/** A stream's messages by their type, which Node's own declarations do not tell. */
function messagesOf(call: ReturnType<JobConnection["watchJobs"]>): AsyncIterable<JobsNews> {
  return call;
}

function driverAway(awayMs: number, error: unknown, workdir: string): CliError {
  const found = `nothing was heard of the driver of ${workdir} for ${formatDuration(awayMs)} (${errorMessage(error)})`;
  const remedy = `start one with  noctua driver --workdir ${workdir}  and look at the job with  noctua status`;
  return new CliError(exitCodes.driverUnavailable, `${found}: ${remedy}`, error);
}
