// The `stream` payload: processes that live for many ranges of one job.
//
//   Z1. Each slot, or as many neighbouring slots as one process has, has a process for each job that it runs; it is begun
//       with the first range and stays while the job has ranges here. A range that is to be alone has one of its own.
//   Z2. A process is told to stop when its job is over, when another job needs its slot, and when it was idle for long.
//   Z3. It sees the environment that was passed on purpose (payload-environment.ts), and the numbers of its two pipes.

import { rm } from "node:fs/promises";
import { assert } from "../../shared/core/assert.js";
import type { Clock } from "../../shared/core/clock.js";
import type { Failure } from "../../shared/core/failure.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { StreamPayload } from "../../shared/core/job-spec.js";
import { placesOf, slotsTaken } from "../../shared/core/payload-needs.js";
import { fillPlaceholders } from "../../shared/core/placeholders.js";
import type { Logger } from "../../shared/io/logger.js";
import { handedName } from "../core/held.js";
import type { StreamEnd } from "../core/stream-state.js";
import { protocolVersion } from "../core/stream-words.js";
import { environmentOf, ofJobScratch, type PayloadOptions } from "./payload-environment.js";
import type { LastingPayload, PayloadRun } from "./payload.js";
import { pinned, runnerOf } from "./pinning.js";
import { ProcessQuota } from "./process-quota.js";
import type { Scratch } from "./scratch.js";
import type { ProgramLog } from "./slot-log.js";
import { StreamProcess } from "./stream-process.js";

export interface StreamOptions extends PayloadOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly scratch: Pick<Scratch, "runFolder">;
  readonly fail: (error: unknown) => void;
}

/** What is no longer wanted is waited for so long. */
const cancelMs = 1_000;
/** A process that has nothing to do is kept so long. */
const idleMs = 300_000;

/** Where a process is, and for what. */
interface SeatPlace {
  readonly key: string;
  readonly job: JobNumber;
  readonly payload: StreamPayload;
  /** Ranges that it works on at a time. */
  readonly slots: number;
  /** Slots of the node that each of these takes. */
  readonly cores: number;
  readonly firstSlot: number;
  readonly alone: boolean;
}

/** A process, and the ranges that it has. */
interface Seat extends SeatPlace {
  readonly process: StreamProcess;
  readonly quota: ProcessQuota;
  readonly runs: Map<string, PayloadRun>;
  readonly log: ProgramLog;
}

