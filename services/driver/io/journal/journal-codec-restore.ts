// A farm from the pieces of its state (journal-codec-state.ts).
//
//   E3. Pieces come in the order in which they are written; another order, a piece that is missing or unknown, or a value
//       that cannot be, is an error, and never a farm that is almost right.

import * as wire from "../../../../gen/noctua/journal/v1/snapshot.js";
import { assert, unreachable } from "../../../shared/core/assert.js";
import * as id from "../../../shared/core/id.js";
import { SpanSet } from "../../../shared/core/span-set.js";
import { eachSpan } from "../../../shared/core/spans.js";
import { cased, filled, known, sameLength, WireError } from "../../../shared/io/wire-checks.js";
import * as words from "../../../shared/io/wire-types.js";
import { timesOnKind } from "../../core/state/event-times.js";
import { countGroup } from "../../core/apply/apply-merge.js";
import { emptyFarm, newSession, sessionKey, type Farm } from "../../core/state/farm.js";
import { newJob as submittedJob, openIntake, type Job } from "../../core/state/job.js";
import { isSettled, READY } from "../../core/state/range-page.js";
import type { RangeColumns } from "../../core/state/range-table.js";
import { joinNode } from "../../core/apply/node-book.js";
import { seeSession } from "../../core/apply/session-book.js";
import { groupFromWire } from "./journal-codec-groups.js";
import { enterFailures } from "./journal-codec-failure-log.js";
import { stageFromWire } from "./journal-codec-stage.js";
import { requestFromWire } from "./journal-codec-requests.js";
import { enterDrain, enterGrants, enterNode, enterTrial, enterVoided } from "./journal-codec-trials.js";
import { roles } from "./journal-codec-words.js";

/** Takes the pieces, each once, in their order. */
export class StateReader {
  readonly #farm: Farm = emptyFarm();
  #pieces = 0;
  #job: Job | undefined;
  #isOver = false;

