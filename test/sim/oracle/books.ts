// The oracles' own books: what the facts on the disk amount to. Written from the journal's durable frames alone, and
// apart from the driver's core, so that a mistake there does not hide itself.

import type { DurableFact, MergedFile, SessionRole } from "../../../services/driver/core/fact.js";
import { present } from "../../../services/shared/core/assert.js";
import { rangeLayout, type RangeLayout } from "../../../services/shared/core/event-range.js";
import type { FailureClass } from "../../../services/shared/core/failure.js";
import type { JobSpec } from "../../../services/shared/core/job-spec.js";
import { mergedPath, outputPath } from "../../../services/shared/core/names.js";
import { eachRange } from "../../../services/shared/core/spans.js";

export interface CountedFailure {
  readonly grant: number;
  readonly class: FailureClass;
  readonly node: string;
}

export interface GroupBook {
  readonly ranges: readonly number[];
  stage: "planned" | "accepted" | "published" | "removed" | "failed";
  /** Of the result that was accepted. */
  accepted: { readonly grant: number; readonly file: MergedFile } | undefined;
  failures: number;
}

export class JobBook {
  readonly number: number;
  readonly spec: JobSpec;
  readonly requestId: string;
  readonly layout: RangeLayout;
  readonly holder = new Map<number, number>();
  readonly winner = new Map<number, number>();
  /** `range/grant` of all outputs that were taken in, lost ones too. */
  readonly everWon = new Set<string>();
  /** The last grant that was void when the range's output was lost. */
  readonly voidedUpTo = new Map<number, number>();
  readonly failures = new Map<number, CountedFailure[]>();
  readonly failed = new Set<number>();
  readonly groups = new Map<number, GroupBook>();
  lastGrant = 0;
  stopped = false;
  ended = false;
  reported = false;

  constructor(fact: Extract<DurableFact, { kind: "job-submitted" }>) {
    this.number = fact.job;
    this.spec = fact.spec;
    this.requestId = fact.requestId;
    this.layout = rangeLayout(fact.spec);
  }

  finalPath(group: number): string {
    return mergedPath(this.number as never, group as never, this.spec);
  }

  outputPath(range: number, grant: number): string {
    const events = this.layout.locate(range);
    return outputPath(
      { job: this.number as never, range, grant: grant as never, events },
      this.spec.outputSuffix,
    );
  }

  /** Whether an output that nobody has heard of yet could become its range's. */
  mayStillWin(range: number, grant: number): boolean {
    if (this.ended || this.winner.has(range) || this.failed.has(range)) return false;
    return grant > (this.voidedUpTo.get(range) ?? 0);
  }
}

export interface SessionBook {
  readonly role: SessionRole;
  readonly name: string;
  readonly node: string;
}

export class Books {
  readonly facts: DurableFact[] = [];
  readonly jobs = new Map<number, JobBook>();
  readonly sessions = new Map<number, SessionBook>();
  /** By `job/grant`. */
  readonly #sessionOfGrant = new Map<string, number>();

  job(number: number): JobBook {
    return present(this.jobs.get(number), `job ${number} in the books`);
  }

  enter(fact: DurableFact): void {
    this.facts.push(fact);
    switch (fact.kind) {
      case "driver-started":
        break;
      case "job-submitted":
        this.jobs.set(fact.job, new JobBook(fact));
        break;
      case "session-opened":
        this.sessions.set(fact.session, fact);
        if (fact.continues !== undefined) this.#moveGrants(fact.continues, fact.session);
        break;
      case "session-ended":
        this.#endSession(fact.session);
        break;
      default:
        this.#enterJobFact(this.job(fact.job), fact);
    }
  }

  #enterJobFact(job: JobBook, fact: Extract<DurableFact, { job: unknown }>): void {
    switch (fact.kind) {
      case "ranges-granted":
        this.#sessionOfGrant.set(`${fact.job}/${fact.grant}`, fact.session);
        job.lastGrant = fact.grant;
        for (const range of eachRange(fact.spans)) job.holder.set(range, fact.grant);
        break;
      case "ranges-returned":
        for (const range of eachRange(fact.spans)) job.holder.delete(range);
        break;
      case "ranges-done":
        enterDone(job, fact);
        break;
      case "range-failed": {
        const { range, grant, node, failure } = fact;
        const counted = job.failures.get(range) ?? [];
        job.failures.set(range, [...counted, { grant, node, class: failure.class }]);
        job.holder.delete(range);
        if (fact.final) job.failed.add(range);
        break;
      }
      case "job-stopped":
        job.stopped = true;
        for (let range = 0; range < job.layout.ranges; range += 1)
          if (!job.winner.has(range)) job.failed.add(range);
        job.holder.clear();
        break;
      case "job-ended":
        job.ended = true;
        break;
      case "job-reported":
        job.reported = true;
        break;
      case "job-submitted":
        break;
      case "job-cancelled":
      case "job-suspended":
      case "job-resumed":
      case "job-retried":
        throw new Error(`expected a client that asks nothing of its jobs, found ${fact.kind}`);
      default:
        enterMergeFact(job, fact);
    }
  }

  #moveGrants(from: number, to: number): void {
    for (const [grant, session] of this.#sessionOfGrant)
      if (session === from) this.#sessionOfGrant.set(grant, to);
    this.sessions.delete(from);
  }

  #endSession(number: number): void {
    this.sessions.delete(number);
    for (const job of this.jobs.values()) {
      for (const [range, grant] of job.holder) {
        if (this.#sessionOfGrant.get(`${job.number}/${grant}`) === number) job.holder.delete(range);
      }
    }
  }
}

function enterDone(job: JobBook, fact: Extract<DurableFact, { kind: "ranges-done" }>): void {
  fact.spans.first.forEach((first, i) => {
    const grant = present(fact.grant[i], "grant of the span");
    const end = first + present(fact.spans.count[i], "count of the span");
    for (let range = first; range < end; range += 1) {
      job.winner.set(range, grant);
      job.everWon.add(`${range}/${grant}`);
      job.holder.delete(range);
    }
  });
}

type MergeFact = Extract<DurableFact, { kind: "outputs-lost" | `merge-${string}` }>;

function enterMergeFact(job: JobBook, fact: MergeFact): void {
  if (fact.kind === "merge-planned") {
    const ranges = [...eachRange(fact.spans)];
    job.groups.set(fact.group, { ranges, stage: "planned", accepted: undefined, failures: 0 });
    return;
  }
  const group = present(job.groups.get(fact.group), `group ${fact.group} in the books`);
  switch (fact.kind) {
    case "merge-granted":
      job.lastGrant = fact.grant;
      break;
    case "merge-returned":
      break;
    case "merge-failed":
      group.failures += 1;
      if (fact.final) group.stage = "failed";
      break;
    case "merge-accepted":
      group.stage = "accepted";
      group.accepted = { grant: fact.grant, file: fact.file };
      break;
    case "merge-published":
      group.stage = "published";
      break;
    case "merge-inputs-removed":
      group.stage = "removed";
      break;
    case "outputs-lost":
      for (const range of eachRange(fact.spans)) {
        job.winner.delete(range);
        job.voidedUpTo.set(range, job.lastGrant);
        if (job.stopped) job.failed.add(range);
      }
      job.groups.delete(fact.group);
      break;
  }
}
