// Between JobService and the driver's words.

import type { ServerWritableStream } from "@grpc/grpc-js";
import {
  AddRangesRequest,
  FailedRange,
  JobServiceService,
  JobState,
  JobStatus as StatusMessage,
  PublishedFile as MergedFileMessage,
  RangeSpan as RangeSpanMessage,
  type ExplainRequest,
  type ExplainResponse,
  SubmitJobRequest,
  type AddRangesResponse,
  type JobServiceServer,
  type ListJobsResponse,
  type ListMergedFilesResponse,
  type WatchJobRequest,
  type WatchJobResponse,
  type WatchJobsRequest,
  type WatchJobsResponse,
  RangeState as WireRangeState,
  type ListFailuresRequest,
  type ListFailuresResponse,
  type ListRangesRequest,
  type ListRangesResponse,
} from "../../../gen/noctua/v1/job.js";
import { unreachable } from "../../shared/core/assert.js";
import { jobNumber } from "../../shared/core/id.js";
import type { FailureClass } from "../../shared/core/failure.js";
import type { FailureLine } from "../../shared/core/report.js";
import { cased, each, known } from "../../shared/io/wire-checks.js";
import { failureClasses } from "../../shared/io/wire-retry.js";
import { failureToWire, outputsOf, spansToWire } from "../../shared/io/wire-types.js";
import type { Explanation, Question } from "../core/explain/explanation.js";
import type { PublishedFile } from "../core/merged-files.js";
import type { RangeSpan } from "../core/range-spans.js";
import type { RangeState } from "../core/state/range-page.js";
import type { JobStatus } from "../core/status.js";
import type { RunningMerges } from "./merge-news.js";

/** What grpc-js calls the service for clients. */
export const jobService = JobServiceService;
export type JobServiceHandlers = JobServiceServer;

/** A client that watches a job. */
export type WatchCall = ServerWritableStream<WatchJobRequest, WatchJobResponse>;

/** A client that watches several. */
export type WatchJobsCall = ServerWritableStream<WatchJobsRequest, WatchJobsResponse>;

export type SubmitRequest = SubmitJobRequest;
export type AddRequest = AddRangesRequest;
export type AddResponse = AddRangesResponse;

export type { StatusMessage };
export type JobPage = ListJobsResponse;
export type MergedFilePage = ListMergedFilesResponse;
export type RangesRequest = ListRangesRequest;
export type RangePage = ListRangesResponse;
export type FailuresRequest = ListFailuresRequest;
export type FailurePage = ListFailuresResponse;

/** What a submission takes on the wire, which is what it will take in the journal. */
export function bytesOfSubmit(request: SubmitRequest): number {
  return SubmitJobRequest.encode(request).finish().length;
}

/** What ranges to be added take on the wire, which is what they will take in the journal. */
export function bytesOfAdd(request: AddRequest): number {
  return AddRangesRequest.encode(request).finish().length;
}

export function bytesOfStatus(message: StatusMessage): number {
  return StatusMessage.encode(message).finish().length;
}

export function bytesOfFile(message: MergedFileMessage): number {
  return MergedFileMessage.encode(message).finish().length;
}

export function bytesOfSpan(message: RangeSpanMessage): number {
  return RangeSpanMessage.encode(message).finish().length;
}

export function bytesOfFailure(message: FailedRange): number {
  return FailedRange.encode(message).finish().length;
}

/** With what is known besides the farm. */
export interface ShownStatus extends Omit<JobStatus, "endsAtMs">, RunningMerges {
  /** Events that are done within ranges that run. */
  readonly eventsRunning: number;
  /** Until the wall time of the last of the connected actors ends. */
  readonly allocationLeftMs: number | undefined;
}

export function statusToWire(status: ShownStatus): StatusMessage {
  const { state, ranges, quarantinedNodes, merging, outputs } = status;
  return {
    ...status,
    state: states[state],
    ranges: { ...ranges },
    quarantinedNodes: [...quarantinedNodes],
    merging: merging.map((merge) => ({ ...merge, runningMs: Math.round(merge.runningMs) })),
    outputs: outputsOf[outputs],
  };
}

const states: Record<JobStatus["state"], JobState> = {
  open: JobState.JOB_STATE_OPEN,
  running: JobState.JOB_STATE_RUNNING,
  suspended: JobState.JOB_STATE_SUSPENDED,
  finished: JobState.JOB_STATE_FINISHED,
  "finished-with-failures": JobState.JOB_STATE_FINISHED_WITH_FAILURES,
  failed: JobState.JOB_STATE_FAILED,
  cancelled: JobState.JOB_STATE_CANCELLED,
  broken: JobState.JOB_STATE_BROKEN,
};

export function questionFromWire({ about }: ExplainRequest): Question {
  const question = cased(about, "about");
  switch (question.$case) {
    case "job":
      return { kind: "job", job: jobNumber(question.value) };
    case "node":
      return { kind: "node", name: question.value };
    case "range":
      return { kind: "range", range: question.value.range, job: jobNumber(question.value.job) };
    case "event": {
      const { job, input, event } = question.value;
      return { kind: "event", job: jobNumber(job), path: input, event };
    }
    default:
      return unreachable(question);
  }
}

export function explanationToWire({ sentence, details, advice }: Explanation): ExplainResponse {
  return { sentence, details: [...details], advice };
}

export function mergedFileToWire({ spans, ...file }: PublishedFile): MergedFileMessage {
  return { ...file, spans: spansToWire(spans) };
}

const rangeStates: Record<RangeState, WireRangeState> = {
  ready: WireRangeState.RANGE_STATE_READY,
  held: WireRangeState.RANGE_STATE_HELD,
  done: WireRangeState.RANGE_STATE_DONE,
  merged: WireRangeState.RANGE_STATE_MERGED,
  failed: WireRangeState.RANGE_STATE_FAILED,
};

export function rangeStatesFromWire(states: readonly WireRangeState[]): ReadonlySet<RangeState> {
  return new Set(each(states, (state, i) => known(rangeStates, state, `states[${i}]`)));
}

export function rangeSpanToWire({ state, failureClass, ...span }: RangeSpan): RangeSpanMessage {
  const ofFailure = failureClass === undefined ? undefined : failureClasses[failureClass];
  return { ...span, state: rangeStates[state], failureClass: ofFailure };
}

/** Undefined for any. */
export function classFromWire(number: ListFailuresRequest["failureClass"]): FailureClass | undefined {
  return number === 0 ? undefined : known(failureClasses, number, "failure_class");
}

export function failedRangeToWire({ events, attempt, class: kind, ...line }: FailureLine): FailedRange {
  const { range, node, message, exitCode, signal, stderrTail } = line;
  return {
    ...{ range, node, attempts: attempt },
    ...{ input: events.input, firstEvent: events.first, lastEvent: events.last },
    failure: failureToWire({ class: kind, message, exitCode, signal, stderrTail }),
  };
}
