// The failures that a report lists: those of which all is known, and then every other range that failed for good.
//
//   F1. A range that failed for good by itself, since the job was retried last, is listed with class, node and attempts. The
//       first failures of the job (failureRecordsMax) have the end of stderr too; nothing more is kept of the others.
//   F2. Ranges that failed with their job did not fail by themselves: ranges.jsonl says where they are.

import { present } from "../../shared/core/assert.js";
import type { FailureLine } from "../../shared/core/report.js";
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

/** Whether nothing newer can be told of how the range failed for good: what was before a retry is of the past. */
export function isLatest({ revived }: JobView, { range, grant, final }: FailureRecord): boolean {
  return final && !revived.some(({ ranges, lastGrant }) => ranges.has(range) && grant <= lastGrant);
}

/** The span's ranges that failed for good, save those that were told, ascending (F1). */
export function otherFailures(job: JobView, span: Span, told: ReadonlySet<number>): readonly FailureLine[] {
  const { final, finalOn } = job.failures;
  if (finalOn.size === 0 || !job.table.column(span, "state").value.includes(FAILED)) return [];
  const nodes = foundIn(finalOn, span); // (F2)
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
