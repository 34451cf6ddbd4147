// What a report tells of how long ranges took: on the kind of node (event-times.ts), and in the session (paces.ts).
//
//   M1. Measured is what came under a grant that still has ranges out: of others it is not known where they ran.

import type { GrantNumber } from "../../../shared/core/id.js";
import { timesOnKind, type EventTimes } from "../state/event-times.js";
import type { Farm, Session } from "../state/farm.js";
import type { Job } from "../state/job.js";

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
    if (this.#session !== undefined && this.#count > 0)
      this.#job.paces.measure(this.#session, this.#count, this.#sumMs);
    this.#count = 0;
    this.#sumMs = 0;
  }
}