  /** Reads one piece; its bytes may be used again. Throws when it is not one that may follow (E3). */
  take(payload: Uint8Array): void {
    const { piece } = wire.Piece.decode(payload);
    const where = `piece ${this.#pieces}`;
    assert(!this.#isOver, `nothing follows the end, and ${where} does`);
    this.#enter(cased(piece, where), where);
    this.#pieces += 1;
  }

  /** Whether the end was read: all is there. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Once the end was read. */
  farm(): Farm {
    assert(this.#isOver, "the state is whole");
    return this.#farm;
  }

  /** Nothing more comes of the job under way: its table is as long as its inputs say. */
  #endJob(where: string): void {
    if (this.#job === undefined) return;
    const { number, layout, table } = this.#job;
    concludeJob(this.#job);
    if (layout.ranges === table.ranges) return;
    const expected = `${table.ranges} ranges of job ${number} before it`;
    throw new WireError(where, expected, `${layout.ranges}, as its inputs say`);
  }

  #enter(piece: NonNullable<wire.Piece["piece"]>, where: string): void {
    const isFirst = this.#pieces === 0;
    if (isFirst !== (piece.$case === "farm"))
      throw new WireError(where, "the farm first, and once", piece.$case);
    switch (piece.$case) {
      case "farm":
        enterFarm(this.#farm, piece.value);
        return;
      case "job":
        this.#endJob(where);
        this.#job = newJob(piece.value, where);
        this.#farm.jobs.set(this.#job.number, this.#job);
        this.#farm.revision += this.#job.sequence;
        return;
      case "requests":
        for (const request of piece.value.requests)
          this.#farm.requests.set(request.requestId, requestFromWire(request, `${where}.asked`));
        return;
      case "sessions":
        piece.value.sessions.forEach((session, i) =>
          enterSession(this.#farm, session, `${where}.sessions[${i}]`),
        );
        return;
      case "nodes":
        for (const node of piece.value.nodes) enterNode(this.#farm, node);
        return;
      case "drains":
        for (const drain of piece.value.drains) enterDrain(this.#farm, drain);
        return;
      case "end":
        this.#endJob(where);
        if (piece.value.pieces !== this.#pieces)
          throw new WireError(where, `the end of ${this.#pieces} pieces`, `of ${piece.value.pieces}`);
        this.#isOver = true;
        return;
      case "open":
      case "inputs":
      case "ranges":
      case "spans":
      case "grants":
      case "groups":
      case "groupOrder":
      case "failures":
      case "copies":
      case "voided":
      case "revived":
      case "times":
      case "trials":
        enterOfJob(filled(this.#job, `${where}: its job`), piece, where);
        return;
      default:
        unreachable(piece);
    }
  }
}

type OfJob = Exclude<
  NonNullable<wire.Piece["piece"]>,
  { readonly $case: "farm" | "job" | "requests" | "sessions" | "nodes" | "drains" | "end" }
>;

function enterFarm(farm: Farm, piece: wire.FarmPiece): void {
  farm.epoch = id.epochNumber(piece.epoch);
  farm.run = piece.run;
  farm.lastJob = piece.lastJob;
  farm.lastSession = piece.lastSession;
  for (const job of piece.live) farm.live.add(id.jobNumber(job));
}

/** As it was submitted, save what the piece says; the pieces that follow fill it. */
function newJob(piece: wire.JobPiece, where: string): Job {
  const spec = words.specFromWire(piece.spec, `${where}.spec`);
  const submitted = { requestId: piece.requestId, spec, atUnixMs: piece.submittedAtUnixMs };
  const job = submittedJob({ kind: "job-submitted", job: id.jobNumber(piece.job), ...submitted });
  job.ready.clear();
  job.table.grow(piece.ranges - job.table.ranges);
  job.intake = { kind: "closed" };
  job.sequence = piece.sequence;
  job.revision = piece.revision || piece.sequence; // An older driver did not say; nobody watched several of its jobs.
  job.stage = stageFromWire(piece.stage, `${where}.stage`);
  job.lastGrant = piece.lastGrant;
  job.lastGroup = piece.lastGroup;
  job.hasSucceeded = piece.hasSucceeded;
  job.copiesMade = piece.copiesMade;
  job.copiesWon = piece.copiesWon;
  job.failures.counted = piece.failuresCounted;
  for (const node of piece.fatalNodes) job.failures.fatalNodes.add(node);
  job.eventsDone = piece.eventsDone;
  return job;
}

/** What follows from the pieces of a job. */
function concludeJob({ rangeGroups, intake }: Job): void {
  if (intake.kind === "closed") rangeGroups?.close();
  rangeGroups?.lookAgain();
}

function enterOfJob(job: Job, piece: OfJob, where: string): void {
  switch (piece.$case) {
    case "open":
      job.intake = openIntake(job.layout);
      return;
    case "inputs":
      job.layout.add(words.inputsFromWire(piece.value.inputs, `${where}.inputs`));
      return;
    case "ranges":
      enterRanges(job, columnsFromWire(piece.value, where));
      job.hasSucceeded ||= job.table.counts.done + job.table.counts.merged > 0; // Older drivers did not say it.
      return;
    case "spans":
      enterSpans(job, piece.value, where);
      return;
    case "grants":
      piece.value.grants.forEach(({ grant, session, spans, left, alone }, i) => {
        job.grants.set(id.grantNumber(grant), {
          session: id.sessionNumber(session),
          spans: words.spansFromWire(spans, `${where}.grants[${i}].spans`),
          left,
          alone,
          ahead: 0,
        });
      });
      return;
    case "groups":
      piece.value.groups.forEach((message, i) => {
        const group = groupFromWire(message, `${where}.groups[${i}]`);
        job.groups.set(group.number, group);
        countGroup(job, group.stage, 1);
      });
      return;
    case "groupOrder":
      enterOrder(job, piece.value, where);
      return;
    case "failures":
      enterFailures(job, piece.value, where);
      return;
    case "copies":
      enterGrants(job.copies, piece.value, where);
      return;
    case "voided":
      enterVoided(job, piece.value, where);
      return;
    case "trials":
      piece.value.trials.forEach((trial, i) => {
        enterTrial(job, trial, `${where}.trials[${i}]`);
      });
      return;
    case "revived":
      enterRevived(job, piece.value, where);
      return;
    case "times":
      sameLength(piece.value.count, piece.value.bucket.length, `${where}.count`);
      for (const times of [job.times.all, timesOnKind(job.times, piece.value.kind)])
        times.addAll({ ...piece.value, sum: piece.value.sumMs });
      return;
    default:
      unreachable(piece);
  }
}

function enterRanges(job: Job, columns: RangeColumns): void {
  job.table.restore(columns);
  if (job.rangeGroups === undefined) return;
  let { first } = columns.span;
  columns.state.count.forEach((count, run) => {
    if (isSettled(columns.state.value[run] ?? READY)) job.rangeGroups?.settle({ first, count });
    first += count;
  });
}

function enterRevived(job: Job, { retry, lastGrant, spans }: wire.RevivedPiece, where: string): void {
  const entry = (job.revived[retry] ??= { ranges: new SpanSet(), lastGrant: id.grantNumber(lastGrant) });
  for (const span of eachSpan(words.spansFromWire(spans, `${where}.spans`))) entry.ranges.add(span);
}

function columnsFromWire(piece: wire.RangesPiece, where: string): RangeColumns {
  return {
    span: { first: piece.first, count: piece.count },
    state: filled(piece.state, `${where}.state`),
    credit: filled(piece.credit, `${where}.credit`),
    holder: filled(piece.holder, `${where}.holder`),
    group: filled(piece.group, `${where}.group`),
    sizeBytes: piece.sizeBytes,
    adler32: piece.adler32,
  };
}

function enterSpans(job: Job, piece: wire.SpansPiece, where: string): void {
  const set = setOf(job, piece, where);
  for (const span of eachSpan(words.spansFromWire(piece.spans, `${where}.spans`))) set.add(span);
}

function setOf(job: Job, { kind, reason }: wire.SpansPiece, where: string): SpanSet {
  if (kind === wire.SpansKind.SPANS_KIND_READY) return job.ready;
  if (kind === wire.SpansKind.SPANS_KIND_UNMERGED) return job.unmerged;
  if (kind !== wire.SpansKind.SPANS_KIND_FAILED)
    throw new WireError(`${where}.kind`, "1, 2 or 3", String(kind));
  const set = job.failures.final.get(reason) ?? new SpanSet();
  job.failures.final.set(reason, set);
  return set;
}

function enterOrder(job: Job, piece: wire.GroupOrderPiece, where: string): void {
  for (const number of piece.groups.map(id.groupNumber)) {
    if (piece.order === wire.GroupOrder.GROUP_ORDER_OPEN) job.groupsOpen.add(number);
    else if (piece.order === wire.GroupOrder.GROUP_ORDER_WAITING)
      job.groupsWaiting.add(filled(job.groups.get(number), `${where}: its group ${number}`));
    else throw new WireError(`${where}.order`, "1 or 2", String(piece.order));
  }
}

function enterSession(farm: Farm, message: wire.HeldSession, where: string): void {
  const role = known(roles, message.role, `${where}.role`);
  const number = id.sessionNumber(message.session);
  const session = newSession({ ...message, number, role }, new Map());
  for (const { job, grants } of message.holds) {
    session.holds.set(id.jobNumber(job), new Set(grants.map(id.grantNumber)));
    const lent = farm.jobs.get(id.jobNumber(job))?.grants;
    for (const grant of grants) {
      const ranges = lent?.get(id.grantNumber(grant));
      if (ranges === undefined) continue; // A merge group.
      ranges.ahead = session.held;
      session.held += ranges.left;
    }
  }
  session.done = message.done;
  session.failed = message.failed;
  farm.sessions.set(number, session);
  joinNode(farm, session);
  seeSession(farm, session);
  farm.names.set(sessionKey(role, session.name), number);
}
