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
import { slotsTaken } from "../../shared/core/payload-needs.js";
import type { Logger } from "../../shared/io/logger.js";
import { UnderWay } from "../../shared/io/under-way.js";
import type { HeldRange } from "../core/held.js";
import type { SlotBook } from "../core/slot-book.js";
import type { ActorSettings } from "../core/state.js";
import type { ActorAction, ActorEvent, RangeOutcome, RunEvent } from "../core/step.js";
import { logLimit, type LogLimit } from "../../shared/io/log-limit.js";
import { Gathered } from "./gathered.js";
import type { ActorMetrics } from "./metrics.js";
import { RangeRun, type RangeTools, type RunKeeper } from "./range-run.js";

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
  readonly settings: Pick<ActorSettings, "slots">;
  readonly slotBook: SlotBook;
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
  /** Those that have not come to their end, by the object by which the core names them. */
  readonly #runs = new Map<HeldRange, RangeRun>();
  readonly #seats = new Map<number, Seat>();
  readonly #told: Gathered<RunEvent>;
  /** Removals, and at the end what is waited for. */
  readonly #underWay = new UnderWay();
  #onAllOver = (): void => undefined;
  readonly #keeper: RunKeeper = {
    begun: (run) => this.#begun(run),
    handedOver: (run) => this.#handed(run),
    progressed: ({ held }, events) => this.#options.progress(held, events),
    storing: (run) => this.#storing(run),
    over: (run, outcome) => this.#over(run, outcome),
  };

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#told = new Gathered((events) => options.tell({ kind: "runs-told", events }));
    this.#madeAtMs = options.clock.nowMs();
    this.#failureLines = logLimit(options.clock, failureLines.max, failureLines.intervalMs);
  }

  start(range: StartRange): void {
    const run = new RangeRun(range, this.#options, this.#keeper);
    this.#runs.set(range.held, run);
    this.#options.slotBook.handed(range.slot, this.#coresOf(run), this.#options.clock.nowMs());
    run.start();
  }

  recall(held: HeldRange): void {
    this.#runs.get(held)?.recall();
  }

  /** Ends what runs; where it ran already, its output is waited for no longer. */
  abort(held: HeldRange): void {
    this.#runs.get(held)?.abort();
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
    for (const run of this.#runs.values()) run.abort();
    this.#underWay.follow(this.#options.payload.close());
    if (this.#runs.size > 0) this.#underWay.follow(new Promise((resolve) => (this.#onAllOver = resolve)));
    await this.#underWay.settle(closeMsMax);
  }

  #coresOf({ spec }: RangeRun): number {
    return slotsTaken(spec.payload.needs, this.#options.settings.slots);
  }

  /** Once for each run: while its output is being stored, the slot may become another's. */
  #free(run: RangeRun): void {
    const { slot, isRunning } = run;
    const { progress, slotBook, clock } = this.#options;
    const nowMs = clock.nowMs();
    progress(run.held, undefined);
    slotBook.freed(slot, isRunning, nowMs);
    if (!isRunning) return;
    this.#freed(slot, nowMs);
    run.ranMs = nowMs - run.beganAtMs;
    run.isRunning = false;
  }

  #storing(run: RangeRun): void {
    this.#free(run);
    this.#told.add({ kind: "payload-ended", held: run.held });
  }

  #over(run: RangeRun, outcome: RangeOutcome): void {
    const { held } = run;
    if (!run.isStoring) this.#free(run);
    this.#runs.delete(held);
    const isGood = outcome.kind === "output" || outcome.kind === "done";
    if (!isGood) this.#options.slotBook.lost(held.job, run.ranMs * this.#coresOf(run));
    if (this.#runs.size === 0) this.#onAllOver();
    this.#options.metrics.rangeEnded(outcome);
    this.#note(held, outcome);
    const ended = { kind: "range-ended", held, outcome } as const; // (V1)
    if (run.isStoring) this.#told.addPatiently(ended);
    else this.#told.add(ended);
  }

  /** What was handed over ahead begins before we heard that the last one ended, and so without a pause. */
  #begun(run: RangeRun): void {
    run.isRunning = true;
    const { slot } = run;
    const { job } = run.held;
    const nowMs = this.#options.clock.nowMs();
    run.beganAtMs = nowMs;
    this.#options.slotBook.begun(slot, job, nowMs);
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

  #freed(slot: number, nowMs: number): void {
    const seat = this.#seats.get(slot);
    if (seat === undefined) return;
    seat.running -= 1;
    if (seat.running === 0) seat.freeSinceMs = nowMs;
    seat.answeredAtMs ??= nowMs;
  }

  /** The payload has been given its slot's next range. */
  #handed({ slot, held }: RangeRun): void {
    const seat = this.#seats.get(slot);
    if (seat?.answeredAtMs === undefined) return;
    if (seat.job === held.job)
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
