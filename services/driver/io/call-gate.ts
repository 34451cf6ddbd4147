// Who is answered next, when more is asked than can be answered at once.
//
//   G1. A few calls are answered at a time, and others after a turn of the loop: between them it is free for actors and mergers.
//       Who waits longer for his answer than a moment waits for the journal, and makes room.
//   G2. Connections take turns, a call each: who asks much waits for its own calls, and not the others for them.
//   G3. A call that is over while it waits is forgotten.
//   G4. While a gate is shut nobody comes in. When it opens, those who wait have it for a moment before it may be shut again.

import type { Clock } from "../../shared/core/clock.js";
import { after, type Cancel } from "../../shared/io/system-clock.js";

/** A call that is all here. */
export interface WaitingCall {
  /** On which it came. */
  readonly connection: string;
  /** Has it answered. */
  readonly letIn: () => void;
}

export interface GateLimits {
  /** Calls that are answered at a time. */
  readonly answeredMax: number;
  /** Until one that was let in makes room for others, though it be not answered. */
  readonly answeringMs: number;
  /** As long as calls are let in one after the other; then it is the turn of the loop. */
  readonly momentMs: number;
}

export class CallGate {
  readonly #limits: GateLimits;
  readonly #clock: Pick<Clock, "nowMs">;
  /** By connection, whose turn is next first (G2). */
  readonly #waiting = new Map<string, Set<WaitingCall>>();
  /** Those that are being answered, since when; the oldest first. */
  readonly #inside = new Map<WaitingCall, number>();
  #isShut = false;
  #due: Cancel | undefined;

  constructor(limits: GateLimits, clock: Pick<Clock, "nowMs">) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Lets it in now or later, unless it leaves before. */
  enter(call: WaitingCall): void {
    if (!this.#isShut && this.#waiting.size === 0 && this.#hasRoom()) {
      this.#letIn(call);
      return;
    }
    const { connection } = call;
    this.#waiting.set(connection, (this.#waiting.get(connection) ?? new Set()).add(call));
    this.#soon();
  }

  /** It is answered, or over (G3). */
  leave(call: WaitingCall): void {
    if (this.#inside.delete(call)) return; // Others come in at the next turn of the loop (G1).
    const calls = this.#waiting.get(call.connection);
    calls?.delete(call);
    if (calls?.size === 0) this.#waiting.delete(call.connection);
  }

  shut(): void {
    this.#isShut = true;
  }

  /** Resolved when all who waited came in, or after a moment; undefined when nobody waits (G4). */
  open(): Promise<void> | undefined {
    this.#isShut = false;
    return this.#waiting.size === 0 ? undefined : this.#letWaitingIn(this.#endOfMoment());
  }

  close(): void {
    this.#due?.();
    this.#due = undefined;
    this.#waiting.clear();
  }

  async #letWaitingIn(untilMs: number): Promise<void> {
    do {
      this.#letSomeIn(untilMs);
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#waiting.size > 0 && !this.#isShut && this.#clock.nowMs() < untilMs);
    this.#soon();
  }

  #soon(): void {
    if (this.#isShut || this.#waiting.size === 0) return;
    this.#due ??= after(0, () => {
      this.#due = undefined;
      if (!this.#isShut) this.#letSomeIn(this.#endOfMoment());
      this.#soon();
    });
  }

  #endOfMoment(): number {
    return this.#clock.nowMs() + this.#limits.momentMs;
  }

  /** One at least, if there is room. */
  #letSomeIn(untilMs: number): void {
    do {
      if (this.#waiting.size === 0 || !this.#hasRoom()) return;
      this.#letNextIn();
    } while (this.#clock.nowMs() < untilMs);
  }

  #letNextIn(): void {
    for (const [connection, calls] of this.#waiting) {
      this.#waiting.delete(connection);
      for (const call of calls) {
        calls.delete(call);
        if (calls.size > 0) this.#waiting.set(connection, calls);
        this.#letIn(call);
        return;
      }
    }
  }

  #letIn(call: WaitingCall): void {
    this.#inside.set(call, this.#clock.nowMs());
    call.letIn();
  }

  #hasRoom(): boolean {
    const { answeredMax, answeringMs } = this.#limits;
    if (this.#inside.size < answeredMax) return true;
    const nowMs = this.#clock.nowMs();
    for (const [call, sinceMs] of this.#inside) {
      if (sinceMs + answeringMs > nowMs) break;
      this.#inside.delete(call);
    }
    return this.#inside.size < answeredMax;
  }
}
