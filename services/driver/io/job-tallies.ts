// What a report tells of a job that the farm does not know: when things were done, and what became of the slots' time.
//
//   T1. It is counted from what is committed and what actors tell, and is not durable itself. A driver that goes on with a
//       job adds it to what the last report said; what came after that report, before a crash, is missing.
//   T2. A slot's time is told by its actor as it passes. That of ranges which run is lost when their session ends before it
//       could say what came of them.
//   T3. What is told of the time before a job was there is not the job's. Actors tell in sums, so it is reckoned by its share
//       of the time that is told of: first what the slots waited, then what they did for others.

import type { JobNumber, SessionNumber } from "../../shared/core/id.js";
import type { Utilisation } from "../../shared/core/report.js";
import type { JobSlotTime, SlotTimes } from "../../shared/core/slot-times.js";
import type { DurableFact } from "../core/facts/fact.js";
import { YoungJobs } from "./young-jobs.js";

/** Unix milliseconds; undefined while nothing of the kind has happened. */
export interface TalliedTimes {
  readonly firstDone: number | undefined;
  readonly lastDone: number | undefined;
  readonly lastMerged: number | undefined;
}

export interface Tallied {
  readonly times: TalliedTimes;
  readonly utilisation: Utilisation;
}

export const nothingTallied: Tallied = {
  times: { firstDone: undefined, lastDone: undefined, lastMerged: undefined },
  utilisation: { held: 0, busy: 0, lost: 0, starting: 0, waiting: 0, otherJobs: 0 },
};

/** Slot-milliseconds of all nodes since this driver began. */
interface Totals {
  held: number;
  starting: number;
  waiting: number;
  busy: number;
}

interface JobTally {
  firstDone: number | undefined;
  lastDone: number | undefined;
  lastMerged: number | undefined;
  /** Slot-milliseconds; `lost` is part of `busy`. */
  busy: number;
  lost: number;
  /** When it was first heard of, and what was told later of the time before (T3). */
  readonly before: Totals;
}

export class JobTallies {
  readonly #unixMs: () => number;
  readonly #formerly: (job: JobNumber) => Promise<Tallied | undefined>;
  readonly #jobs = new Map<JobNumber, JobTally>();
  /** What earlier drivers said of a job (T1). */
  readonly #former = new Map<JobNumber, Tallied>();
  readonly #totals: Totals = { held: 0, starting: 0, waiting: 0, busy: 0 };
  /** Of ranges that run, by session (T2). */
  readonly #running = new Map<SessionNumber, readonly JobSlotTime[]>();
  /** When a session's actor told last (T3). */
  readonly #toldAt = new Map<SessionNumber, number>();
  readonly #young = new YoungJobs();

  /** `formerly` tells what the report says that lies there. */
  constructor(unixMs: () => number, formerly: (job: JobNumber) => Promise<Tallied | undefined>) {
    this.#unixMs = unixMs;
    this.#formerly = formerly;
  }

  /** The jobs are at work: their time counts from now on. */
  begin(jobs: Iterable<JobNumber>): void {
    for (const job of jobs) this.#of(job);
  }

  observe(facts: readonly DurableFact[]): void {
    for (const fact of facts) {
      if (fact.kind === "job-submitted") this.#begin(fact.job);
      else if (fact.kind === "ranges-done") {
        const tally = this.#of(fact.job);
        tally.lastDone = this.#unixMs();
        tally.firstDone ??= tally.lastDone;
      } else if (fact.kind === "merge-published") this.#of(fact.job).lastMerged = this.#unixMs();
      else if (fact.kind === "job-retried")
        this.#forget(fact.job); // Its last report says all that was known until then.
      else if (fact.kind === "session-opened") this.#continue(fact.session, fact.continues);
      else if (fact.kind === "session-ended") this.#lose(fact.session);
    }
  }

