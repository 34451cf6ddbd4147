// What a merger is told, and what it wants done. Both are plain values: io/agent.ts lives them, a simulator replays them.

import type { Failure } from "../../shared/core/failure.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import type { ExitKind } from "../../shared/core/leaving.js";
import type { Spans } from "../../shared/core/spans.js";
import type { DriverMessage, LentGroup, MergedFile, MergeGrant, MergerMessage } from "./message.js";

/** What a merge came to. Unless it is `merged`, its temporary is gone. `aborted`: `abort-merge` asked for it. */
export type MergeOutcome =
  | { readonly kind: "merged"; readonly file: MergedFile }
  | { readonly kind: "failed"; readonly failure: Failure; readonly lost: Spans }
  | { readonly kind: "aborted" };

/** What a merger is told. */
export type MergerEvent =
  | { readonly kind: "link-up" }
  /** `fenced`: the driver refused the hello, since another process of this name has taken over. */
  | { readonly kind: "link-down"; readonly reason: string; readonly fenced: boolean }
  | { readonly kind: "message"; readonly message: DriverMessage }
  | { readonly kind: "merge-progressed"; readonly slot: number; readonly bytesRead: number }
  /** The merge in the slot has come to its end, and the slot is free. */
  | { readonly kind: "merge-ended"; readonly slot: number; readonly outcome: MergeOutcome }
  | { readonly kind: "drain-requested"; readonly reason: string; readonly graceMs: number }
  /** Time has passed. */
  | { readonly kind: "tick" };

/** What a merger wants done, in this order. */
export type MergerAction =
  | { readonly kind: "send"; readonly message: MergerMessage }
  | { readonly kind: "start-merge"; readonly slot: number; readonly lent: LentGroup; readonly spec: JobSpec }
  /** End the merge in the slot. A `merge-ended` follows in any case, with what it came to. */
  | { readonly kind: "abort-merge"; readonly slot: number; readonly merge: MergeGrant }
  /** Remove the temporary of this merge, if there is one. */
  | { readonly kind: "remove-temporary"; readonly merge: MergeGrant }
  /** Close the link and dial again; it counts as down already. */
  | { readonly kind: "close-link"; readonly reason: string }
  /** End all that runs, and the process. Nothing follows. */
  | { readonly kind: "exit"; readonly exit: ExitKind; readonly reason: string };
