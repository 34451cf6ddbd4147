// The `stream` payload: processes that live for many ranges of one job.
//
//   Z1. Each slot, or as many neighbouring slots as one process has, has a process for each job that it runs; it is begun
//       with the first range and stays while the job has ranges here. A range that is to be alone has one of its own.
//   Z2. A process is told to stop when its job is over, when another job needs its slot, and when it was idle for long.
//   Z3. It sees the environment that was passed on purpose (payload-environment.ts), and the numbers of its two pipes.

import { rm } from "node:fs/promises";
import { assert } from "../../shared/core/assert.js";
import type { Clock } from "../../shared/core/clock.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { StreamPayload } from "../../shared/core/job-spec.js";
import { placesOf, slotsTaken } from "../../shared/core/payload-needs.js";
import { fillPlaceholders } from "../../shared/core/placeholders.js";
import type { Logger } from "../../shared/io/logger.js";
import type { StreamEnd } from "../core/stream-state.js";
import { protocolVersion } from "../core/stream-words.js";
import { environmentOf, ofJobScratch, type PayloadOptions } from "./payload-environment.js";
import type { LastingPayload, PayloadEnd, PayloadRun } from "./payload.js";
import { pinned, runnerOf } from "./pinning.js";
import type { Scratch } from "./scratch.js";
import { loggedRange, type ProgramLog } from "./slot-log.js";
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

interface Run {
  readonly run: PayloadRun;
  readonly resolve: (end: PayloadEnd) => void;
}

/** A process, and the ranges that it has. */
interface Seat {
  readonly key: string;
  readonly job: JobNumber;
  readonly jobScratch: string | undefined;
  /** Ranges that it works on at a time. */
  readonly slots: number;
  /** Slots of the node that each of these takes. */
  readonly cores: number;
  readonly firstSlot: number;
  readonly alone: boolean;
  readonly process: StreamProcess;
  readonly runs: Map<string, Run>;
  readonly log: ProgramLog;
}

export class StreamPayloads implements LastingPayload {
  readonly #options: StreamOptions;
  /** Those that take ranges. */
  readonly #seats = new Map<string, Seat>();
  /** Those whose processes may live (Z2). */
  readonly #living = new Set<Seat>();
  /** The last of each slot. */
  readonly #ofSlot = new Map<number, Seat>();
  #folders = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  run(run: PayloadRun, signal: AbortSignal): Promise<PayloadEnd> {
    signal.throwIfAborted();
    const seat = this.#seatFor(run);
    if (this.#ofSlot.get(run.slot) !== seat) this.vacate(run.slot);
    this.#ofSlot.set(run.slot, seat);
    const id = `${run.held.range}.${run.held.grant}`;
    const cancel = (): void => seat.process.tell({ kind: "range-cancelled", id });
    const end = new Promise<PayloadEnd>((resolve) => seat.runs.set(id, { run, resolve }));
    signal.addEventListener("abort", cancel, { once: true });
    const { events, input, output, slot } = run;
    const { first, last } = events;
    const where = {
      id,
      slot: (slot - seat.firstSlot) / seat.cores,
      input: run.inputCopy ?? input.path,
      first,
      last,
    };
    const range = output === undefined ? where : { ...where, output };
    seat.process.hand(range);
    run.onHandOver();
    return end.finally(() => signal.removeEventListener("abort", cancel));
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
  #seatFor({ held, slot, alone, spec, jobScratch }: PayloadRun): Seat {
    const { payload } = spec;
    assert(payload.kind === "stream", "a payload of the kind stream");
    const places = placesOf(payload.needs, this.#options.slots);
    const wanted = payload.slotsPerProcess === 0 ? places : payload.slotsPerProcess;
    const slots = alone ? 1 : Math.min(wanted, places);
    const cores = slotsTaken(payload.needs, this.#options.slots);
    const firstSlot = slot - (slot % (slots * cores));
    const own = alone ? ` alone ${held.range}.${held.grant}` : "";
    const key = `${held.job} ${firstSlot}${own}`;
    return (
      this.#seats.get(key) ??
      this.#newSeat({ key, job: held.job, jobScratch, slots, cores, firstSlot, alone }, spec, payload)
    );
  }

  #newSeat(
    place: Omit<Seat, "process" | "runs" | "log">,
    spec: PayloadRun["spec"],
    payload: StreamPayload,
  ): Seat {
    const { job, firstSlot, slots } = place;
    const { name, jobDir, retry } = spec;
    const runs = new Map<string, Run>();
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
          own: { JOB: job, SLOT: firstSlot + 1, SLOTS: slots, ...pipes, ...ofJobScratch(place.jobScratch) },
        }),
      newFolder: async () => {
        // What it has not begun, the process before it may have begun without being asked for it yet.
        const outputs = [...runs.values()].flatMap(({ run }) => run.output ?? []);
        await Promise.all(outputs.map((output) => rm(output, { recursive: true, force: true })));
        return scratch.runFolder(`stream${(this.#folders += 1)}`);
      },
      opening: (scratch) => {
        return { type: "open", protocol: protocolVersion, job, name, slots, jobDir, scratch };
      },
      runProgram: runnerOf(runProgram, payload.needs),
      onOutput: (piece) => slotLog.write(piece),
      onBegin: (id) => {
        const run = runs.get(id)?.run;
        if (run === undefined) return;
        slotLog.begin(loggedRange(run));
        run.onBegin();
      },
      onProgress: (id, events) => progress(runs.get(id)?.run, events),
      onEnd: (id, end) => this.#endRange(seat, id, end),
      onEnding: (reason) => log.warn("ending a payload process", { job, slot: firstSlot + 1, reason }),
      onStop: () => this.#leave(seat),
    });
    const seat: Seat = { ...place, process, runs, log: slotLog };
    this.#seats.set(seat.key, seat);
    this.#living.add(seat);
    return seat;
  }

  #endRange({ runs, log }: Seat, id: string, end: StreamEnd): void {
    const run = runs.get(id);
    assert(run !== undefined, `range ${id} is with its process when it ends`);
    runs.delete(id);
    log.end(run.run.held, end);
    run.resolve(end);
  }

  /** It takes no range any more; whoever needs one gets another. */
  #leave(seat: Seat): void {
    this.#seats.delete(seat.key);
    for (const [slot, of] of this.#ofSlot) if (of === seat) this.#ofSlot.delete(slot);
    void seat.process.closed.then(() => {
      this.#living.delete(seat);
      return seat.log.close();
    });
  }
}

/** What a program says of its progress is not believed beyond what its range has. */
function progress(run: PayloadRun | undefined, events: number): void {
  if (run === undefined) return;
  const { first, last } = run.events;
  run.onProgress(Math.min(Math.floor(events), last - first + 1));
}

/** (Z3) */
const pipes = { IN_FD: 3, OUT_FD: 4 };
