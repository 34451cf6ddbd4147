// Asks the driver of a workdir.
//
//   C1. What goes wrong becomes a `CliError` that says what to do, and nothing waits for ever (ask-driver.ts).

import { Metadata, status as codes, type CallOptions } from "@grpc/grpc-js";
import { unreachable } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { InputFile, JobSpec } from "../../shared/core/job-spec.js";
import { inputsToWire, specToWire } from "../../shared/io/wire-types.js";
import type { JobControl } from "../core/job-control.js";
import type { JobStatus } from "../core/job-status.js";
import { askDriver, type Done } from "./ask-driver.js";
import { CliError } from "./cli-error.js";
import { isServiceError } from "./driver-answer.js";
import { JobConnection, jobFromWire, statusFromWire, type JobPage } from "./wire.js";

/** What `submitJob` is told. */
export interface Submitted {
  readonly job: JobNumber;
  /** The job had begun before, by an earlier request of the same id. */
  readonly isRepeated: boolean;
}

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

/** True when the request id was used before, for another job. */
export function isConflict(error: unknown): error is CliError {
  return (
    error instanceof CliError && isServiceError(error.cause) && error.cause.code === codes.FAILED_PRECONDITION
  );
}
