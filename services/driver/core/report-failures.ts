// The failures that a report lists: those of which all is known, and then every other range that failed for good.
//
//   F1. A range that failed for good by itself, since the job was retried last, is listed with class, node and attempts. The
//       first failures of the job (failureRecordsMax) have the end of stderr too; how the others ended is no part of the
//       state: it is kept beside it (io/failure-ends.ts), as far as it can be.
//   F2. Ranges that failed with their job did not fail by themselves: ranges.jsonl says where they are.

import { present } from "../../shared/core/assert.js";
import type { FailureLine } from "../../shared/core/report.js";
import type { GrantNumber } from "../../shared/core/id.js";
import type { SpanSetView } from "../../shared/core/span-set.js";
import { eachRange, type Span } from "../../shared/core/spans.js";
import { splitReason } from "./report.js";
import type { FailureRecord, JobView } from "./state/job.js";
import { FAILED } from "./state/range-page.js";

export function failureLine(job: JobView, record: FailureRecord): FailureLine {
  const { class: failureClass, message, exitCode, signal, stderrTail } = record.failure;
  return {
    range: record.range,
    events: eventsOf(job, record.range),
    class: failureClass,
    node: record.node,
    attempt: record.attempt,
    final: record.final,
    message,
    ...(exitCode === undefined ? {} : { exitCode }),
    signal,
    stderrTail,
  };
}

/** A failure by which a range failed for good under this grant. */
interface FinalFailure {
  readonly range: number;
  readonly grant: GrantNumber;
}

/** Whether nothing newer can be told of how the range failed for good: what was before a retry is of the past. */
export function isLatest({ revived }: JobView, { range, grant }: FinalFailure): boolean {
  return !revived.some(({ ranges, lastGrant }) => ranges.has(range) && grant <= lastGrant);
}

/** Ranges of which it was told how they failed for good: a bit for each range of the job. */
export class ToldRanges {
  size = 0;
  #bits = new Uint8Array(0);

  has(range: number): boolean {
    return ((this.#bits[range >> 3] ?? 0) & (1 << (range & 7))) !== 0;
  }

  add({ table }: JobView, range: number): void {
    if (this.has(range)) return;
    this.size += 1;
    const bytes = (table.ranges >> 3) + 1;
    if (this.#bits.length < bytes) {
      const before = this.#bits;
      this.#bits = new Uint8Array(bytes);
      this.#bits.set(before);
    }
    this.#bits[range >> 3] = (this.#bits[range >> 3] ?? 0) | (1 << (range & 7));
  }
}

/** How many ranges failed for good, save those that failed with the job (F2). */
export function failedByThemselves({ failures }: JobView): number {
  let ranges = 0;
  for (const { size } of failures.finalOn.values()) ranges += size;
  return ranges;
}

/** The span's ranges that failed for good, save those that were told, ascending (F1). */
export function otherFailures(
  job: JobView,
  span: Span,
  told: Pick<ToldRanges, "has">,
): readonly FailureLine[] {
  const { final, finalOn } = job.failures;
  if (finalOn.size === 0 || !job.table.column(span, "state").value.includes(FAILED)) return [];
  const nodes = foundIn(finalOn, span); // (F2)
  if (nodes.size === 0) return [];
  const reasons = foundIn(final, span);
  const ranges = [...nodes.keys()].filter((range) => !told.has(range)).sort((one, other) => one - other);
  return ranges.map((range) => {
    const { class: failureClass, message } = splitReason(present(reasons.get(range), "reason"));
    return {
      range,
      events: eventsOf(job, range),
      class: failureClass,
      node: present(nodes.get(range), "node"),
      attempt: job.table.creditUsed(range),
      final: true,
      message,
      signal: "",
      stderrTail: "",
    };
  });
}

/** For each of the span's ranges that is in one of the sets, the key of that set. */
function foundIn(sets: ReadonlyMap<string, SpanSetView>, span: Span): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const [key, set] of sets) for (const range of eachRange(set.within(span))) found.set(range, key);
  return found;
}

function eventsOf({ layout }: JobView, range: number): FailureLine["events"] {
  const { input, first, last } = layout.locate(range);
  return { input: present(layout.inputs[input], "input").path, first, last };
}
