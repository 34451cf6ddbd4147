// What request ids were used for (P11).

import { unreachable } from "../../../shared/core/assert.js";
import type { JobNumber } from "../../../shared/core/id.js";
import type { NodeControl } from "../facts/fact-node.js";
import type { JobControl } from "../facts/fact.js";

/** What a request id was used for, for all time. Of an addition, which of the job's inputs it added. */
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
