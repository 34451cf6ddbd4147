// The runs of an actor's slots, and what they leave behind.
//
//   V1. Every start is followed by one `range-ended`, whatever happens.
//   V2. `close` ends all runs, and waits for outputs that are being stored, within a limit (P10).

import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../shared/core/clock.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { LatencyFigure } from "../../shared/core/latencies.js";
import { outputPath } from "../../shared/core/names.js";
import type { Logger } from "../../shared/io/logger.js";
import { UnderWay } from "../../shared/io/under-way.js";
import { keyOf, type HeldRange } from "../core/held.js";
import type { ActorAction, ActorEvent, RangeOutcome, RunEvent } from "../core/step.js";
import { logLimit, type LogLimit } from "../../shared/io/log-limit.js";
import { Gathered } from "./gathered.js";
import type { ActorMetrics } from "./metrics.js";
import { runRange, type RangeTools } from "./range-run.js";

export interface RunsOptions extends RangeTools {
  readonly workdir: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: ActorMetrics;
  /** Counts how long something took (shared/core/latencies.ts). */
  readonly count: (figure: LatencyFigure, ms: number) => void;
  /** So many events of a range that runs are done; undefined when it runs no more. */
  readonly progress: (held: HeldRange, events: number | undefined) => void;
  /** Since when the allocation was lent when the actor began; undefined where nobody knows. */
  readonly allocationAgeMs: number | undefined;
  readonly tell: (event: ActorEvent) => void;
}

/** A slot, as far as we have heard. */
interface Seat {
  /** Of which it ran a range last. */
  job: JobNumber;
  /** Ranges that have begun and not ended. */
  running: number;
  /** When there was none left. */
  freeSinceMs: number;
  /** When a payload ended or answered, and the slot was not given another range since. */
  answeredAtMs: number | undefined;
}

type StartRange = Extract<ActorAction, { kind: "start-range" }>;
type RemoveOutput = Extract<ActorAction, { kind: "remove-output" }>;

/** What is under way at the end is waited for so long. */
const closeMsMax = 10_000;
/** A payload that fails at once must not fill the log. */
const failureLines = { max: 10, intervalMs: 10_000 };

export class Runs {
  readonly #options: RunsOptions;
  readonly #failureLines: LogLimit;
  readonly #madeAtMs: number;
  /** By range. */
  readonly #aborts = new Map<string, AbortController>();
  readonly #seats = new Map<number, Seat>();
  readonly #told: Gathered<RunEvent>;
  /** Runs and removals. */
  readonly #underWay = new UnderWay();

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#told = new Gathered((events) => options.tell({ kind: "runs-told", events }));
    this.#madeAtMs = options.clock.nowMs();
    this.#failureLines = logLimit(options.clock, failureLines.max, failureLines.intervalMs);
  }

  start(range: StartRange): void {
    const abort = new AbortController();
    this.#aborts.set(keyOf(range.held), abort);
    this.#underWay.follow(this.#run(range, abort));
  }

  abort(held: HeldRange): void {
    this.#aborts.get(keyOf(held))?.abort();
  }

  /** A file that is gone already, or cannot be removed, is swept at the end of its job. */
  removeOutput({ held, plan }: RemoveOutput): void {
    const output = { ...held, events: plan.layout.locate(held.range) };
    const path = join(this.#options.workdir, outputPath(output, plan.spec.outputSuffix));
    const warn = (error: unknown): void =>
      this.#options.log.warn("a superseded output cannot be removed", { path, error });
    this.#underWay.follow(rm(path, { force: true }).catch(warn));
  }

  /** Nothing more of the job will be run. */
  endJob(job: JobNumber): void {
    this.#options.payload.endJob(job);
    this.#options.places.endJob(job);
  }

  /** (V2) */
  async close(): Promise<void> {
    for (const abort of this.#aborts.values()) abort.abort();
    this.#underWay.follow(this.#options.payload.close());
    await this.#underWay.settle(closeMsMax);
  }

  /** Never rejects. */
  async #run({ slot, held, alone, plan }: StartRange, abort: AbortController): Promise<void> {
    const { metrics, progress } = this.#options;
    const slotOf = { isRunning: false, isFree: false };
    const onBegin = (): void => {
      slotOf.isRunning = true;
      this.#begun(slot, held.job);
    };
    const onHandOver = (): void => this.#handed(slot, held.job);
    /** Once for each run: while its output was being stored, the slot may have become another's. */
    const free = (): void => {
      this.#aborts.delete(keyOf(held));
      progress(held, undefined);
      if (slotOf.isRunning) this.#freed(slot);
      slotOf.isRunning = false;
    };
    const onPayloadEnd = (): void => {
      free();
      slotOf.isFree = true;
      this.#told.add({ kind: "payload-ended", held });
    };
    const onProgress = (events: number): void => progress(held, events);
    const work = { slot, held, alone, plan, onBegin, onHandOver, onProgress, onPayloadEnd };
    const outcome = await runRange(this.#options, work, abort.signal);
    free();
    metrics.rangeEnded(outcome);
    this.#note(held, outcome);
    const ended = { kind: "range-ended", held, outcome } as const; // (V1)
    if (slotOf.isFree) this.#told.addPatiently(ended);
    else this.#told.add(ended);
  }

  /** What was handed over ahead begins before we heard that the last one ended, and so without a pause. */
  #begun(slot: number, job: JobNumber): void {
    const nowMs = this.#options.clock.nowMs();
    if (this.#seats.size === 0) this.#begunFirst(nowMs - this.#madeAtMs);
    const seat = this.#seats.get(slot);
    if (seat === undefined) {
      this.#seats.set(slot, { job, running: 1, freeSinceMs: nowMs, answeredAtMs: undefined });
      return;
    }
    // Between two jobs a slot may idle for hours, and nobody could have fed it.
    if (seat.job === job) this.#options.count("slot-idle", seat.running > 0 ? 0 : nowMs - seat.freeSinceMs);
    seat.job = job;
    seat.running += 1;
  }

  #begunFirst(sinceStartMs: number): void {
    const { metrics, count, allocationAgeMs } = this.#options;
    metrics.firstBegun(sinceStartMs);
    if (allocationAgeMs === undefined) count("first-event-of-actor", sinceStartMs);
    else count("first-event", allocationAgeMs + sinceStartMs);
  }

  #freed(slot: number): void {
    const seat = this.#seats.get(slot);
    if (seat === undefined) return;
    const nowMs = this.#options.clock.nowMs();
    seat.running -= 1;
    if (seat.running === 0) seat.freeSinceMs = nowMs;
    seat.answeredAtMs ??= nowMs;
  }

  /** The payload has been given its slot's next range. */
  #handed(slot: number, job: JobNumber): void {
    const seat = this.#seats.get(slot);
    if (seat?.answeredAtMs === undefined) return;
    if (seat.job === job)
      this.#options.count("payload-request", this.#options.clock.nowMs() - seat.answeredAtMs);
    seat.answeredAtMs = undefined;
  }

  #note({ job, range, grant }: HeldRange, outcome: RangeOutcome): void {
    const { log } = this.#options;
    if (outcome.kind !== "failure") {
      log.debug("range ended", { job, range, grant, outcome: outcome.kind });
      return;
    }
    const leftOut = this.#failureLines.next();
    if (leftOut !== undefined)
      log.warn("range failed", { job, range, grant, failure: outcome.failure, leftOut });
  }
}
