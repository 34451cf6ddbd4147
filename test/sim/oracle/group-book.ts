// What the facts on the disk amount to for one merge group (job-book.ts).

import type { MergedFile } from "../../../services/driver/core/facts/fact.js";

export interface GroupBook {
  readonly ranges: readonly number[];
  stage: "planned" | "granted" | "accepted" | "published" | "removed" | "failed";
  /** Under which it is lent, or was last. */
  grant: number | undefined;
  /** Of the result that was accepted. */
  accepted: { readonly grant: number; readonly file: MergedFile } | undefined;
  failures: number;
}
