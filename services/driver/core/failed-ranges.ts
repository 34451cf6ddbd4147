// The ranges of a job that failed for good by themselves, some at a time, for whoever asks.
//
//   E1. One call looks at so many ranges, and tells so much text, whatever is asked: then it ends, and says where to go on.
//   E2. Each range is told once, with all that is known of its last failure (report-failures.ts, F1 and F2).

import type { FailureClass } from "../../shared/core/failure.js";
import type { FailureLine } from "../../shared/core/report.js";
import { failureLine, isLatest, otherFailures } from "./report-failures.js";
import type { FailureRecord, JobView } from "./state/job.js";

export interface FailuresAsked {
  /** The first range that may be told. */
  readonly from: number;
  readonly failuresMax: number;
  /** Undefined for any. */
  readonly failureClass: FailureClass | undefined;
  /** Empty for all. */
  readonly node: string;
}

export interface FailuresTold {
  readonly failures: readonly FailureLine[];
  /** Where to go on; undefined when nothing follows. */
  readonly next: number | undefined;
}

/** (E1) */
export const lookedAtMax = 262_144;
const partMax = 16_384;
const charactersMax = 1_000_000;

export function failedRanges(job: JobView, asked: FailuresAsked): FailuresTold {
  const { ranges } = job.table;
  const end = Math.min(ranges, asked.from + lookedAtMax);
  const failures: FailureLine[] = [];
  let characters = 0;
  for (const failure of failuresIn(job, asked.from, end)) {
    if (!isAskedFor(failure, asked)) continue;
    failures.push(failure);
    characters += failure.message.length + failure.stderrTail.length + failure.events.input.length;
    if (failures.length < asked.failuresMax && characters < charactersMax) continue;
    return { failures, next: failure.range + 1 < ranges ? failure.range + 1 : undefined };
  }
  const isAll = end === ranges || job.failures.finalOn.size === 0;
  return { failures, next: isAll ? undefined : end };
}

function isAskedFor(failure: FailureLine, { failureClass, node }: FailuresAsked): boolean {
  return (
    (failureClass === undefined || failure.class === failureClass) && (node === "" || failure.node === node)
  );
}

/** (E2) */
function* failuresIn(job: JobView, from: number, end: number): Generator<FailureLine> {
  const records = new Map<number, FailureRecord>();
  for (const record of job.failures.records)
    if (record.final && isLatest(job, record)) records.set(record.range, record);
  for (let first = from; first < end; first += partMax) {
    const span = { first, count: Math.min(partMax, end - first) };
    for (const failure of otherFailures(job, span, new Set())) {
      const record = records.get(failure.range);
      yield record === undefined ? failure : failureLine(job, record);
    }
  }
}
