// Sessions: who is told what, and until when.
//
//   S1. A name has at most one session; a new hello of the same process continues it, one of another process ends it.
//   S2. A session is renewed by any message and by nothing else, save a new term for all (leases-renewed).
//   S3. When a session ends, every grant that it holds returns, and no credit is spent (P5).

import { assert, present, unreachable } from "../../../shared/core/assert.js";
import type { GrantNumber, JobNumber, SessionNumber } from "../../../shared/core/id.js";
import { returnMerge } from "./apply-merge.js";
import { returnGrant } from "./apply-range.js";
import { forJob } from "./contain.js";
import type { Fact, SessionRole, StreamKey } from "../facts/fact.js";
import { noteWait } from "../state/attendance.js";
import { jobOf, newSession, sessionKey, type Farm, type Session } from "../state/farm.js";
import { sate, wakeAll } from "../state/fleet.js";
import type { Job } from "../state/job.js";
import { isBarred } from "../state/node.js";
import { joinNode } from "./node-book.js";
import { attach, changeAttached, dropSession, endAt, seeSession, sessionOf } from "./session-book.js";

type SessionFact = Extract<
  Fact,
  {
    kind:
      | "session-opened"
      | "session-ended"
      | "session-attached"
      | "session-detached"
      | "session-heard"
      | "session-draining"
      | "session-drained"
      | "wall-time-told"
      | "wait-told"
      | "session-sated"
      | "actor-reserved"
      | "crew-summed"
      | "leases-renewed"
      | "clock-read"
      | "demand-raised";
  }
>;

export function applySessionFact(farm: Farm, fact: SessionFact): void {
  switch (fact.kind) {
    case "session-opened":
      openSession(farm, fact);
      return;
    case "session-ended":
      endSession(farm, fact.session);
      return;
    case "session-attached":
      attachTo(farm, fact.session, fact.stream);
      return;
    case "session-detached":
      attach(farm, sessionOf(farm, fact.session), { kind: "away" });
      return;
    case "session-heard":
      sessionOf(farm, fact.session).heardAtMs = fact.atMs;
      return;
    case "wall-time-told":
      endAt(farm, fact.session, fact.endsAtMs);
      return;
    case "wait-told":
      noteWait(farm.attendance, sessionOf(farm, fact.session), fact.waitsFor);
      return;
    case "session-drained":
    case "session-draining":
      changeAttached(farm, fact.session, { draining: true });
      return;
    case "session-sated":
      sate(farm, sessionOf(farm, fact.session));
      return;
    case "actor-reserved":
      farm.reserved = fact.reserved;
      return;
    case "crew-summed":
      jobOf(farm, fact.of).crew = fact.crew;
      return;
    case "demand-raised":
      changeAttached(farm, fact.session, { credit: fact.credit });
      return;
    case "leases-renewed":
      for (const session of farm.sessions.values()) session.heardAtMs = fact.atMs; // (S2)
      return;
    case "clock-read":
      readClock(farm, fact.atMs);
      wakeAll(farm);
      return;
    default:
      unreachable(fact);
  }
}

function readClock(farm: Farm, atMs: number): void {
  farm.tickedAtMs = atMs;
  for (const number of [...farm.live])
    forJob(farm, number, "the clock was read", (job) => {
      const { ages, grants, lastGrant } = job;
      if (job.unmerged.size > 0) job.waitsSinceMs ??= atMs;
      const [oldest = lastGrant] = grants.keys();
      ages.note(lastGrant, oldest, atMs);
    });
}

function openSession(farm: Farm, fact: Extract<SessionFact, { kind: "session-opened" }>): void {
  const { session: number, role, name } = fact;
  const key = sessionKey(role, name);
  const older = fact.continues === undefined ? undefined : sessionOf(farm, fact.continues);
  const joinedAtUnixMs = older?.joinedAtUnixMs ?? fact.atUnixMs;
  const session = newSession({ ...fact, number, joinedAtUnixMs }, new Map<JobNumber, Set<GrantNumber>>());
  if (fact.continues !== undefined) moveHolds(farm, fact.continues, session);
  assert(!farm.names.has(key), `no other session is called ${key}`); // (S1)
  farm.sessions.set(number, session);
  joinNode(farm, session);
  seeSession(farm, session);
  farm.names.set(key, number);
  farm.lastSession = number;
}

function attachTo(farm: Farm, number: SessionNumber, stream: StreamKey): void {
  const session = sessionOf(farm, number);
  const barred = isBarred(farm.nodes.get(session.node), session.role);
  session.wasHere = true;
  noteWait(farm.attendance, session, ""); // It says so again on each stream.
  attach(farm, session, { kind: "attached", stream, credit: 0, granted: 0, draining: false, barred });
}

/** The older session of the same process goes, and all that it held is the new one's. */
function moveHolds(farm: Farm, from: SessionNumber, session: Session): void {
  const older = sessionOf(farm, from);
  const to = session.number;
  session.done = older.done;
  session.failed = older.failed;
  for (const number of farm.live) jobOf(farm, number).paces.move(from, to);
  for (const [number, grants] of older.holds)
    forJob(farm, number, "its session went on", (job) => {
      moveGrants(job, grants, { from, to, role: session.role });
      session.holds.set(number, grants);
    });
  session.held = older.held; // What a job that broke meanwhile held is not among them.
  forget(farm, older);
}

function moveGrants(
  job: Job,
  grants: ReadonlySet<GrantNumber>,
  {
    from,
    to,
    role,
  }: { readonly from: SessionNumber; readonly to: SessionNumber; readonly role: SessionRole },
): void {
  for (const grant of grants) {
    const ranges = job.grants.get(grant);
    if (ranges !== undefined) ranges.session = to;
  }
  if (role === "actor") return; // Groups are lent to mergers.
  for (const group of job.groupsOpen) {
    const merge = present(job.groups.get(group), "merge group");
    if (merge.stage.kind === "granted" && merge.stage.session === from)
      merge.stage = { ...merge.stage, session: to };
  }
}

function endSession(farm: Farm, number: SessionNumber): void {
  const session = sessionOf(farm, number);
  for (const [number, grants] of session.holds)
    forJob(farm, number, "its session ended", (job) => {
      for (const grant of [...grants]) {
        if (job.grants.has(grant))
          returnGrant(farm, job, grant); // (S3)
        else returnMerge(farm, job, grant);
      }
    });
  forget(farm, session);
}

function forget(farm: Farm, session: Session): void {
  attach(farm, session, { kind: "away" });
  for (const job of farm.live) jobOf(farm, job).paces.delete(session.number);
  dropSession(farm, session);
  if (farm.reserved?.session === session.number) farm.reserved = undefined;
  farm.sessions.delete(session.number);
  farm.names.delete(sessionKey(session.role, session.name));
}
