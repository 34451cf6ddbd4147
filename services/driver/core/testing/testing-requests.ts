// For tests: what request ids are known of, in any farm.

import { assert } from "../../../shared/core/assert.js";
import { requestsKept } from "../state/client-requests.js";
import type { FarmView } from "../state/farm.js";
import { same } from "./testing-same.js";

/** Each job knows its submission, and of other requests so many are known (client-requests.ts, I1). */
export function checkRequests({ jobs, requests, revision }: FarmView): void {
  for (const { number, requestId } of jobs.values())
    same(requests.get(requestId), { asked: "submit", job: number }, `request of job ${String(number)}`);
  const revisions = [...jobs.values()].map((job) => job.revision);
  const counted = [...jobs.values()].reduce((sum, { sequence }) => sum + sequence, 0);
  same(revision, counted, "facts about jobs");
  same(Math.max(0, ...revisions), revision, "the last job that changed");
  same(new Set(revisions).size, jobs.size, "jobs that changed at different times");
  assert(requests.size < jobs.size + 1.1 * requestsKept, "so many requests are known");
}
