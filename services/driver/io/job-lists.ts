// Long lists about jobs, a page at a time, as of the last commit.

import { status } from "@grpc/grpc-js";
import { jobNumber } from "../../shared/core/id.js";
import { standingOf } from "../core/decide/decide-control.js";
import { unknownNode } from "../core/decide/decide-drain.js";
import { withEnds, type FindEnds } from "./failure-page.js";
import { failedRanges } from "../core/failed-ranges.js";
import { publishedFile, publishedGroups } from "../core/merged-files.js";
import { rangeSpans } from "../core/range-spans.js";
import { unknownJob, type FarmView } from "../core/state/farm.js";
import type { JobView } from "../core/state/job.js";
import { fitting, pageFrom, pageOfNumbers, tokenOf, type PageRequest } from "./paging.js";
import type { ReadFarm } from "./report-lists.js";
import { RpcError } from "./rpc-error.js";
import {
  bytesOfFailure,
  bytesOfFile,
  bytesOfSpan,
  classFromWire,
  failedRangeToWire,
  mergedFileToWire,
  rangeSpanToWire,
  rangeStatesFromWire,
  type FailurePage,
  type FailuresRequest,
  type MergedFilePage,
  type RangePage,
  type RangesRequest,
} from "./wire-jobs.js";

interface Read {
  readonly read: ReadFarm;
}

export function listRanges(engine: Read, request: RangesRequest): Promise<RangePage> {
  const { size: spansMax, from } = pageFrom(request);
  const states = rangeStatesFromWire(request.states);
  const { node } = request;
  return engine.read((farm) => {
    const job = jobInService(farm, request.job);
    if (node !== "" && !farm.nodes.has(node))
      throw new RpcError(status.NOT_FOUND, "NO_SUCH_NODE", unknownNode(farm, node));
    const { spans, next } = rangeSpans(farm, job, { from, spansMax, states, node });
    const told = fitting(spans, { told: rangeSpanToWire, bytesOf: bytesOfSpan });
    return { spans: [...told], nextPageToken: tokenFor(spans[told.length]?.first ?? next) };
  });
}

/** A node that is gone may have failed ranges: any name may be asked for. */
export async function listFailures(
  { read }: Read,
  request: FailuresRequest,
  findEnds: FindEnds,
): Promise<FailurePage> {
  const { size: failuresMax, from } = pageFrom(request);
  const failureClass = classFromWire(request.failureClass);
  const { failures, next } = await read((farm) => {
    const asked = { from, failuresMax, failureClass, node: request.node };
    return failedRanges(jobInService(farm, request.job), asked);
  });
  const whole = await withEnds(read, jobNumber(request.job), failures, findEnds);
  const told = fitting(whole, { told: failedRangeToWire, bytesOf: bytesOfFailure });
  return { failures: [...told], nextPageToken: tokenFor(failures[told.length]?.range ?? next) };
}

export function listMergedFiles(
  engine: Read,
  request: PageRequest & { readonly job: number },
): Promise<MergedFilePage> {
  return engine.read((farm) => {
    const job = jobInService(farm, request.job);
    const { items, nextPageToken } = pageOfNumbers(publishedGroups(job), request, {
      told: (group) => mergedFileToWire(publishedFile(job, group)),
      bytesOf: bytesOfFile,
    });
    return { files: [...items], nextPageToken };
  });
}

function tokenFor(next: number | undefined): string {
  return next === undefined ? "" : tokenOf(String(next));
}

/** Throws when there is no such job, and when it is out of service: what is asked is not known then. */
function jobInService(farm: FarmView, number: number): JobView {
  const job = jobIn(farm, number);
  if (job.stage.kind !== "broken") return job;
  const message = `cannot list anything of job ${number}: ${standingOf(job)}`;
  throw new RpcError(status.FAILED_PRECONDITION, "NOT_POSSIBLE_NOW", message);
}

/** Throws when there is no such job. */
export function jobIn(farm: FarmView, number: number): JobView {
  const job = farm.jobs.get(jobNumber(number));
  if (job !== undefined) return job;
  throw new RpcError(status.NOT_FOUND, "NO_SUCH_JOB", unknownJob(farm, number));
}
