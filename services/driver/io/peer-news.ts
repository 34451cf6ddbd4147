// What actors and mergers tell besides their work: how long things took, and how far that is what runs. Nothing of it is durable.
//
//   E1. How far ranges are is told by each stream for itself: what it says takes the place of what it said before, and goes
//       with it.

import type { JobNumber } from "../../shared/core/id.js";
import type { Latencies } from "../../shared/core/latencies.js";
import type { StreamKey } from "../core/facts/fact.js";
import type { Heard, MergeProgress, RunningEvents } from "./heard.js";
import { MergeNews } from "./merge-news.js";

export type ToldNews = Pick<Extract<Heard, { kind: "alive" }>, "latencies" | "running">;

export class PeerNews {
  readonly #latencies: Latencies;
  /** Told when it is known anew how far ranges of a job are. */
  readonly #onProgress: (job: JobNumber) => void;
  readonly #told = new Map<StreamKey, readonly RunningEvents[]>();
  readonly #events = new Map<JobNumber, number>();
  /** How far merges are. */
  readonly merges: MergeNews;

  constructor(latencies: Latencies, onProgress: (job: JobNumber) => void) {
    this.#latencies = latencies;
    this.#onProgress = onProgress;
    this.merges = new MergeNews(onProgress);
  }

  hear(stream: StreamKey, { latencies, running }: ToldNews): void {
    this.#latencies.addAll(latencies);
    const before = this.#told.get(stream) ?? [];
    if (running.length === 0 && before.length === 0) return;
    if (running.length === 0) this.#told.delete(stream);
    else this.#told.set(stream, running);
    for (const { job, events } of before) this.#add(job, -events);
    for (const { job, events } of running) this.#add(job, events);
    for (const job of new Set([...before, ...running].map((one) => one.job))) this.#onProgress(job);
  }

  hearMerge(stream: StreamKey, progress: MergeProgress): void {
    this.merges.hear(stream, progress);
  }

  /** The stream has ended (E1). */
  forget(stream: StreamKey): void {
    this.hear(stream, { latencies: [], running: [] });
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