  /** What became of an actor's slots since it told last; one without a session is heard too early or too late. */
  hear(session: SessionNumber | undefined, told: SlotTimes): void {
    if (session === undefined) return;
    const { heldMs, startingMs, waitingMs, jobs } = told;
    this.#leaveOut(session, told);
    const totals = this.#totals;
    totals.held += heldMs;
    totals.starting += startingMs;
    totals.waiting += waitingMs;
    for (const { job, busyMs, lostMs } of jobs) {
      totals.busy += busyMs;
      const tally = this.#jobs.get(job); // Of a job that was over when this driver began, nothing is reported.
      if (tally === undefined) continue;
      tally.busy += busyMs;
      tally.lost += lostMs;
    }
    const running = jobs.filter(({ runningMs }) => runningMs > 0);
    if (running.length > 0) this.#running.set(session, running);
    else this.#running.delete(session);
  }

  /** All that is known of the job, by this driver and by those before. */
  async of(job: JobNumber): Promise<Tallied> {
    let former = this.#former.get(job);
    if (former === undefined) {
      former = (await this.#formerly(job)) ?? nothingTallied;
      this.#former.set(job, former);
    }
    return sumOf(former, this.#tallied(job));
  }

  #tallied(job: JobNumber): Tallied {
    const { firstDone, lastDone, lastMerged, busy, lost, before } = this.#of(job);
    const { held, starting, waiting, busy: all } = this.#totals;
    const useful = Math.max(0, busy - lost); // What ran for nothing may have been told of by another driver.
    return {
      times: { firstDone, lastDone, lastMerged },
      utilisation: {
        held: (held - before.held) / 1_000,
        busy: useful / 1_000,
        lost: (busy - useful) / 1_000,
        starting: (starting - before.starting) / 1_000,
        waiting: (waiting - before.waiting) / 1_000,
        otherJobs: Math.max(0, all - before.busy - busy) / 1_000,
      },
    };
  }

  #begin(job: JobNumber): void {
    this.#of(job);
    this.#young.came(job, this.#unixMs());
  }

  #forget(job: JobNumber): void {
    this.#former.delete(job);
    this.#jobs.delete(job);
    this.#begin(job);
  }

  /** (T3) */
  #leaveOut(session: SessionNumber, { heldMs, waitingMs, jobs }: SlotTimes): void {
    const nowMs = this.#unixMs();
    const toldAtMs = this.#toldAt.get(session);
    this.#toldAt.set(session, nowMs);
    if (toldAtMs === undefined) return;
    for (const [job, share] of this.#young.within(toldAtMs, nowMs)) {
      const { before } = this.#of(job);
      const others = jobs.reduce((sum, one) => sum + (one.job === job ? 0 : one.busyMs), 0);
      const waited = Math.min(waitingMs, heldMs * share);
      const busy = Math.min(others, heldMs * share - waited);
      before.held += waited + busy;
      before.waiting += waited;
      before.busy += busy;
    }
  }

  #continue(session: SessionNumber, former: SessionNumber | undefined): void {
    const toldAtMs = former === undefined ? undefined : this.#toldAt.get(former);
    this.#toldAt.set(session, toldAtMs ?? this.#unixMs());
    const running = former === undefined ? undefined : this.#running.get(former);
    if (former === undefined || running === undefined) return;
    this.#running.delete(former);
    this.#running.set(session, running);
  }

  #lose(session: SessionNumber): void {
    for (const { job, runningMs } of this.#running.get(session) ?? []) {
      const tally = this.#jobs.get(job);
      if (tally !== undefined) tally.lost += runningMs;
    }
    this.#running.delete(session);
    this.#toldAt.delete(session);
  }

  #of(job: JobNumber): JobTally {
    const known = this.#jobs.get(job);
    if (known !== undefined) return known;
    const times = { firstDone: undefined, lastDone: undefined, lastMerged: undefined };
    const tally: JobTally = { ...times, busy: 0, lost: 0, before: { ...this.#totals } };
    this.#jobs.set(job, tally);
    return tally;
  }
}

function sumOf(former: Tallied, now: Tallied): Tallied {
  const [one, other] = [former.utilisation, now.utilisation];
  return {
    times: {
      firstDone: former.times.firstDone ?? now.times.firstDone,
      lastDone: now.times.lastDone ?? former.times.lastDone,
      lastMerged: now.times.lastMerged ?? former.times.lastMerged,
    },
    utilisation: {
      held: one.held + other.held,
      busy: one.busy + other.busy,
      lost: one.lost + other.lost,
      starting: one.starting + other.starting,
      waiting: one.waiting + other.waiting,
      otherJobs: one.otherJobs + other.otherJobs,
    },
  };
}
