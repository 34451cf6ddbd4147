// Whoever else holds a range that is won now: it is told to drop it, so that its slot is free for another one.

import { present } from "../../../shared/core/assert.js";
import type { GrantNumber } from "../../../shared/core/id.js";
import { SpansBuilder } from "../../../shared/core/spans.js";
import type { Fact, OutputColumns } from "../facts/fact.js";
import type { JobView } from "../state/job.js";

/** Asked before the outputs are applied, when nobody has let go yet. */
export function* revokeBeaten(job: JobView, { spans, grant }: OutputColumns): Generator<Fact, void, void> {
  const beaten = new Map<GrantNumber, SpansBuilder>();
  for (let i = 0; i < spans.first.length; i += 1) {
    const first = present(spans.first[i], "first range of the span");
    const end = first + present(spans.count[i], "count of the span");
    for (let range = first; range < end; range += 1) {
      for (const holder of [job.table.holderOf(range), job.copies.get(range)]) {
        if (holder === undefined || holder === grant[i]) continue;
        const ranges = beaten.get(holder) ?? new SpansBuilder();
        beaten.set(holder, ranges);
        ranges.add(range);
      }
    }
  }
  for (const [holder, { first, count }] of beaten) {
    const { session } = present(job.grants.get(holder), "grant of a holder");
    const revoked = [{ job: job.number, grant: holder, spans: { first, count } }];
    yield { kind: "ranges-revoked", session, revoked };
  }
}
