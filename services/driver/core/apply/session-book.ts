// What is written down of a session while facts are applied: its stream, its credit, what it holds.
//
//   B1. `streams`, `hungry`, `mergers`, `kinds` and `attendance` follow the sessions' attachments: all of them change here, together
//       (farm.ts, M3).
//   B2. A session holds a grant from the moment it is given until the last of its ranges, or its group, is let go.

import { present } from "../../../shared/core/assert.js";
import type { GrantNumber, JobNumber, SessionNumber } from "../../../shared/core/id.js";
import type { StreamKey } from "../facts/fact.js";
import { leaveNode, seeActor } from "./node-book.js";
import { countHere, noteWait } from "../state/attendance.js";
import { creditLeft, type Attachment, type Farm, type Session } from "../state/farm.js";
import { countHeld, isLendable, recount, standLast } from "../state/fleet.js";

export function sessionOf(farm: Farm, number: SessionNumber): Session {
  return present(farm.sessions.get(number), `session ${String(number)}`);
}

/** Gives a session a new attachment (B1). */
export function attach(farm: Farm, session: Session, attachment: Attachment): void {
  const older = streamOf(session.attachment);
  if (older !== undefined) farm.streams.delete(older);
  const wasLendable = isLendable(session);
  const isSame = session.attachment.kind === attachment.kind;
  session.attachment = attachment;
  if (!isSame) countHere(farm.attendance, session, attachment.kind === "attached" ? 1 : -1);
  seeSession(farm, session);
  const stream = streamOf(attachment);
  if (stream !== undefined) farm.streams.set(stream, session.number);
  if (session.role === "actor") recount(farm, session, wasLendable);
  else if (creditLeft(session) > 0) farm.hungry.add(session.number);
  else farm.hungry.delete(session.number);
}

/** Looks at whether a session is of somebody who may be given more (farm.ts, M4). */
export function seeSession(farm: Farm, session: Session): void {
  const { role, name, node, attachment } = session;
  if (role === "actor") seeActor(farm, session);
  else if (isLeaving(attachment) || farm.drained.has(node)) farm.mergers.delete(name);
  else farm.mergers.set(name, node);
}

/** The session has ended. */
export function dropSession(farm: Farm, session: Session): void {
  noteWait(farm.attendance, session, "");
  if (session.role === "merger") farm.mergers.delete(session.name);
  leaveNode(farm, session);
}

function isLeaving(attachment: Attachment): boolean {
  return attachment.kind === "attached" && attachment.draining;
}

function streamOf(attachment: Attachment): StreamKey | undefined {
  return attachment.kind === "attached" ? attachment.stream : undefined;
}

/** The wall time of its node ends then. */
export function endAt(farm: Farm, number: SessionNumber, endsAtMs: number): void {
  const session = sessionOf(farm, number);
  const isHere = session.attachment.kind === "attached";
  if (isHere) countHere(farm.attendance, session, -1);
  session.endsAtMs = endsAtMs;
  if (isHere) countHere(farm.attendance, session, 1);
  changeAttached(farm, number, {}); // More may fit now.
}

/** Changes what is given of a session's attachment; a session that is away has none to change. */
export function changeAttached(
  farm: Farm,
  number: SessionNumber,
  change: {
    readonly credit?: number;
    readonly granted?: number;
    readonly draining?: boolean;
    readonly barred?: boolean;
  },
): void {
  const session = sessionOf(farm, number);
  if (session.attachment.kind === "attached") attach(farm, session, { ...session.attachment, ...change });
}

/** What a session is given: ranges, or one merge group. */
export interface Lent {
  readonly job: JobNumber;
  readonly grant: GrantNumber;
  /** How much of the session's credit it takes. */
  readonly amount: number;
}

/** Enters a grant (B2): the session holds it, has so much less credit, and stands last among the hungry. */
export function takeHold(farm: Farm, number: SessionNumber, lent: Lent): void {
  const session = sessionOf(farm, number);
  const held = session.holds.get(lent.job) ?? new Set();
  session.holds.set(lent.job, held.add(lent.grant));
  if (session.role === "actor") countHeld(farm, session, lent.amount);
  if (session.attachment.kind === "attached") {
    if (session.role === "actor") standLast(farm, session);
    else farm.hungry.delete(number);
    changeAttached(farm, number, { granted: session.attachment.granted + lent.amount });
  }
}

/** The session holds so many ranges less. */
export function holdLess(farm: Farm, number: SessionNumber, ranges: number): void {
  countHeld(farm, sessionOf(farm, number), -ranges);
}

/** The session holds nothing more of the grant (B2). */
export function dropHold(farm: Farm, number: SessionNumber, lent: Omit<Lent, "amount">): void {
  const { holds } = sessionOf(farm, number);
  const held = holds.get(lent.job);
  held?.delete(lent.grant);
  if (held?.size === 0) holds.delete(lent.job);
}
