// Between counted latencies and their message.

import { LatencyFigure as WireFigure, type LatencyCounts } from "../../../gen/noctua/v1/types.js";
import { isFigure, type CountedLatency, type LatencyFigure } from "../core/latencies.js";
import { sameLength } from "./wire-checks.js";

const wireFigures: Record<LatencyFigure, WireFigure> = {
  "slot-idle": WireFigure.LATENCY_FIGURE_SLOT_IDLE,
  "first-event": WireFigure.LATENCY_FIGURE_FIRST_EVENT,
  "first-event-of-actor": WireFigure.LATENCY_FIGURE_FIRST_EVENT_OF_ACTOR,
  "driver-request": WireFigure.LATENCY_FIGURE_DRIVER_REQUEST,
  "payload-request": WireFigure.LATENCY_FIGURE_PAYLOAD_REQUEST,
  "client-request": WireFigure.LATENCY_FIGURE_CLIENT_REQUEST,
};

const figuresByNumber = new Map(
  Object.entries(wireFigures).map(([figure, number]) => [number, figure] as const),
);

export function latenciesToWire(latencies: readonly CountedLatency[]): LatencyCounts[] {
  return latencies.map(({ figure, counts }) => ({
    figure: wireFigures[figure],
    bucket: [...counts.bucket],
    count: [...counts.count],
    sumUs: counts.sum,
  }));
}

/** Figures of a later version are passed over. */
export function latenciesFromWire(messages: readonly LatencyCounts[], where: string): CountedLatency[] {
  return messages.flatMap(({ figure, bucket, count, sumUs }, i) => {
    sameLength(count, bucket.length, `${where}[${i}].count`);
    const known = figuresByNumber.get(figure);
    if (known === undefined || !isFigure(known)) return [];
    return [{ figure: known, counts: { sum: sumUs, bucket, count } }];
  });
}
