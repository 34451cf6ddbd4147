// What a merger is told, and what it wants done: io/agent.ts lives it, a simulator replays it. All are plain values, save
// a job's plan, which goes by name and may grow meanwhile.

import type { Failure } from "../../shared/core/failure.js";
import type { JobPlanView } from "../../shared/core/job-plan.js";
import type { PeerAction, PeerEvent } from "../../shared/core/peer-step.js";
import type { Spans } from "../../shared/core/spans.js";
import type { DriverMessage, LentGroup, MergedFile, MergeGrant, MergerMessage } from "./message.js";

/** What a merge came to. Unless it is `merged`, its temporary is gone. `aborted`: `abort-merge` asked for it. */
export type MergeOutcome =
  | { readonly kind: "merged"; readonly file: MergedFile }
  | { readonly kind: "failed"; readonly failure: Failure; readonly lost: Spans }
  | { readonly kind: "aborted" };

/** What a merger is told. */
export type MergerEvent =
  | PeerEvent
  | { readonly kind: "message"; readonly message: DriverMessage }
  | { readonly kind: "merge-progressed"; readonly slot: number; readonly bytesRead: number }
  /** The merge in the slot has come to its end, and the slot is free. */
  | { readonly kind: "merge-ended"; readonly slot: number; readonly outcome: MergeOutcome };

/** What a merger wants done, in this order. */
export type MergerAction =
  | PeerAction
  | { readonly kind: "send"; readonly message: MergerMessage }
  | {
      readonly kind: "start-merge";
      readonly slot: number;
      readonly lent: LentGroup;
      readonly plan: JobPlanView;
    }
  /** End the merge in the slot. A `merge-ended` follows in any case, with what it came to. */
  | { readonly kind: "abort-merge"; readonly slot: number; readonly merge: MergeGrant }
  /** Remove the temporary of this merge, if there is one. */
  | { readonly kind: "remove-temporary"; readonly merge: MergeGrant };
