// How long a job's ranges took, on each kind of node (shared/core/labels.ts) and on all together.
//
//   E1. A quantile is never too low, and at most an eighth too high (shared/core/quantile-counts.ts). Counting is integer
//       arithmetic, so that a replay gives the same; it is paid by every range that is done.
//   E2. What is measured on all nodes is the sum of the kinds. So many kinds are told apart; the rest share one (P7).

import { QuantileCounts, type QuantileColumns } from "../../../shared/core/quantile-counts.js";

/** What may be asked of measured times by those who must not change them. */
export interface EventTimesView {
  /** How many were measured. */
  readonly count: number;
  /** Milliseconds. */
  readonly sumMs: number;
  /** Mean; undefined when nothing was measured. */
  readonly meanMs: number | undefined;
  /** At most this share of the times, from 0 to 1, took longer than it leaves; undefined when nothing was measured. */
  quantileMs(share: number): number | undefined;
  /** The buckets that are not empty, in columns, for snapshots. */
  columns(): QuantileColumns;
}

export class EventTimes extends QuantileCounts implements EventTimesView {
  get sumMs(): number {
    return this.sum;
  }

  get meanMs(): number | undefined {
    return this.count === 0 ? undefined : this.sum / this.count;
  }

  quantileMs(share: number): number | undefined {
    return this.quantile(share);
  }
}

/** The times of one job. */
export interface JobTimes {
  readonly all: EventTimes;
  readonly byKind: Map<string, EventTimes>;
}

export interface JobTimesView {
  readonly all: EventTimesView;
  readonly byKind: ReadonlyMap<string, EventTimesView>;
}

/** So many kinds of node are told apart in each job. */
const kindsMax = 256;
/** Under which the rest are counted. No labels are written so. */
const otherKinds = "others";

export function newJobTimes(): JobTimes {
  return { all: new EventTimes(), byKind: new Map() };
}

/** The times of a job on one kind of node, made when there are none yet (E2). */
export function timesOnKind({ byKind }: JobTimes, kind: string): EventTimes {
  const known = byKind.get(kind) ?? (byKind.size < kindsMax ? undefined : byKind.get(otherKinds));
  if (known !== undefined) return known;
  const times = new EventTimes();
  byKind.set(byKind.size < kindsMax ? kind : otherKinds, times);
  return times;
}

/** What is known of a job on that kind of node, or else on all kinds. */
export function bestTimes({ all, byKind }: JobTimesView, kind: string): EventTimesView {
  return byKind.get(kind) ?? all;
}
