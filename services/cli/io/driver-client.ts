// Asks the driver of a workdir.
//
//   C1. What goes wrong becomes a `CliError` that says what to do, and nothing waits for ever.

import { Metadata, status as codes, type CallOptions } from "@grpc/grpc-js";
import { unreachable } from "../../shared/core/assert.js";
import { formatDuration } from "../../shared/core/duration.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { InputFile, JobSpec } from "../../shared/core/job-spec.js";
import { backoffMs } from "../../shared/core/rng.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { sleep, systemClock, systemRng } from "../../shared/io/system-clock.js";
import { inputsToWire, specToWire } from "../../shared/io/wire-types.js";
import type { JobControl } from "../core/job-control.js";
import { isOver, type JobStatus } from "../core/job-status.js";
import { askDriver, dialDriver, type Done } from "./ask-driver.js";
import { CliError, exitCodes } from "./cli-error.js";
import { explained, isServiceError } from "./driver-answer.js";
import { JobConnection, jobFromWire, statusFromWire, type JobPage } from "./wire.js";

const redial = { firstMs: 200, lastMs: 3_000 };

/** What `submitJob` is told. */
export interface Submitted {
  readonly job: JobNumber;
  /** The job had begun before, by an earlier request of the same id. */
  readonly isRepeated: boolean;
}

/** What is heard of a job that is watched. */
export type JobNews =
  { readonly kind: "status"; readonly status: JobStatus } | { readonly kind: "away"; readonly why: string };

export async function submitJob(
  workdir: string,
  requestId: string,
  spec: JobSpec,
  signal: AbortSignal,
): Promise<Submitted> {
  const request = { requestId, spec: specToWire(spec) };
  const answer = await ask<{ job: number; repeatedRequest: boolean }>(workdir, signal, (driver, how, done) =>
    driver.submitJob(request, new Metadata(), how, done),
  );
  return { job: jobFromWire(answer.job, "SubmitJobResponse.job"), isRepeated: answer.repeatedRequest };
}

export async function getJob(workdir: string, job: JobNumber, signal: AbortSignal): Promise<JobStatus> {
  const answer = await ask<{ status: Parameters<typeof statusFromWire>[0] }>(
    workdir,
    signal,
    (driver, how, done) => driver.getJob({ job }, new Metadata(), how, done),
  );
  return statusFromWire(answer.status, "GetJobResponse.status");
}

