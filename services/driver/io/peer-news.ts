// What actors and mergers tell besides their work: how long things took, how far that is what runs, and what became of slots.
// Nothing of it is durable.
//
//   E1. How far ranges are is told by each stream for itself: what it says takes the place of what it said before, and goes
//       with it.

import type { JobNumber } from "../../shared/core/id.js";
import type { SlotTimes } from "../../shared/core/slot-times.js";
import type { Latencies } from "../../shared/core/latencies.js";
import type { StreamKey } from "../core/facts/fact.js";
import type { Heard, MergeProgress, RunningEvents } from "./heard.js";
import { MergeNews } from "./merge-news.js";

export type ToldNews = Pick<Extract<Heard, { kind: "alive" }>, "latencies" | "running" | "slotTimes">;

/** Who is told of news. */
interface NewsReaders {
  readonly latencies: Pick<Latencies, "addAll">;
  /** It is known anew how far ranges of a job are. */
  readonly onProgress: (job: JobNumber) => void;
  readonly onSlotTimes: (stream: StreamKey, times: SlotTimes) => void;
}

export class PeerNews {
  readonly #readers: NewsReaders;
  readonly #told = new Map<StreamKey, readonly RunningEvents[]>();
  readonly #events = new Map<JobNumber, number>();
  /** How far merges are. */
  readonly merges: MergeNews;

  constructor(readers: NewsReaders) {
    this.#readers = readers;
    this.merges = new MergeNews(readers.onProgress);
  }

  hear(stream: StreamKey, { latencies, running, slotTimes }: ToldNews): void {
    const { onProgress, onSlotTimes } = this.#readers;
    this.#readers.latencies.addAll(latencies);
    if (slotTimes !== undefined) onSlotTimes(stream, slotTimes);
    if (running === undefined) return;
    const before = this.#told.get(stream) ?? [];
    if (running.length === 0 && before.length === 0) return;
    if (running.length === 0) this.#told.delete(stream);
    else this.#told.set(stream, running);
    for (const { job, events } of before) this.#add(job, -events);
    for (const { job, events } of running) this.#add(job, events);
    for (const job of new Set([...before, ...running].map((one) => one.job))) onProgress(job);
  }

  hearMerge(stream: StreamKey, progress: MergeProgress): void {
    this.merges.hear(stream, progress);
  }

  /** The stream has ended (E1). */
  forget(stream: StreamKey): void {
    this.hear(stream, { latencies: [], running: [], slotTimes: undefined });
    this.merges.forget(stream);
  }

  /** Events that are done within ranges of the job that run, as far as anybody said. */
  eventsRunning(job: JobNumber): number {
    return this.#events.get(job) ?? 0;
  }

  #add(job: JobNumber, more: number): void {
    const events = this.eventsRunning(job) + more;
    if (events === 0) this.#events.delete(job);
    else this.#events.set(job, events);
  }
}
