// A merge group: outputs that are fused together, and where that stands.
//
//   J2. Its states follow each other as `standsAt` says; the fact that leads on is applied in apply-merge.ts.

import type { Failure } from "../../../shared/core/failure.js";
import type { GrantNumber, GroupNumber, SessionNumber } from "../../../shared/core/id.js";
import type { Spans } from "../../../shared/core/spans.js";
import type { DurableFact, MergedFile } from "../facts/fact.js";

/** Where a merge group stands. */
export type MergeGroupStage =
  | { readonly kind: "waiting" }
  | { readonly kind: "granted"; readonly grant: GrantNumber; readonly session: SessionNumber }
  | { readonly kind: "accepted"; readonly grant: GrantNumber; readonly file: MergedFile }
  | { readonly kind: "published"; readonly grant: GrantNumber; readonly file: MergedFile }
  /** Published, and its inputs are gone. */
  | { readonly kind: "closed"; readonly grant: GrantNumber; readonly file: MergedFile }
  /** Given up; its inputs are kept. */
  | { readonly kind: "failed"; readonly failure: Failure };

/** Where a group must stand for a fact about it to be possible (J2). */
export const standsAt = {
  "merge-granted": "waiting",
  "merge-returned": "granted",
  "merge-failed": "granted",
  "merge-accepted": "granted",
  "outputs-lost": "granted",
  "merge-published": "accepted",
  "merge-inputs-removed": "published",
} as const satisfies Partial<Record<DurableFact["kind"], MergeGroupStage["kind"]>>;

export interface MergeGroup {
  readonly number: GroupNumber;
  /** Its members, ascending, which is the order in which they are fused. */
  readonly spans: Spans;
  stage: MergeGroupStage;
  attemptsUsed: number;
  /** Mergers that failed it, ascending. */
  failedOn: readonly string[];
}

export type MergeGroupView = Readonly<MergeGroup>;
