// What `noctua bench` runs, and what it says came of it.

import type { LatencyFigure, LatencySummary } from "../../shared/core/latencies.js";
import { tableText } from "./columns.js";

/** A run of events that do nothing but take their time. */
export interface BenchRun {
  readonly name: string;
  /** Outputs of each event; 0 for none. */
  readonly outputBytes: number;
}

export const benchRuns: readonly BenchRun[] = [
  { name: "without outputs", outputBytes: 0 },
  { name: "outputs of 1 kB", outputBytes: 1_000 },
];

export interface BenchFigures {
  readonly name: string;
  readonly events: number;
  /** From the first that was done to the last. */
  readonly eventsPerSecond: number;
  /** Of the slots' time from their first payload's start to the last event, in percent. */
  readonly busyPercent: number;
  readonly latencies: readonly LatencySummary[];
}

const eventsMax = 100_000;

/** As many events as fill the slots for that time, by what they take, or what storing them does at least. */
export function eventsFor({ outputBytes }: BenchRun, slots: number, eventMs: number, timeMs: number): number {
  const leastMs = outputBytes === 0 ? 0.1 : 1;
  return Math.max(2 * slots, Math.min(eventsMax, Math.ceil((slots * timeMs) / Math.max(eventMs, leastMs))));
}

export const benchProgramFile = "bench.mjs";

export function benchJobText(
  { outputBytes }: BenchRun,
  { events, node }: { readonly events: number; readonly node: string },
): string {
  const outputs = outputBytes === 0 ? { outputs: "none" } : { merge: { every: 1_000, kind: "concat" } };
  return JSON.stringify({
    name: "bench",
    inputs: [{ path: benchProgramFile, events }],
    payload: { kind: "stream", command: [node, `{jobDir}/${benchProgramFile}`] },
    ...outputs,
  });
}

/** A payload whose events take so long. */
export function benchProgramText(eventMs: number, { outputBytes }: BenchRun): string {
  return `import { createReadStream, writeFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";

const say = (word) => writeSync(4, JSON.stringify(word) + "\\n");
const never = new Int32Array(new SharedArrayBuffer(4));

for await (const line of createInterface({ input: createReadStream("", { fd: 3 }) })) {
  const word = JSON.parse(line);
  if (word.type === "open") say({ type: "ready" });
  if (word.type === "stop") process.exit(0);
  if (word.type !== "range") continue;
  if (${eventMs} > 0) Atomics.wait(never, 0, 0, ${eventMs});
  if (${outputBytes} > 0) writeFileSync(word.output, "x".repeat(${outputBytes}));
  say({ type: "done", id: word.id });
}
`;
}

const columns = [
  { title: "EVENTS" },
  { title: "NUMBER", isNumber: true },
  { title: "A SECOND", isNumber: true },
  { title: "SLOTS BUSY", isNumber: true },
  { title: "IDLE BETWEEN TWO", isNumber: true },
  { title: "ACKNOWLEDGED", isNumber: true },
];

export interface BenchConditions {
  readonly slots: number;
  readonly cores: number;
  readonly eventMs: number;
  readonly folder: string;
}

export function benchText(
  runs: readonly BenchFigures[],
  { slots, cores, eventMs, folder }: BenchConditions,
): string {
  const rows = runs.map(({ name, events, eventsPerSecond, busyPercent, latencies }) => [
    name,
    String(events),
    rateText(eventsPerSecond),
    `${busyPercent.toFixed(1)} %`,
    medianOf(latencies, "slot-idle"),
    medianOf(latencies, "driver-request"),
  ]);
  return [
    `Events of ${eventMs} ms, ${slots} slots on ${cores} cores that driver and merger share; in ${folder}.`,
    "",
    tableText(columns, rows),
    "",
    "IDLE BETWEEN TWO: how long a slot waits for its next event. ACKNOWLEDGED: from",
    "results until the driver's journal has them on disk. Both are medians.",
  ].join("\n");
}

function rateText(perSecond: number): string {
  return perSecond >= 100 ? String(Math.round(perSecond)) : perSecond.toFixed(1);
}

function medianOf(latencies: readonly LatencySummary[], wanted: LatencyFigure): string {
  const found = latencies.find(({ figure }) => figure === wanted);
  return found === undefined ? "-" : `${Number(found.medianMs.toPrecision(2))} ms`;
}
