// Who is answered next, when more is asked than can be answered at once.
//
//   G1. A few calls are answered at a time, and others after a turn of the loop: between them it is free for actors and mergers.
//       Who waits longer for his answer than a moment waits for the journal, and makes room.
//   G2. Connections take turns, a call each: who asks much waits for its own calls, and not the others for them.
//   G3. A call that is over while it waits is forgotten.

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
}

export class CallGate {
  readonly #limits: GateLimits;
  readonly #clock: Pick<Clock, "nowMs">;
  /** By connection, whose turn is next first (G2). */
  readonly #waiting = new Map<string, Set<WaitingCall>>();
  /** Those that are being answered, since when; the oldest first. */
  readonly #inside = new Map<WaitingCall, number>();
  #due: Cancel | undefined;

  constructor(limits: GateLimits, clock: Pick<Clock, "nowMs">) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Lets it in now or later, unless it leaves before. */
  enter(call: WaitingCall): void {
    if (this.#waiting.size === 0 && this.#hasRoom()) {
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

  close(): void {
    this.#due?.();
    this.#due = undefined;
    this.#waiting.clear();
  }

  #soon(): void {
    this.#due ??= after(0, () => {
      this.#due = undefined;
      while (this.#waiting.size > 0 && this.#hasRoom()) this.#letNextIn();
      if (this.#waiting.size > 0) this.#soon();
    });
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
