// What request ids were used for (P11).
//
//   I1. That of a submission is known as long as its job: as long as the run. Of the others, the last `requestsKept` are
//       known, and no more than a tenth beyond (P7). Who repeats an older one is judged as if it were new.

import { unreachable } from "../../../shared/core/assert.js";
import type { JobNumber } from "../../../shared/core/id.js";
import type { NodeControl } from "../facts/fact-node.js";
import type { JobControl } from "../facts/fact.js";

/** What a request id was used for. Of an addition, which of the job's inputs it added. */
export type ClientRequest =
  | { readonly asked: "submit" | JobControl; readonly job: JobNumber }
  | AddRequest
  | { readonly asked: NodeControl; readonly node: string };

export interface AddRequest {
  readonly asked: "add";
  readonly job: JobNumber;
  readonly firstInput: number;
  readonly inputs: number;
}

/** Some 200 bytes each. */
export const requestsKept = 100_000;

/** Remembers a request, and now and then forgets the oldest (I1). It is the same in each replay of the journal. */
export function enterRequest(
  farm: { readonly requests: Map<string, ClientRequest>; readonly jobs: ReadonlyMap<JobNumber, unknown> },
  requestId: string,
  request: ClientRequest,
): void {
  const { requests, jobs } = farm;
  requests.set(requestId, request);
  let surplus = requests.size - jobs.size - requestsKept;
  if (surplus < requestsKept / 10) return;
  for (const [id, { asked }] of requests) {
    if (surplus === 0) return;
    if (asked === "submit") continue;
    requests.delete(id);
    surplus -= 1;
  }
}

/** What it was used for, in words that follow its name. */
export function useOf(request: ClientRequest): string {
  switch (request.asked) {
    case "submit":
      return `began job ${request.job}`;
    case "add":
      return `was used to add ranges to job ${request.job}`;
    case "cancel":
    case "pause":
    case "resume":
    case "retry":
    case "close":
      return `was used to ${request.asked} job ${request.job}`;
    case "drain":
    case "undrain":
      return `was used to ${request.asked} node ${request.node}`;
    default:
      return unreachable(request);
  }
}