export class StreamPayloads implements LastingPayload {
  readonly #options: StreamOptions;
  /** Those that take ranges. */
  readonly #seats = new Map<string, Seat>();
  /** Those whose processes may live (Z2). */
  readonly #living = new Set<Seat>();
  /** The last of each slot, while it takes ranges. */
  readonly #ofSlot = new Map<number, Seat>();
  #folders = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  start(run: PayloadRun): void {
    if (run.isRecalled) run.onEnd({ kind: "aborted" });
    else this.#hand(run);
  }

  #hand(run: PayloadRun): void {
    const seat = this.#seatFor(run);
    const id = idOf(run);
    const { events, input, output, slot } = run;
    const where = {
      id,
      slot: (slot - seat.firstSlot) / seat.cores,
      input: run.prepared.inputCopy ?? input.path,
      first: events.first,
      last: events.last,
    };
    seat.runs.set(id, run);
    seat.process.hand(output === undefined ? where : { ...where, output });
    run.onHandOver();
  }

  abort(run: PayloadRun): void {
    this.#tellOf(run, "range-cancelled");
  }

  recall(run: PayloadRun): void {
    this.#tellOf(run, "range-recalled");
  }

  #tellOf(run: PayloadRun, kind: "range-cancelled" | "range-recalled"): void {
    const id = idOf(run);
    const seat = this.#seats.get(this.#placeOf(run).key);
    if (seat?.runs.has(id) === true) seat.process.tell({ kind, id });
  }

  /** The slot is another's now: a process that has nothing else to do is told to stop. */
  vacate(slot: number): void {
    const seat = this.#ofSlot.get(slot);
    this.#ofSlot.delete(slot);
    if (seat?.process.isIdle === true) seat.process.tell({ kind: "closed" });
  }

  endJob(job: JobNumber): void {
    for (const seat of this.#seats.values()) if (seat.job === job) seat.process.tell({ kind: "closed" });
  }

  async close(): Promise<void> {
    for (const seat of this.#seats.values()) seat.process.tell({ kind: "closed" });
    await Promise.all([...this.#living].map(({ process }) => process.closed));
  }

  /** (Z1) */
  #seatFor(run: PayloadRun): Seat {
    const last = this.#ofSlot.get(run.slot);
    if (last?.job === run.held.job && !last.alone && !run.alone) return last;
    const place = this.#placeOf(run);
    const seat = this.#seats.get(place.key) ?? this.#newSeat(place, run);
    if (last !== seat) this.vacate(run.slot);
    this.#ofSlot.set(run.slot, seat);
    return seat;
  }

  #placeOf({ held, slot, alone, spec }: PayloadRun): SeatPlace {
    const { payload } = spec;
    assert(payload.kind === "stream", "a payload of the kind stream");
    const places = placesOf(payload.needs, this.#options.slots);
    const wanted = payload.slotsPerProcess === 0 ? places : payload.slotsPerProcess;
    const slots = alone ? 1 : Math.min(wanted, places);
    const cores = slotsTaken(payload.needs, this.#options.slots);
    const firstSlot = slot - (slot % (slots * cores));
    const own = alone ? ` alone ${held.range}.${held.grant}` : "";
    return { key: `${held.job} ${firstSlot}${own}`, job: held.job, slots, cores, firstSlot, alone, payload };
  }

  #newSeat(place: SeatPlace, { spec, prepared }: PayloadRun): Seat {
    const { job, firstSlot, slots, payload } = place;
    const { name, jobDir, retry } = spec;
    const { jobScratch } = prepared;
    const runs = new Map<string, PayloadRun>();
    const { clock, graceMs, log, logs, scratch, runProgram, fail } = this.#options;
    const slotLog = logs.open(job, firstSlot);
    const process = new StreamProcess({
      clock,
      graceMs,
      fail,
      rules: {
        failures: retry.rules,
        startTimeoutMs: payload.startTimeoutMs,
        rangeTimeoutMs: payload.timeoutMs,
        cancelMs,
        idleMs: place.alone ? 0 : idleMs,
      },
      command: pinned(fillPlaceholders(payload.command, { jobDir }), payload.needs, this.#options, {
        firstSlot,
        places: slots,
      }),
      environment: (folder) =>
        environmentOf(this.#options, spec, {
          folder,
          own: { JOB: job, SLOT: firstSlot + 1, SLOTS: slots, ...pipes, ...ofJobScratch(jobScratch) },
        }),
      newFolder: async () => {
        // What it has not begun, the process before it may have begun without being asked for it yet.
        const outputs = [...runs.values()].flatMap(({ output }) => output ?? []);
        await Promise.all(outputs.map((output) => rm(output, { recursive: true, force: true })));
        return quota.in(await scratch.runFolder(`stream${(this.#folders += 1)}`));
      },
      opening: (scratch) => {
        return { type: "open", protocol: protocolVersion, job, name, slots, jobDir, scratch };
      },
      runProgram: runnerOf(runProgram, payload.needs),
      onOutput: (piece) => slotLog.write(piece),
      onBegin: (id) => {
        const run = runs.get(id);
        if (run === undefined) return;
        slotLog.begin(run);
        quota.begin(run);
        run.onBegin();
      },
      onProgress: (id, events) => progress(runs.get(id), events),
      onEnd: (id, end) => this.#endRange(seat, id, end),
      onForget: (output) => void rm(output, { recursive: true, force: true }).catch(() => undefined),
      onEnding: (reason) => log.warn("ending a payload process", { job, slot: firstSlot + 1, reason }),
      onStop: () => this.#leave(seat),
    });
    const onFlaw = (failure: Failure, culprit?: PayloadRun): void =>
      process.tell({ kind: "took-too-much", failure, culprit: culprit && idOf(culprit) });
    const quota = new ProcessQuota(payload.needs.scratchBytesMax, onFlaw);
    const seat: Seat = { ...place, process, quota, runs, log: slotLog };
    this.#seats.set(seat.key, seat);
    this.#living.add(seat);
    return seat;
  }

  #endRange({ runs, log, quota }: Seat, id: string, end: StreamEnd): void {
    const run = runs.get(id);
    assert(run !== undefined, `range ${id} is with its process when it ends`);
    runs.delete(id);
    log.end(run, end);
    quota.end(run, end);
  }

  /** It takes no range any more; whoever needs one gets another. */
  #leave(seat: Seat): void {
    this.#seats.delete(seat.key);
    seat.quota.close();
    for (const [slot, of] of this.#ofSlot) if (of === seat) this.#ofSlot.delete(slot);
    void seat.process.closed.then(() => {
      this.#living.delete(seat);
      return seat.log.close();
    });
  }
}

/** Unlike that of any other range that a process has. */
function idOf({ held, recalls }: PayloadRun): string {
  return handedName(held, recalls);
}

/** What a program says of its progress is not believed beyond what its range has. */
function progress(run: PayloadRun | undefined, events: number): void {
  if (run === undefined) return;
  const { first, last } = run.events;
  run.onProgress(Math.min(Math.floor(events), last - first + 1));
}

/** (Z3) */
const pipes = { IN_FD: 3, OUT_FD: 4 };
