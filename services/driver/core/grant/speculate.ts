// Near the end of a job, idle slots get copies of ranges that run far longer than the rest: whose output comes first wins
// (holders.ts), so that one slow or stuck node does not hold up a whole job.
//
//   Y1. Asked at ticks only. A job's ranges are copied when none of them is ready, and enough were measured to say how
//       long the rest take.
//   Y2. A range is late when it was lent so long ago that everything before it in its session's order, and itself, should
//       have been done `factor` times over, had each taken as long as nearly all others took. Prefetched ones count too.
//   Y3. A copy goes to a session that has a free slot and has asked for more (P7), on another node than the range's holder:
//       the fastest first, none where the range failed or that is in quarantine, none whose wall time ends before, and
//       none that holds, or is kept free for, a range that is to be alone (pick-ranges.ts, K6).
//       A range has at most one.
//   Y4. At most such a part of all slots works on copies, so that a wrong guess costs little: when more ranges than that
//       are late, it is not they that are unusual. (rules.ts)

import { grantNumber, type GrantNumber } from "../../../shared/core/id.js";
import { spansOfAscending } from "../../../shared/core/spans.js";
import type { Bench } from "../bench.js";
import { canRun } from "../decide/can-run.js";
import type { Fact } from "../facts/fact.js";
import { creditLeft, jobViewOf, sessionViewOf, type FarmView, type SessionView } from "../state/farm.js";
import { insideJob } from "../state/fault.js";
import type { JobView, RangeGrant } from "../state/job.js";
import type { CopyRules } from "../rules.js";
import { grantable, isKeptFree } from "./pick-ranges.js";
import { placesOn } from "./places.js";
import { slotSpeedOn } from "./shares.js";
import { roomFor } from "./wall-time.js";

export function* speculate({ farm, moment, rules }: Bench): Generator<Fact, void, void> {
  const idle = idleActors(farm);
  if (idle.length === 0) return;
  let room = Math.min(rules.copies.perTickMax, roomForCopies(farm, rules.copies));
  for (const number of farm.live) {
    const job = jobViewOf(farm, number);
    const planning = { idle, room, nowMs: moment.nowMs, rules: rules.copies };
    const plan = insideJob(number, "copies were planned", () => planCopies(farm, job, planning));
    for (const [actor, ranges] of plan) {
      room -= ranges.length;
      const grant = grantNumber(job.lastGrant + 1);
      const spans = spansOfAscending(ranges.sort((one, other) => one - other));
      yield { kind: "ranges-copied", job: number, grant, session: actor.session.number, spans };
    }
  }
}

/** An actor that could do more, and how many ranges more it is to be given. */
interface IdleActor {
  readonly session: SessionView;
  free: number;
}

function idleActors(farm: FarmView): IdleActor[] {
  const idle: IdleActor[] = [];
  for (const { hungry } of farm.hungryKinds) {
    for (const number of hungry) {
      const session = sessionViewOf(farm, number);
      const free = Math.min(session.slots - session.held, creditLeft(session));
      if (free > 0 && !isKeptFree(farm, session)) idle.push({ session, free });
    }
  }
  return idle;
}

/** How many more copies there may be (Y4). */
function roomForCopies(farm: FarmView, { slotPart }: CopyRules): number {
  let slots = 0;
  for (const kind of farm.kinds.values()) slots += kind.slots;
  let copies = 0;
  for (const number of farm.live) copies += jobViewOf(farm, number).copies.size;
  return Math.max(1, Math.floor(slots * slotPart)) - copies;
}

/** (Y1) */
function mayCopy(job: JobView, { measuredMin, measuredLeast }: CopyRules): boolean {
  if (job.stage.kind !== "running" || !job.spec.speculation.enabled) return false;
  const { counts, ranges } = job.table;
  if (grantable(job) > 0 || counts.held === job.copies.size) return false;
  const { count } = job.times.all;
  return count >= measuredMin || (count >= measuredLeast && 2 * (counts.done + counts.merged) >= ranges);
}

