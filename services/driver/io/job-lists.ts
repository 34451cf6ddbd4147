// Long lists about jobs, a page at a time, as of the last commit.

import { status } from "@grpc/grpc-js";
import { jobNumber } from "../../shared/core/id.js";
import { unknownNode } from "../core/decide/decide-drain.js";
import { failedRanges } from "../core/failed-ranges.js";
import { mergedFile, publishedGroups, type PublishedFile } from "../core/merged-files.js";
import { rangeSpans } from "../core/range-spans.js";
import type { FarmView } from "../core/state/farm.js";
import type { JobView } from "../core/state/job.js";
import type { Engine } from "./engine.js";
import { pageFrom, pageOfNumbers, tokenOf, type PageRequest } from "./paging.js";
import { RpcError } from "./rpc-error.js";
import {
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

type Read = Pick<Engine, "read">;

export function listRanges(engine: Read, request: RangesRequest): Promise<RangePage> {
  const { size: spansMax, from } = pageFrom(request);
  const states = rangeStatesFromWire(request.states);
  const { node } = request;
  return engine.read((farm) => {
    const job = jobIn(farm, request.job);
    if (node !== "" && !farm.nodes.has(node))
      throw new RpcError(status.NOT_FOUND, "NO_SUCH_NODE", unknownNode(farm, node));
    const { spans, next } = rangeSpans(farm, job, { from, spansMax, states, node });
    return { spans: spans.map(rangeSpanToWire), nextPageToken: tokenFor(next) };
  });
}

/** A node that is gone may have failed ranges: any name may be asked for. */
export function listFailures(engine: Read, request: FailuresRequest): Promise<FailurePage> {
  const { size: failuresMax, from } = pageFrom(request);
  const failureClass = classFromWire(request.failureClass);
  return engine.read((farm) => {
    const asked = { from, failuresMax, failureClass, node: request.node };
    const { failures, next } = failedRanges(jobIn(farm, request.job), asked);
    return { failures: failures.map(failedRangeToWire), nextPageToken: tokenFor(next) };
  });
}

export async function listMergedFiles(
  engine: Read,
  request: PageRequest & { readonly job: number },
): Promise<MergedFilePage> {
  const page = await engine.read((farm) => {
    const job = jobIn(farm, request.job);
    const { items, nextPageToken } = pageOfNumbers(publishedGroups(job), request);
    const files = items.flatMap((group) => mergedFile(job, group) ?? []);
    return cut(files, nextPageToken);
  });
  return { files: page.files.map(mergedFileToWire), nextPageToken: page.nextPageToken };
}

/** Spans of a page: some ten bytes each, and a client takes a message of 4 MB unless it is told otherwise. */
const pageSpansMax = 200_000;

/** A page that is not too large, though it have one file only. */
function cut(
  files: readonly PublishedFile[],
  nextPageToken: string,
): { readonly files: readonly PublishedFile[]; readonly nextPageToken: string } {
  let spans = 0;
  const tooLarge = files.findIndex((file, i) => (spans += file.spans.first.length) > pageSpansMax && i > 0);
  const last = tooLarge === -1 ? undefined : files[tooLarge - 1];
  if (last === undefined) return { files, nextPageToken };
  return { files: files.slice(0, tooLarge), nextPageToken: tokenOf(String(last.group)) };
}

function tokenFor(next: number | undefined): string {
  return next === undefined ? "" : tokenOf(String(next));
}

/** Throws when there is no such job. */
export function jobIn({ jobs }: FarmView, number: number): JobView {
  const job = jobs.get(jobNumber(number));
  if (job !== undefined) return job;
  const known = jobs.size === 0 ? "no job has been submitted" : `jobs are numbered from 1 to ${jobs.size}`;
  const message = `expected the number of a job of this run, found ${number}: ${known}`;
  throw new RpcError(status.NOT_FOUND, "NO_SUCH_JOB", message);
}
