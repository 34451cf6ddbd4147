// What request ids were used for (P11).

import { unreachable } from "../../../shared/core/assert.js";
import type { JobNumber } from "../../../shared/core/id.js";
import type { JobControl } from "../facts/fact.js";

/** What a request id was used for, for all time. Of an addition, which of the job's inputs it added. */
export type JobRequest =
  | { readonly asked: "submit" | JobControl; readonly job: JobNumber }
  | {
      readonly asked: "add";
      readonly job: JobNumber;
      readonly firstInput: number;
      readonly inputs: number;
    };

/** What it was used for, in words that follow its name. */
export function useOf({ asked, job }: JobRequest): string {
  switch (asked) {
    case "submit":
      return `began job ${job}`;
    case "add":
      return `was used to add ranges to job ${job}`;
    case "cancel":
    case "pause":
    case "resume":
    case "retry":
    case "close":
      return `was used to ${asked} job ${job}`;
    default:
      return unreachable(asked);
  }
}
