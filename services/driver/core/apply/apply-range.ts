// Ranges: ready → held → done, and back. The table asserts where each must stand; holders.ts says who holds a range. How
// ranges fail: apply-failure.ts.

import { present, unreachable } from "../../../shared/core/assert.js";
import type { GrantNumber, SessionNumber } from "../../../shared/core/id.js";
import { SpanSet } from "../../../shared/core/span-set.js";
import {
  eachRange,
  eachSpan,
  rangesIn,
  SpansBuilder,
  spansOfAscending,
  type Span,
  type Spans,
} from "../../../shared/core/spans.js";
import type { Failure } from "../../../shared/core/failure.js";
import type { DurableFact, OutputColumns } from "../facts/fact.js";
import { jobOf, type Farm } from "../state/farm.js";
import { copy, dropCopy, isHolder, letGo } from "../state/holders.js";
import { Measuring } from "./measure.js";
import { failureReasonsMax, type Job, type JobStage } from "../state/job.js";
import type { RangeOutput } from "../state/range-table.js";
import { praise } from "./node-book.js";
import { dropHold, holdLess, sessionOf, takeHold } from "./session-book.js";
import { mustWait } from "../state/trial.js";

type RangeFact = Extract<
  DurableFact,
  { kind: "ranges-granted" | "ranges-copied" | "ranges-returned" | "ranges-done" }
>;

export function applyRangeFact(farm: Farm, fact: RangeFact): void {
  const job = jobOf(farm, fact.job);
  switch (fact.kind) {
    case "ranges-granted":
      applyGranted(farm, job, fact);
      return;
    case "ranges-copied":
      applyCopied(farm, job, fact);
      return;
    case "ranges-returned":
      applyReturned(farm, job, fact);
      return;
    case "ranges-done":
      applyDone(farm, job, fact);
      return;
    default:
      unreachable(fact);
  }
}

function applyGranted(farm: Farm, job: Job, fact: Extract<RangeFact, { kind: "ranges-granted" }>): void {
  for (const span of eachSpan(fact.spans)) {
    takeReady(job, span);
    for (let range = span.first; range < span.first + span.count; range += 1)
      job.table.hold(range, fact.grant);
  }
  enterGrant(farm, job, fact, fact.alone);
  if (farm.reserved?.session === fact.session) farm.reserved = undefined;
}

function applyCopied(farm: Farm, job: Job, fact: Extract<RangeFact, { kind: "ranges-copied" }>): void {
  for (const range of eachRange(fact.spans)) copy(job, range, fact.grant);
  job.copiesMade += rangesIn(fact.spans);
  enterGrant(farm, job, fact, false);
}

function enterGrant(
  farm: Farm,
  job: Job,
  { grant, session, spans }: Extract<RangeFact, { kind: "ranges-granted" | "ranges-copied" }>,
  alone: boolean,
): void {
  const amount = rangesIn(spans);
  const ahead = sessionOf(farm, session).held;
  job.grants.set(grant, { session, spans, left: amount, alone, ahead });
  job.lastGrant = grant;
  takeHold(farm, session, { job: job.number, grant, amount });
}

function applyReturned(farm: Farm, job: Job, fact: Extract<RangeFact, { kind: "ranges-returned" }>): void {
  takeBack(job, fact.grant, fact.spans);
  lessen(farm, job, { number: fact.grant, by: rangesIn(fact.spans) });
}

/** Takes back all that a grant still holds. */
export function returnGrant(farm: Farm, job: Job, number: GrantNumber): void {
  const grant = present(job.grants.get(number), `grant ${String(number)}`);
  const held: number[] = [];
  for (const range of eachRange(grant.spans)) if (isHolder(job, range, number)) held.push(range);
  takeBack(job, number, spansOfAscending(held));
  lessen(farm, job, { number, by: grant.left });
}

/** What nobody else holds may be granted again. */
function takeBack(job: Job, grant: GrantNumber, spans: Spans): void {
  const freed = new SpansBuilder();
  for (const range of eachRange(spans)) if (letGo(job, range, grant)) freed.add(range);
  for (const span of eachSpan(freed)) giveBack(job, span);
}

/** Makes ranges that were freed ready again; in a job that is stopping, they fail with it. */
export function giveBack(job: Job, span: Span): void {
  if (job.stage.kind === "stopping") failWithJob(job, span, job.stage);
  else if (job.trials.size === 0) job.ready.add(span);
  else for (let range = span.first; range < span.first + span.count; range += 1) awaitTurn(job, range);
}

/** A ready range waits in the room when its trial says so (trial.ts, T2). */
function awaitTurn(job: Job, range: number): void {
  const trial = job.trials.get(range);
  if (trial !== undefined && mustWait(trial)) job.room.enter(range, trial);
  else job.ready.add({ first: range, count: 1 });
}

/** Takes ready ranges from wherever they wait. */
export function takeReady(job: Job, span: Span): void {
  if (job.room.size === 0) {
    job.ready.remove(span);
    return;
  }
  for (let range = span.first; range < span.first + span.count; range += 1)
    if (!job.room.leave(range)) job.ready.remove({ first: range, count: 1 });
}