interface Planning {
  readonly idle: readonly IdleActor[];
  readonly room: number;
  readonly nowMs: number;
  readonly rules: CopyRules;
}

/** Who gets copies of which ranges. */
function planCopies(farm: FarmView, job: JobView, planning: Planning): Map<IdleActor, number[]> {
  const plan = new Map<IdleActor, number[]>();
  if (!mayCopy(job, planning.rules)) return plan;
  const mayHave = ({ session }: IdleActor): boolean =>
    canRun(job, session) &&
    placesOn(job, session) > session.held &&
    farm.able.has(session.node) &&
    roomFor(job, session, planning.nowMs) > 0;
  const fitting = planning.idle.filter(mayHave);
  const fastestFirst = fitting.sort((one, other) => speedOf(job, other.session) - speedOf(job, one.session));
  let { room } = planning;
  if (room <= 0 || fastestFirst.length === 0) return plan;
  for (const { range, node } of lateRanges(farm, job, planning)) {
    const shunned = [node, ...(job.trials.get(range)?.avoids ?? [])];
    const actor = fastestFirst.find(({ free, session }) => free > 0 && !shunned.includes(session.node)); // (Y3)
    if (actor === undefined) continue; // A range of another node may still find one.
    plan.set(actor, [...(plan.get(actor) ?? []), range]);
    actor.free -= 1;
    room -= 1;
    if (room === 0 || fastestFirst.every(({ free }) => free === 0)) break;
  }
  return plan;
}

/** How fast a slot of the session does ranges. */
function speedOf(job: JobView, { number, kind, slots }: SessionView): number {
  const speed = job.paces.speedOf(number);
  return speed === undefined ? slotSpeedOn(job, kind) : speed / slots;
}

/** Ranges that are late, those that were lent first before the others, with the node that holds each (Y2). */
function* lateRanges(
  farm: FarmView,
  job: JobView,
  { nowMs, rules }: Planning,
): Generator<{ readonly range: number; readonly node: string }, void, void> {
  const usualMs = (job.times.all.quantileMs(nearlyAll) ?? 0) * job.spec.speculation.factor;
  let toLookAt = rules.lookedAtMax;
  for (const [grant, lent] of job.grants) {
    const madeByMs = job.ages.madeByMs(grant);
    const ageMs = madeByMs === undefined ? 0 : nowMs - madeByMs;
    if (ageMs <= Math.max(rules.afterMs, usualMs) || toLookAt <= 0) return; // All that follow are younger.
    const session = sessionViewOf(farm, lent.session);
    const mostBefore = Math.ceil(ageMs / usualMs - 1) * placesOn(job, session);
    for (const range of lateOf(job, grant, { lent, mostBefore })) {
      toLookAt -= 1;
      if (range !== undefined) yield { range, node: session.node };
    }
  }
}

/** The share of measured times that says how long a range usually takes. */
const nearlyAll = 0.95;

/** Ranges of the grant with fewer than so many before them; undefined for one that is at its end, or not to be copied. */
function* lateOf(
  job: JobView,
  grant: GrantNumber,
  { lent, mostBefore }: { readonly lent: Readonly<RangeGrant>; readonly mostBefore: number },
): Generator<number | undefined, void, void> {
  let before = lent.ahead;
  for (let i = 0; i < lent.spans.first.length; i += 1) {
    const first = lent.spans.first[i] ?? 0;
    const end = first + (lent.spans.count[i] ?? 0);
    for (let range = first; range < end; range += 1) {
      if (before >= mostBefore) return;
      before += 1;
      yield job.table.isHeldBy(range, grant) && mayBeCopied(job, range) ? range : undefined;
    }
  }
}

/**
 * One whose credit is spent already is not: its copy would only put off that it fails for good. Nor is one that may be what
 * nodes or payloads died of: it is to be alone.
 */
function mayBeCopied(job: JobView, range: number): boolean {
  if (job.copies.has(range) || job.trials.get(range)?.alone === true) return false;
  return job.table.creditUsed(range) < job.spec.retry.attemptsMax;
}
