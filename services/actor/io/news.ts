// What an actor tells the driver besides its work: how long things took.
//
//   N1. It is told now and then while there is any, and before the last results of a while, so that the report of a job that
//       ends with them has it; never more often than each second. What is told when there is no session is gone.
//   N2. Counting is a few additions for each range; nothing is kept of the single times.

import type { Clock } from "../../shared/core/clock.js";
import { Latencies, type CountedLatency, type LatencyFigure } from "../../shared/core/latencies.js";
import { every } from "../../shared/io/system-clock.js";
import type { ActorMessage } from "../core/message.js";
import type { ActorTally } from "../core/state.js";

/** What is told. */
export interface ToldNews {
  readonly latencies: readonly CountedLatency[];
}

export interface NewsOptions {
  readonly clock: Clock;
  readonly tally: () => ActorTally;
  readonly send: (news: ToldNews) => void;
}

const intervalMs = 10_000;
const intervalMsMin = 1_000;

export class News {
  /** Since the actor began, for its own metrics. */
  readonly latencies = new Latencies();
  readonly #options: NewsOptions;
  readonly #untold = new Latencies();
  /** When results were sent that are not acknowledged, by their number. */
  readonly #sentAtMs = new Map<number, number>();
  #toldAtMs = -Infinity;

  constructor(options: NewsOptions) {
    this.#options = options;
  }

  count(figure: LatencyFigure, ms: number): void {
    this.latencies.add(figure, ms);
    this.#untold.add(figure, ms);
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
    if (nowMs < this.#toldAtMs + intervalMsMin) return;
    const { running, waiting, staging } = tally();
    if (running + waiting + staging === 0) this.#tell();
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

  #tell(): void {
    const { clock, tally, send } = this.#options;
    if (!tally().isWelcome) return;
    const latencies = this.#untold.take();
    if (latencies.length === 0) return;
    this.#toldAtMs = clock.nowMs();
    send({ latencies });
  }
}