export async function listJobs(workdir: string, signal: AbortSignal): Promise<readonly JobStatus[]> {
  const jobs: JobStatus[] = [];
  let pageToken = "";
  do {
    const page = await ask<JobPage>(workdir, signal, (driver, how, done) =>
      driver.listJobs({ pageSize: 1_000, pageToken }, new Metadata(), how, done),
    );
    for (const job of page.jobs) jobs.push(statusFromWire(job, `ListJobsResponse.jobs[${jobs.length}]`));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return jobs;
}

/** What `addRanges` is told. */
export interface Added {
  readonly firstRange: number;
  readonly ranges: number;
  /** They had been added before, by an earlier request of the same id. */
  readonly isRepeated: boolean;
}

export async function addRanges(
  workdir: string,
  asked: { readonly job: JobNumber; readonly requestId: string; readonly inputs: readonly InputFile[] },
  signal: AbortSignal,
): Promise<Added> {
  const request = { ...asked, inputs: inputsToWire(asked.inputs) };
  const answer = await ask<{ firstRange: number; ranges: number; repeatedRequest: boolean }>(
    workdir,
    signal,
    (driver, how, done) => driver.addRanges(request, new Metadata(), how, done),
  );
  const { firstRange, ranges, repeatedRequest } = answer;
  return { firstRange, ranges, isRepeated: repeatedRequest };
}

/** Asks it once, however often the request is repeated under its id (P11). */
export async function controlJob(
  workdir: string,
  asked: { readonly control: JobControl; readonly job: JobNumber; readonly requestId: string },
  signal: AbortSignal,
): Promise<JobStatus> {
  const request = { job: asked.job, requestId: asked.requestId };
  const answer = await ask<{ status: Parameters<typeof statusFromWire>[0] }>(
    workdir,
    signal,
    (driver, how, done) => {
      switch (asked.control) {
        case "cancel":
          return driver.cancelJob(request, new Metadata(), how, done);
        case "pause":
          return driver.pauseJob(request, new Metadata(), how, done);
        case "resume":
          return driver.resumeJob(request, new Metadata(), how, done);
        case "retry":
          return driver.retryJob(request, new Metadata(), how, done);
        case "close":
          return driver.closeJob(request, new Metadata(), how, done);
        default:
          return unreachable(asked.control);
      }
    },
  );
  return statusFromWire(answer.status, "status");
}

/**
 * A job as it stands now and after every change, until it is over. Dials again when the driver goes away, and gives up
 * when nothing was heard of it for `patienceMs`.
 */
export async function* watchJob(
  workdir: string,
  job: JobNumber,
  patienceMs: number,
  signal: AbortSignal,
): AsyncGenerator<JobNews, void> {
  const rng = systemRng();
  let sequence = 0;
  let attempt = 0;
  let heardAtMs = systemClock.nowMs();
  for (;;) {
    let why = "the driver ended the watch";
    try {
      for await (const status of watchOnce(workdir, job, sequence, signal)) {
        ({ sequence } = status);
        attempt = 0;
        heardAtMs = systemClock.nowMs();
        yield { kind: "status", status };
        if (isOver(status.state)) return;
        heardAtMs = systemClock.nowMs();
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error)) throw explained(error, workdir);
      const awayMs = systemClock.nowMs() - heardAtMs;
      if (awayMs > patienceMs) throw driverAway(awayMs, error, workdir);
      why = errorMessage(error);
    }
    yield { kind: "away", why };
    await sleep(backoffMs(attempt, redial, rng), signal);
    attempt += 1;
  }
}

async function* watchOnce(
  workdir: string,
  job: JobNumber,
  afterSequence: number,
  signal: AbortSignal,
): AsyncGenerator<JobStatus, void> {
  const driver = await dialDriver(JobConnection, workdir);
  const call = driver.watchJob({ job, afterSequence });
  const cancel = (): void => call.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    for await (const message of messagesOf(call))
      yield statusFromWire(message.status, "WatchJobResponse.status");
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
    driver.close();
  }
}

/** A stream's messages by their type, which Node's own declarations do not tell. */
function messagesOf(
  call: ReturnType<JobConnection["watchJob"]>,
): AsyncIterable<{ status: Parameters<typeof statusFromWire>[0] }> {
  return call;
}

type Call<Answer> = (
  driver: JobConnection,
  how: Partial<CallOptions>,
  done: Done<Answer>,
) => { cancel(): void };

/** One question to the JobService, and its answer. */
export function ask<Answer>(workdir: string, signal: AbortSignal, call: Call<Answer>): Promise<Answer> {
  return askDriver(JobConnection, { workdir, signal }, call);
}

const passing: readonly number[] = [
  codes.UNAVAILABLE,
  codes.DEADLINE_EXCEEDED,
  codes.CANCELLED,
  codes.INTERNAL,
  codes.UNKNOWN,
  codes.ABORTED,
];

/** True for what may be otherwise when the driver is asked again. */
export function mayPass(error: unknown): boolean {
  const origin = error instanceof CliError ? error.cause : error;
  return isServiceError(origin) && passing.includes(origin.code);
}

function driverAway(awayMs: number, error: unknown, workdir: string): CliError {
  const found = `nothing was heard of the driver of ${workdir} for ${formatDuration(awayMs)} (${errorMessage(error)})`;
  const remedy = `start one with  noctua driver --workdir ${workdir}  and look at the job with  noctua status`;
  return new CliError(exitCodes.driverUnavailable, `${found}: ${remedy}`, error);
}

/** True when the request id was used before, for another job. */
export function isConflict(error: unknown): error is CliError {
  return (
    error instanceof CliError && isServiceError(error.cause) && error.cause.code === codes.FAILED_PRECONDITION
  );
}
