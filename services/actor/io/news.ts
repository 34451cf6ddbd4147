// What an actor tells the driver besides its work: how long things took, how far ranges are that run, and what became of its
// slots' time.
//
//   N1. It is told now and then while there is any (and less often while it is only that slots wait or run on), and before the
//       last results of a while, so that the report of a job that ends with them has it; never more often than each second,
//       unless the driver would hold for running what has ended. Nothing is told while there is no session.
//   N2. What is told of running ranges takes the place of what was told before.
//   N3. That outputs wait to be stored is told at once, and again and again while they do.
//   N4. Counting is a few additions for each range; nothing is kept of the single times.

import type { Clock } from "../../shared/core/clock.js";
import type { JobNumber } from "../../shared/core/id.js";
import { waitsForMax } from "../../shared/core/peer-message.js";
import { Latencies, type CountedLatency, type LatencyFigure } from "../../shared/core/latencies.js";
import { every } from "../../shared/io/system-clock.js";
import type { SlotTimes } from "../../shared/core/slot-times.js";
import { keyOf, type HeldRange } from "../core/held.js";
import type { ActorMessage } from "../core/message.js";
import type { SlotBook } from "../core/slot-book.js";
import type { ActorTally } from "../core/state.js";

/** What is told. */
export interface ToldNews {
  readonly latencies: readonly CountedLatency[];
  readonly running: readonly RunningEvents[];
  /** Why outputs can't be stored, in a sentence; empty when nothing is in their way; undefined: as it was told before. */
  readonly waitsFor: string | undefined;
  readonly slotTimes: SlotTimes | undefined;
}

/** Events that are done within ranges of a job that run, as their payloads say. */
export interface RunningEvents {
  readonly job: JobNumber;
  readonly events: number;
}

export interface NewsOptions {
  readonly clock: Clock;
  readonly tally: () => ActorTally;
  readonly slotBook: Pick<SlotBook, "take">;
  readonly send: (news: ToldNews) => void;
}

const intervalMs = 10_000;
/** While there is nothing to tell but of slots. */
const quietMs = 30_000;
const intervalMsMin = 1_000;

export class News {
  /** Since the actor began, for its own metrics. */
  readonly latencies = new Latencies();
  readonly #options: NewsOptions;
  readonly #untold = new Latencies();
  /** When results were sent that are not acknowledged, by their number. */
  readonly #sentAtMs = new Map<number, number>();
  /** Of ranges that run and whose payload said it: how many events are done. */
  readonly #done = new Map<string, RunningEvents>();
  #hasProgressed = false;
  #waitsFor = "";
  #hasWaited = false;
  #toldAtMs = -Infinity;
  /** The driver was told of ranges that run. */
  #toldRunning = false;

  constructor(options: NewsOptions) {
    this.#options = options;
  }

  count(figure: LatencyFigure, ms: number): void {
    this.latencies.add(figure, ms);
    this.#untold.add(figure, ms);
  }

  /** So many events of a range that runs are done; undefined when it runs no more. */
  progress(held: HeldRange, events: number | undefined): void {
    if (events === undefined && this.#done.size === 0) return; // As a rule payloads say nothing.
    const key = keyOf(held);
    if (events !== undefined) this.#done.set(key, { job: held.job, events });
    else if (!this.#done.delete(key)) return;
    this.#hasProgressed = true;
    if (this.#options.clock.nowMs() >= this.#toldAtMs + intervalMs) this.#tell();
  }

  /** Why outputs wait to be stored, in a sentence; undefined when none does (N3). */
  waits(why = ""): void {
    this.#waitsFor = why.slice(0, waitsForMax);
    this.#hasWaited = true;
    this.#tell();
  }

  /** Tells now and then, until it is called off. */
  begin(): () => void {
    return every(intervalMs, () => this.#tell());
  }

  /** The actor is about to say this (N1). */
  before(message: ActorMessage): void {
    if (message.kind === "hello") this.#sentAtMs.clear(); // What was sent before is sent again under other numbers.
    if (message.kind !== "results") return;
    const { clock, tally } = this.#options;
    const nowMs = clock.nowMs();
    this.#sentAtMs.set(message.number, nowMs);
    if (nowMs < this.#toldAtMs + intervalMsMin && !this.#toldRunning) return;
    const { running, waiting, staging } = tally();
    if (running + waiting + staging === 0) this.#tell(true);
  }

  /** The driver has acknowledged these results. */
  acknowledged(numbers: readonly number[]): void {
    const nowMs = this.#options.clock.nowMs();
    for (const number of numbers) {
      const sentAtMs = this.#sentAtMs.get(number);
      if (sentAtMs === undefined) continue;
      this.#sentAtMs.delete(number);
      this.count("driver-request", nowMs - sentAtMs);
    }
  }

  #tell(evenOfSlotsAlone = this.#options.clock.nowMs() >= this.#toldAtMs + quietMs): void {
    const { clock, tally, slotBook, send } = this.#options;
    if (!tally().isWelcome) return;
    const nowMs = clock.nowMs();
    const latencies = this.#untold.take();
    const hasNews = latencies.length > 0 || this.#hasProgressed || this.#hasWaited;
    if (!hasNews && !evenOfSlotsAlone) return;
    this.#toldAtMs = nowMs;
    this.#hasProgressed = false;
    const waitsFor = this.#hasWaited ? this.#waitsFor : undefined;
    this.#hasWaited = this.#waitsFor !== "";
    const slotTimes = slotBook.take(nowMs);
    this.#toldRunning = slotTimes.jobs.some(({ runningMs }) => runningMs > 0);
    send({ latencies, running: this.#running(), waitsFor, slotTimes });
  }

  /** (N2) */
  #running(): RunningEvents[] {
    const events = new Map<JobNumber, number>();
    for (const { job, events: some } of this.#done.values()) events.set(job, (events.get(job) ?? 0) + some);
    return [...events].map(([job, some]) => ({ job, events: some }));
  }
}
