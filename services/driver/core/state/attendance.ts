// Who is connected, and who waits for room, counted as sessions change: it is asked for at every change of a job that somebody
// watches, however many nodes there are. All of it is passing.
//
//   A1. Of actors that are attached it is counted how many there are, their slots, and when the wall time of each ends, to the
//       second: nodes of one allocation end together, so there are few such times, however many nodes.
//   A2. `waiting` are the sessions of either role that wait for room, whoever began first standing first.

import type { SessionNumber } from "../../../shared/core/id.js";
import type { SessionRole } from "../facts/fact.js";

/** What matters here of a session. */
interface Attending {
  readonly number: SessionNumber;
  readonly role: SessionRole;
  readonly slots: number;
  readonly endsAtMs: number | undefined;
}

export interface Attendance {
  actors: number;
  slots: number;
  /** Actors by the second in which their wall time ends, monotonic; undefined where nobody knows. */
  readonly ends: Map<number | undefined, number>;
  readonly waiting: Set<SessionNumber>;
}

export interface AttendanceView extends Readonly<Omit<Attendance, "ends" | "waiting">> {
  readonly ends: ReadonlyMap<number | undefined, number>;
  readonly waiting: ReadonlySet<SessionNumber>;
}

export function nobodyHere(): Attendance {
  return { actors: 0, slots: 0, ends: new Map(), waiting: new Set() };
}

/** An actor has come (1) or goes (-1); whoever changes an actor that is attached has it go before, and come after (A1). */
export function countHere(attendance: Attendance, session: Attending, by: 1 | -1): void {
  const { role, slots, endsAtMs } = session;
  if (role !== "actor") return;
  attendance.actors += by;
  attendance.slots += by * slots;
  const second = endsAtMs === undefined ? undefined : Math.ceil(endsAtMs / 1_000);
  const alike = (attendance.ends.get(second) ?? 0) + by;
  if (alike === 0) attendance.ends.delete(second);
  else attendance.ends.set(second, alike);
}

/** The session waits for this from now on; for nothing when it is empty (A2). */
export function noteWait(
  attendance: Attendance,
  session: Attending & { waitsFor: string },
  waitsFor: string,
): void {
  session.waitsFor = waitsFor;
  if (waitsFor === "") attendance.waiting.delete(session.number);
  else attendance.waiting.add(session.number);
}

/** When the wall time of the last actor ends; undefined when nobody knows, or there is none. */
export function lastEndMs({ ends }: AttendanceView): number | undefined {
  if (ends.size === 0 || ends.has(undefined)) return undefined;
  let last = Number.NEGATIVE_INFINITY;
  for (const second of ends.keys()) last = Math.max(last, second ?? last);
  return last * 1_000;
}
