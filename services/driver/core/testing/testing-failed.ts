// For tests: what must hold of the ranges that failed for good.

import { assert } from "../../../shared/core/assert.js";
import type { SpanSetView } from "../../../shared/core/span-set.js";
import { eachRange } from "../../../shared/core/spans.js";
import type { JobView } from "../state/job.js";
import { same } from "./testing-same.js";

/** `failed` are those of the table, ascending. */
export function checkFailed(job: JobView, failed: readonly number[]): void {
  const { final, finalOn } = job.failures;
  same(rangesIn(final), failed, "ranges that failed, each with one reason");
  const byThemselves = rangesIn(finalOn);
  const known = new Set(failed);
  assert(new Set(byThemselves).size === byThemselves.length, "a range failed for good on one node");
  for (const range of byThemselves) assert(known.has(range), () => `range ${range} failed for good`);
  const isStopped = "outcome" in job.stage && ["failed", "cancelled"].includes(job.stage.outcome);
  assert(
    isStopped || byThemselves.length === failed.length,
    "ranges fail with their job only when it is stopped",
  );
}

function rangesIn(sets: ReadonlyMap<string, SpanSetView>): readonly number[] {
  return [...sets.values()].flatMap((set) => [...eachRange(set.spans())]).sort((a, b) => a - b);
}
