// The figures of feeding for people: one column for each who feeds, one table for each figure.

import { figure, tableText, type Row } from "../table.js";
import type { FeedFigures, FeedOptions, FeedVariant } from "./feed.js";

export function feedText(
  all: readonly FeedFigures[],
  { options, program }: { readonly options: FeedOptions; readonly program: string },
): string {
  const columns = [...new Map(all.map(({ variant }) => [titleOf(variant), variant])).keys()];
  const times = [...new Set(all.map(({ eventMs }) => eventMs))].sort((one, other) => one - other);
  const table = (title: string, cell: (figures: FeedFigures) => string): string => {
    const rows = times.map((eventMs): Row => {
      const found = columns.map((column) =>
        all.find((figures) => figures.eventMs === eventMs && titleOf(figures.variant) === column),
      );
      return [
        `  ${figure(eventMs, 2)} ms`,
        ...found.map((figures) => (figures === undefined ? "" : cell(figures))),
      ];
    });
    return `${title}\n${tableText([["  event", ...columns], ...rows])}\n`;
  };
  const { slots, seconds, warmUpSeconds, isSpinning } = options;
  return [
    `feed: ${slots} slots; at least ${seconds} s measured after ${warmUpSeconds} s; the payload is in ${program}, and `,
    `${isSpinning ? "computes" : "sleeps"} for the time of an event\n\n`,
    table("busy: the share of the slots' time that went into events", ({ busyShare }) => percent(busyShare)),
    metgText(columns, all),
    table("fed: the share of the slots' time in which they had a range", ({ variant, slotsWaiting }) =>
      variant.feeder === "stream" ? percent(1 - slotsWaiting / slots) : "",
    ),
    table("events/s", ({ eventsPerSecond }) => figure(eventsPerSecond, eventsPerSecond < 100 ? 1 : 0)),
    table("lost to a slot for each event, µs", (figures) => figure(lostMicroseconds(figures, slots))),
    table("between two events, as the payload saw it, µs p50 / p99", ({ waitMicroseconds: { p50, p99 } }) =>
      p50 === undefined ? "" : `${figure(p50)} / ${figure(p99)}`,
    ),
    table("processor time of actor + driver for an event, µs", ({ processorMicroseconds }) =>
      processorMicroseconds.map((each) => figure(each)).join(" + "),
    ),
  ].join("");
}

/** The field's METG: the shortest event at which slots are so busy, between those that were measured. */
function metgText(columns: readonly string[], all: readonly FeedFigures[]): string {
  const row = (share: number): Row => [
    `  ${percent(share)}`,
    ...columns.map((column) => {
      const own = all.filter(({ variant }) => titleOf(variant) === column);
      return metgCell(shortestBusy(own, share));
    }),
  ];
  return `shortest event at which slots are so busy, ms\n${tableText([["  busy", ...columns], row(0.95), row(0.5)])}\n`;
}

interface Shortest {
  readonly eventMs: number;
  /** It was the shortest that was measured. */
  readonly isBound: boolean;
}

/** Undefined when none of them is. */
export function shortestBusy(
  measured: readonly Pick<FeedFigures, "eventMs" | "busyShare">[],
  share: number,
): Shortest | undefined {
  const falling = measured
    .filter(({ eventMs }) => eventMs > 0)
    .sort((one, other) => other.eventMs - one.eventMs);
  let longer: (typeof falling)[number] | undefined;
  for (const point of falling) {
    if (point.busyShare < share) {
      return longer === undefined ? undefined : { eventMs: between(point, longer, share), isBound: false };
    }
    longer = point;
  }
  return longer === undefined ? undefined : { eventMs: longer.eventMs, isBound: true };
}

/** On a line between the two, with a logarithmic scale of time. */
function between(
  below: { readonly eventMs: number; readonly busyShare: number },
  above: { readonly eventMs: number; readonly busyShare: number },
  share: number,
): number {
  const part = (share - below.busyShare) / (above.busyShare - below.busyShare);
  return below.eventMs * (above.eventMs / below.eventMs) ** part;
}

function metgCell(shortest: Shortest | undefined): string {
  if (shortest === undefined) return "longer";
  return `${shortest.isBound ? "≤ " : ""}${figure(shortest.eventMs, shortest.eventMs < 1 ? 2 : 1)}`;
}

function titleOf({ feeder, outputBytes, durability }: FeedVariant): string {
  const output = outputBytes === 0 ? "no file" : `${figure(outputBytes)} B`;
  return `${feeder}, ${output}${outputBytes === 0 || feeder === "xargs" || feeder === "alone" ? "" : ` ${durability}`}`;
}

function percent(share: number): string {
  return `${figure(100 * share, share < 0.1 ? 1 : 0)} %`;
}

/** All that is not the event itself. */
function lostMicroseconds({ eventsPerSecond, eventMs }: FeedFigures, slots: number): number {
  return (1e6 * slots) / eventsPerSecond - 1_000 * eventMs;
}