function applyDone(farm: Farm, job: Job, fact: Extract<RangeFact, { kind: "ranges-done" }>): void {
  const { table } = job;
  const isStored = job.spec.outputs === "files";
  const released = new Released(farm, job);
  const measuring = new Measuring(farm, job);
  const doers: (SessionNumber | undefined)[] = [];
  let column = 0;
  for (const span of eachSpan(fact.spans)) {
    const grant = present(fact.grant[doers.length], "grant of the span");
    measuring.under(grant);
    doers.push(job.grants.get(grant)?.session);
    for (let range = span.first; range < span.first + span.count; range += 1) {
      const copy = dropCopy(job, range);
      if (copy !== undefined) {
        released.add(copy);
        if (copy === grant) job.copiesWon += 1;
      }
      const holder = table.holderOf(range);
      if (holder === undefined) takeReady(job, { first: range, count: 1 });
      else released.add(holder);
      measuring.add(present(fact.wallMs[column], "wall time of the payload"));
      const from = holder === undefined ? "ready" : "held";
      if (isStored) table.finish(range, from, outputIn(fact, column, grant));
      else table.complete(range, from);
      column += 1;
    }
    forgetTrials(job, span);
    job.unmerged.add(span);
    job.rangeGroups?.settle(span);
  }
  measuring.settle();
  released.settle();
  job.hasSucceeded = true;
  job.eventsDone += job.layout.eventsIn(fact.spans);
  // What is no job's own comes last (contain.ts, B1).
  released.praiseNodes();
  for (const [i, doer] of doers.entries()) countDone(farm, doer, fact.spans.count[i] ?? 0);
}

function outputIn({ sizeBytes, adler32 }: OutputColumns, column: number, grant: GrantNumber): RangeOutput {
  return {
    grant,
    sizeBytes: present(sizeBytes[column], "size of the output"),
    adler32: present(adler32[column], "checksum of the output"),
  };
}

/** Whoever has done them is not known any more when the grant was returned. */
function countDone(farm: Farm, number: SessionNumber | undefined, ranges: number): void {
  const session = number === undefined ? undefined : farm.sessions.get(number);
  if (session !== undefined) session.done += ranges;
}

/** They are done, or failed for good (trial.ts, T1). */
export function forgetTrials(job: Job, span: Span): void {
  if (job.trials.size === 0) return;
  for (let range = span.first; range < span.first + span.count; range += 1) job.trials.delete(range);
}

/** Gives ready ranges up together with their job. */
export function failWithJob(job: Job, span: Span, stopping: Extract<JobStage, { kind: "stopping" }>): void {
  for (let range = span.first; range < span.first + span.count; range += 1) job.table.fail(range, "ready");
  job.rangeGroups?.settle(span);
  forgetTrials(job, span);
  recordFinal(job, span, { class: "fatal", message: stopping.reason });
}

/** Counts the ranges that were done under their grants: those of one grant come one after the other, and are told together. */
class Released {
  readonly #farm: Farm;
  readonly #job: Job;
  readonly #nodes = new Set<string>();
  #number: GrantNumber | undefined;
  #ranges = 0;

  constructor(farm: Farm, job: Job) {
    this.#farm = farm;
    this.#job = job;
  }

  add(number: GrantNumber): void {
    if (number !== this.#number) this.settle();
    this.#number = number;
    this.#ranges += 1;
  }

  settle(): void {
    if (this.#number !== undefined) {
      const session = this.#job.grants.get(this.#number)?.session;
      const node = session === undefined ? undefined : this.#farm.sessions.get(session)?.node;
      if (node !== undefined) this.#nodes.add(node);
      lessen(this.#farm, this.#job, { number: this.#number, by: this.#ranges });
    }
    this.#number = undefined;
    this.#ranges = 0;
  }

  praiseNodes(): void {
    for (const node of this.#nodes) praise(this.#farm, node, this.#job.number);
  }
}

/** A grant holds so many ranges less. */
export function lessen(
  farm: Farm,
  job: Job,
  change: { readonly number: GrantNumber; readonly by: number },
): void {
  const { number, by } = change;
  const grant = present(job.grants.get(number), () => `grant ${String(number)}`);
  grant.left -= by;
  holdLess(farm, grant.session, by);
  if (grant.left > 0) return;
  job.grants.delete(number);
  dropHold(farm, grant.session, { job: job.number, grant: number });
}

/** Key of `failures.final`. The class comes first and has no blank. */
export function reasonKey(failure: Pick<Failure, "class" | "message">): string {
  return `${failure.class} ${failure.message}`;
}

export function recordFinal(job: Job, span: Span, failure: Pick<Failure, "class" | "message">): void {
  const { final } = job.failures;
  const own = reasonKey(failure);
  const key = final.has(own) || final.size < failureReasonsMax ? own : otherReasons(failure);
  const set = final.get(key) ?? new SpanSet();
  final.set(key, set);
  set.add(span);
}

/** Under which final failures of a class are gathered once there are too many different ones to tell them apart. */
function otherReasons({ class: failureClass }: Pick<Failure, "class">): string {
  return reasonKey({
    class: failureClass,
    message: "failed for one of many other reasons; see the failures",
  });
}
