// How fast sessions do ranges of a job now. Passing: it ends with the driver, and is soon measured anew.
//
//   P1. A session's pace follows the newest of its ranges, so that a node that slows down is soon known to be slow.
//   P2. A kind of node is as fast as its measured sessions are together, slot for slot; what is asked of it is no scan.

import type { SessionNumber } from "../../../shared/core/id.js";

/** What is asked by those who must not change it. Speeds are ranges in a millisecond. */
export interface PacesView {
  /** With all its slots; undefined before it was measured. */
  speedOf(session: SessionNumber): number | undefined;
  /** Of one slot on that kind of node; undefined when none was measured. */
  slotSpeedOn(kind: string): number | undefined;
}

/** A session, as far as its pace goes. */
interface Paced {
  readonly number: SessionNumber;
  readonly kind: string;
  readonly slots: number;
}

interface Pace extends Omit<Paced, "number"> {
  /** Of its newest ranges, so many of them. */
  readonly meanMs: number;
  readonly ranges: number;
}

/** So many ranges count (P1). */
const rangesMax = 64;
/** Shorter ones count as this: speeds are finite. */
const meanMsMin = 0.5;

export class Paces implements PacesView {
  readonly #paces = new Map<SessionNumber, Pace>();
  readonly #kinds = new Map<string, { sessions: number; slots: number; speed: number }>();

  /** The session did so many ranges more, in so much time altogether. */
  measure({ number, kind, slots }: Paced, count: number, sumMs: number): void {
    const { meanMs: before, ranges: known } = this.#paces.get(number) ?? { meanMs: 0, ranges: 0 };
    const ranges = Math.min(rangesMax, known + count);
    const meanMs = before + (sumMs / count - before) * Math.min(1, count / ranges);
    this.#set(number, { kind, slots, meanMs, ranges });
  }

  speedOf(session: SessionNumber): number | undefined {
    const pace = this.#paces.get(session);
    return pace === undefined ? undefined : speedOf(pace);
  }

  slotSpeedOn(kind: string): number | undefined {
    const known = this.#kinds.get(kind);
    return known === undefined ? undefined : known.speed / known.slots;
  }

  /** The process goes on in another session. */
  move(from: SessionNumber, to: SessionNumber): void {
    const pace = this.#paces.get(from);
    if (pace !== undefined) this.#set(to, pace);
    this.delete(from);
  }

  delete(session: SessionNumber): void {
    this.#drop(session);
    this.#paces.delete(session);
  }

  clear(): void {
    this.#paces.clear();
    this.#kinds.clear();
  }

  #set(session: SessionNumber, pace: Pace): void {
    this.#drop(session);
    this.#paces.set(session, pace);
    const kind = this.#kinds.get(pace.kind) ?? { sessions: 0, slots: 0, speed: 0 };
    this.#kinds.set(pace.kind, kind);
    kind.sessions += 1;
    kind.slots += pace.slots;
    kind.speed += speedOf(pace);
  }

  /** Takes the session out of the sums. A kind goes with its last one, and what rounding has left of it too. */
  #drop(session: SessionNumber): void {
    const pace = this.#paces.get(session);
    const kind = pace === undefined ? undefined : this.#kinds.get(pace.kind);
    if (pace === undefined || kind === undefined) return;
    kind.sessions -= 1;
    kind.slots -= pace.slots;
    kind.speed -= speedOf(pace);
    if (kind.sessions === 0) this.#kinds.delete(pace.kind);
  }
}

function speedOf({ slots, meanMs }: Pace): number {
  return slots / Math.max(meanMs, meanMsMin);
}
