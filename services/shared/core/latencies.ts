// How long things take that users wait for or pay for, counted (quantile-counts.ts) by those who see them, and added up by
// the driver: the five figures that the field plots.
//
//   T1. They are of all jobs and nodes, as far as the present processes saw them; none of it is made durable.
//   T2. Times are counted in microseconds, of which an hour and more go into 32 bits; longer ones count as that.

import { QuantileCounts, type QuantileColumns, type QuantileCountsView } from "./quantile-counts.js";

/** By figure, what it is, for people. */
export const latencyFigures = {
  /** On the node, of two ranges of one job; 0 when the second was handed over ahead. */
  "slot-idle": "idle between two events of a slot",
  /** Where Slurm says when the allocation began. */
  "first-event": "from the start of the allocation to a node's first event",
  /** Elsewhere. */
  "first-event-of-actor": "from the start of an actor to its first event",
  /** Results are sent, until their acknowledgement is heard: the commit that makes them durable is in it. */
  "driver-request": "from an actor's results to their acknowledgement by the driver",
  /** A payload has answered, until its slot's next range is handed over. */
  "payload-request": "from a payload's answer to the next range for its slot",
  /** As the driver sees it: from a client's request to the reply. */
  "client-request": "from a client's request to the driver's reply",
} as const;

export type LatencyFigure = keyof typeof latencyFigures;

/** What was counted of one figure. */
export interface CountedLatency {
  readonly figure: LatencyFigure;
  readonly counts: QuantileColumns;
}

const microsMax = 2 ** 32 - 1;

export class Latencies {
  readonly #counts = new Map<LatencyFigure, QuantileCounts>();

  add(figure: LatencyFigure, ms: number): void {
    this.#of(figure).add(Math.min(Math.max(0, Math.round(ms * 1_000)), microsMax)); // (T2)
  }

  addAll(counted: Iterable<CountedLatency>): void {
    for (const { figure, counts } of counted) this.#of(figure).addAll(counts);
  }

  /** Microseconds. */
  of(figure: LatencyFigure): QuantileCountsView {
    return this.#of(figure);
  }

  /** All that was counted since the last time. */
  take(): CountedLatency[] {
    const taken: CountedLatency[] = [];
    for (const [figure, counts] of this.#counts) {
      if (counts.count > 0) taken.push({ figure, counts: counts.columns() });
      counts.clear();
    }
    return taken;
  }

  #of(figure: LatencyFigure): QuantileCounts {
    const known = this.#counts.get(figure);
    if (known !== undefined) return known;
    const counts = new QuantileCounts();
    this.#counts.set(figure, counts);
    return counts;
  }
}

/** One figure in a report. */
export interface LatencySummary {
  readonly figure: LatencyFigure;
  readonly count: number;
  /** Each at most an eighth too high. */
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Those of which anything was counted. */
export function summaryOf(latencies: Pick<Latencies, "of">): readonly LatencySummary[] {
  return figures().flatMap((figure) => {
    const counts = latencies.of(figure);
    const [median, p99] = [counts.quantile(0.5), counts.quantile(0.99)];
    if (median === undefined || p99 === undefined) return [];
    return [{ figure, count: counts.count, medianMs: median / 1_000, p99Ms: p99 / 1_000 }];
  });
}

/** All there are, in the order in which they are told. */
export function figures(): readonly LatencyFigure[] {
  return Object.keys(latencyFigures).filter(isFigure);
}

export function isFigure(name: string): name is LatencyFigure {
  return name in latencyFigures;
}
