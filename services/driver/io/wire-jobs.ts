// Between JobService and the driver's words.

import type { ServerWritableStream } from "@grpc/grpc-js";
import {
  JobServiceService,
  JobState,
  type JobServiceServer,
  type JobStatus as StatusMessage,
  type WatchJobRequest,
  type WatchJobResponse,
} from "../../../gen/noctua/v1/job.js";
import type { JobStatus } from "../core/status.js";

/** What grpc-js calls the service for clients. */
export const jobService = JobServiceService;
export type JobServiceHandlers = JobServiceServer;

/** A client that watches a job. */
export type WatchCall = ServerWritableStream<WatchJobRequest, WatchJobResponse>;

export function statusToWire(status: JobStatus): StatusMessage {
  return { ...status, state: states[status.state], ranges: { ...status.ranges } };
}

const states: Record<JobStatus["state"], JobState> = {
  running: JobState.JOB_STATE_RUNNING,
  suspended: JobState.JOB_STATE_SUSPENDED,
  finished: JobState.JOB_STATE_FINISHED,
  "finished-with-failures": JobState.JOB_STATE_FINISHED_WITH_FAILURES,
  failed: JobState.JOB_STATE_FAILED,
  cancelled: JobState.JOB_STATE_CANCELLED,
};
