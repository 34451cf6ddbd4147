// Between the driver's JobService and the words of the command line. The only file here that knows generated code.

import {
  type ExplainRequest,
  JobServiceClient,
  type ListJobsResponse,
  JobState as WireJobState,
  type JobStatus as WireJobStatus,
  type WatchJobsResponse,
} from "../../../gen/noctua/v1/job.js";
import { jobNumber, type JobNumber } from "../../shared/core/id.js";
import { atLeastOne, filled, known } from "../../shared/io/wire-checks.js";
import { outputsFromWire, outputsOf } from "../../shared/io/wire-types.js";
import { unreachable } from "../../shared/core/assert.js";
import type { JobState, JobStatus } from "../core/job-status.js";
import type { Question } from "../core/question.js";

/** Makes and is a connection to the driver's JobService. */
export const JobConnection = JobServiceClient;
export type JobConnection = JobServiceClient;
export type JobPage = ListJobsResponse;
export type JobsNews = WatchJobsResponse;

export function jobFromWire(job: number, where: string): JobNumber {
  return jobNumber(atLeastOne(job, where));
}

/** `where` is the path of the field, for the error. */
export function statusFromWire(message: WireJobStatus | undefined, where: string): JobStatus {
  const { job, state, ranges, endedUnixMs, outputs, filesExpected, allocationLeftMs, ...rest } = filled(
    message,
    where,
  );
  return {
    ...rest,
    job: jobFromWire(job, `${where}.job`),
    state: known(states, state, `${where}.state`),
    ranges: filled(ranges, `${where}.ranges`),
    endedUnixMs: endedUnixMs === 0 ? undefined : endedUnixMs,
    outputs: outputsFromWire(outputs, `${where}.outputs`),
    filesExpected,
    allocationLeftMs,
  };
}

export function questionToWire(question: Question): ExplainRequest {
  switch (question.kind) {
    case "job":
      return { about: { $case: "job", value: question.job } };
    case "node":
      return { about: { $case: "node", value: question.name } };
    case "range": {
      const { job, range } = question;
      return { about: { $case: "range", value: { job, range } } };
    }
    case "event": {
      const { job, path, event } = question;
      return { about: { $case: "event", value: { job, input: path, event } } };
    }
    default:
      return unreachable(question);
  }
}

/** Back again; for tests, since the command line says nothing about jobs. */
export function statusToWire(status: JobStatus): WireJobStatus {
  return {
    ...status,
    quarantinedNodes: [...status.quarantinedNodes],
    merging: [...status.merging],
    state: states[status.state],
    ranges: status.ranges,
    endedUnixMs: status.endedUnixMs ?? 0,
    outputs: outputsOf[status.outputs],
  };
}

const states: Readonly<Record<JobState, WireJobState>> = {
  open: WireJobState.JOB_STATE_OPEN,
  running: WireJobState.JOB_STATE_RUNNING,
  suspended: WireJobState.JOB_STATE_SUSPENDED,
  finished: WireJobState.JOB_STATE_FINISHED,
  "finished-with-failures": WireJobState.JOB_STATE_FINISHED_WITH_FAILURES,
  failed: WireJobState.JOB_STATE_FAILED,
  cancelled: WireJobState.JOB_STATE_CANCELLED,
  broken: WireJobState.JOB_STATE_BROKEN,
};
