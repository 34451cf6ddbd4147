// For tests: what request ids are known of, in any farm.

import { assert } from "../../../shared/core/assert.js";
import { requestsKept } from "../state/client-requests.js";
import type { FarmView } from "../state/farm.js";
import { same } from "./testing-same.js";

/** Each job knows its submission, and of other requests so many are known (client-requests.ts, I1). */
export function checkRequests({ jobs, requests }: FarmView): void {
  for (const { number, requestId } of jobs.values())
    same(requests.get(requestId), { asked: "submit", job: number }, `request of job ${String(number)}`);
  assert(requests.size < jobs.size + 1.1 * requestsKept, "so many requests are known");
}
