// How fast events come, from one that ended to another: so that a window that cuts an event in two counts no half of it.

import { sleep, systemClock } from "../../../services/shared/io/system-clock.js";
import { waitBelow, type Tally } from "./tallies.js";

export interface WindowOptions {
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly read: () => Promise<Tally>;
  /** Seconds of processor time that each of them has used. */
  readonly processes: () => Promise<readonly (number | undefined)[]>;
  /** Throws when nothing more can come. */
  readonly watch: () => void;
}

export interface WindowFigures {
  readonly eventsPerSecond: number;
  /** How many slots were waiting for a range, on the mean. */
  readonly slotsWaiting: number;
  /** Of each process, for an event. */
  readonly processorMicroseconds: readonly number[];
  /** Between two events of a slot, as the payloads saw it. */
  readonly waitMicroseconds: { readonly p50: number | undefined; readonly p99: number | undefined };
}

/** The first event is waited for so long. */
const firstEventMs = 30_000;
const pollMs = 1;

export async function measureWindow(options: WindowOptions, signal: AbortSignal): Promise<WindowFigures> {
  const { warmUpSeconds, seconds } = options;
  await nextEvent(options, { events: 0, idleMs: 0, waits: [] }, signal);
  await sleep(warmUpSeconds * 1_000, signal);
  const before = await nextEvent(options, await options.read(), signal);
  const processesBefore = await options.processes();
  await sleep(seconds * 1_000, signal);
  const after = await nextEvent(options, await options.read(), signal);
  const events = after.tally.events - before.tally.events;
  const processesAfter = await options.processes();
  const wait = (share: number): number | undefined => waitBelow(before.tally, after.tally, share);
  const ms = after.atMs - before.atMs;
  return {
    eventsPerSecond: (1_000 * events) / ms,
    processorMicroseconds: processesAfter.map((seconds = Number.NaN, i) => {
      return (1e6 * (seconds - (processesBefore[i] ?? Number.NaN))) / events;
    }),
    slotsWaiting: (after.tally.idleMs - before.tally.idleMs) / ms,
    waitMicroseconds: { p50: wait(0.5), p99: wait(0.99) },
  };
}

/** Resolves when there is an event more. */
async function nextEvent(
  { read, watch }: WindowOptions,
  since: Tally,
  signal: AbortSignal,
): Promise<{ readonly tally: Tally; readonly atMs: number }> {
  const beganAtMs = systemClock.nowMs();
  for (;;) {
    const tally = await read();
    const atMs = systemClock.nowMs();
    if (tally.events > since.events) return { tally, atMs };
    watch();
    if (atMs > beganAtMs + firstEventMs)
      throw new Error(`expected an event, found none in ${firstEventMs} ms`);
    await sleep(pollMs, signal);
  }
}
