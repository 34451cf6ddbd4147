// What a report tells of how long ranges took: on the kind of node (event-times.ts), and in the session.
//
//   M1. Measured is what came under a grant that still has ranges out: of others it is not known where they ran.
//   M2. A session's pace follows the newest of its ranges, so that a node that slows down is soon known to be slow.

import type { GrantNumber } from "../../shared/core/id.js";
import { timesOnKind, type EventTimes } from "./event-times.js";
import type { Farm, Session } from "./farm.js";
import type { Job } from "./job.js";

/** How fast a session does ranges of a job. */
export interface Pace {
  /** Of its newest ranges. */
  readonly meanMs: number;
  /** How many of them count, at most `paceRangesMax`. */
  readonly ranges: number;
}

const paceRangesMax = 64;

/** Takes the times of one report, grant by grant. */
export class Measuring {
  readonly #farm: Farm;
  readonly #job: Job;
  #grant: GrantNumber | undefined;
  #session: Session | undefined;
  #times: EventTimes | undefined;
  #count = 0;
  #sumMs = 0;

  constructor(farm: Farm, job: Job) {
    this.#farm = farm;
    this.#job = job;
  }

  /** The ranges that follow were done under that grant (M1). */
  under(grant: GrantNumber): void {
    if (grant === this.#grant) return;
    this.settle();
    this.#grant = grant;
    const lent = this.#job.grants.get(grant);
    this.#session = lent === undefined ? undefined : this.#farm.sessions.get(lent.session);
    this.#times = this.#session === undefined ? undefined : timesOnKind(this.#job.times, this.#session.kind);
  }

  add(wallMs: number): void {
    if (this.#times === undefined) return;
    this.#times.add(wallMs);
    this.#job.times.all.add(wallMs);
    this.#count += 1;
    this.#sumMs += wallMs;
  }

  settle(): void {
    if (this.#session !== undefined && this.#count > 0) {
      const { paces } = this.#job;
      const { number } = this.#session;
      paces.set(number, quickened(paces.get(number), this.#count, this.#sumMs));
    }
    this.#count = 0;
    this.#sumMs = 0;
  }
}

/** (M2) */
function quickened(pace: Pace | undefined, count: number, sumMs: number): Pace {
  const ranges = Math.min(paceRangesMax, (pace?.ranges ?? 0) + count);
  const weight = Math.min(1, count / ranges);
  const before = pace?.meanMs ?? 0;
  return { meanMs: before + (sumMs / count - before) * weight, ranges };
}
