// The oracles' own books: what the facts on the disk amount to. Written from the journal's durable frames alone, and
// apart from the driver's core, so that a mistake there does not hide itself.

import type { DurableFact, SessionRole } from "../../../services/driver/core/facts/fact.js";
import { present } from "../../../services/shared/core/assert.js";
import type { Labels } from "../../../services/shared/core/labels.js";
import { JobBook, type JobFact } from "./job-book.js";

interface SessionBook {
  readonly role: SessionRole;
  readonly name: string;
  readonly incarnation: string;
  readonly node: string;
  readonly slots: number;
  readonly labels: Labels;
}

export class Books {
  readonly facts: DurableFact[] = [];
  readonly jobs = new Map<number, JobBook>();
  readonly sessions = new Map<number, SessionBook>();
  readonly quarantined = new Set<string>();
  readonly drained = new Set<string>();
  /** By `job/grant`. */
  readonly #sessionOfGrant = new Map<string, number>();

  job(number: number): JobBook {
    return present(this.jobs.get(number), `job ${number} in the books`);
  }

  /** To whom the grant was lent; undefined when that was never seen. */
  sessionOf(job: number, grant: number): number | undefined {
    return this.#sessionOfGrant.get(`${job}/${grant}`);
  }

  /** How many ranges the session holds. */
  heldBy(session: number): number {
    let held = 0;
    for (const job of this.jobs.values())
      for (const grant of job.holder.values())
        if (this.#sessionOfGrant.get(`${job.number}/${grant}`) === session) held += 1;
    return held;
  }

  /** Whether it holds a range that was granted alone. */
  holdsAlone(session: number): boolean {
    for (const job of this.jobs.values())
      for (const grant of job.holder.values())
        if (job.alone.has(grant) && this.#sessionOfGrant.get(`${job.number}/${grant}`) === session)
          return true;
    return false;
  }

  enter(fact: DurableFact): void {
    this.facts.push(fact);
    switch (fact.kind) {
      case "driver-started":
        break;
      case "session-opened":
        this.sessions.set(fact.session, fact);
        if (fact.continues !== undefined) this.#moveGrants(fact.continues, fact.session);
        break;
      case "session-ended":
        this.#endSession(fact.session);
        break;
      case "node-quarantined":
        this.quarantined.add(fact.node);
        for (const job of this.jobs.values()) job.refund(fact.node);
        break;
      case "node-restored":
        this.quarantined.delete(fact.node);
        break;
      case "drain-begun":
        this.drained.add(fact.node);
        break;
      case "drain-ended":
        this.drained.delete(fact.node);
        break;
      default:
        this.#enterJobFact(fact);
    }
  }

  #enterJobFact(fact: JobFact): void {
    if (fact.kind === "job-submitted") this.jobs.set(fact.job, new JobBook(fact));
    if (fact.kind === "ranges-granted" || fact.kind === "ranges-copied" || fact.kind === "merge-granted")
      this.#sessionOfGrant.set(`${fact.job}/${fact.grant}`, fact.session);
    this.job(fact.job).enter(fact);
  }

  #moveGrants(from: number, to: number): void {
    for (const [grant, session] of this.#sessionOfGrant)
      if (session === from) this.#sessionOfGrant.set(grant, to);
    this.sessions.delete(from);
  }

  #endSession(number: number): void {
    this.sessions.delete(number);
    for (const job of this.jobs.values()) {
      const isOver = (grant: number): boolean =>
        this.#sessionOfGrant.get(`${job.number}/${grant}`) === number;
      for (const [range, grant] of [...job.copy, ...job.holder]) if (isOver(grant)) job.letGo(range, grant);
      for (const group of job.groups.values())
        if (group.stage === "granted" && isOver(present(group.grant, "grant of the group")))
          group.stage = "planned";
    }
  }
}
