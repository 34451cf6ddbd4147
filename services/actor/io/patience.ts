// Outputs that can't be stored now: the file system is full, over quota, read-only or out of reach. They are good, and may have
// cost hours, so they wait on the node.
//
//   E1. For want of room an output waits until there is some. Other trouble of a file system is waited for a while: what looks
//       like it may pass, and another node may have none. What is wrong with the output itself is not waited for.
//   E2. While any waits, one is tried at a time, by turns, after pauses that grow, since ten thousand nodes may be waiting for
//       the same file system. When one is stored, or given up, all are tried again.
//   E3. What they wait for is known from the first that waits to the last, and said.

import { errorCode } from "../../shared/io/error-code.js";
import { lacksRoom } from "../../shared/io/room.js";
import { after, systemClock, type Cancel } from "../../shared/io/system-clock.js";

export interface PatienceOptions {
  /** Trouble other than want of room is waited for so long. */
  readonly troubleMs: number;
  /** Told why outputs wait, whenever that changes; undefined: none waits any more (E3). */
  readonly onWait: (why: string | undefined) => void;
}

/** Nobody wants it any more. */
export class ToldToStop extends Error {
  override readonly name = "ToldToStop";
}

function throwIfTold({ aborted }: AbortSignal): void {
  if (aborted) throw new ToldToStop();
}

const firstPauseMs = 250;
const lastPauseMs = 15_000;

export class Patience {
  readonly #options: PatienceOptions;
  /** Those whose turn has not come, in the order of their turns. */
  readonly #turns = new Set<() => void>();
  /** Outputs that wait, and those that are just being tried again. */
  #waiting = 0;
  #why: string | undefined;
  #pauseMs = firstPauseMs;
  #cancelPause: Cancel | undefined;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /**
   * Tries until it succeeds, or fails in a way that is not waited for (E1). Rejects with `ToldToStop` when told to wait no longer by
   * the signal, which is asked for when there is something to wait for.
   */
  async try<Result>(
    attempt: () => Promise<Result>,
    describe: (error: unknown) => string,
    signal: () => AbortSignal,
  ): Promise<Result> {
    let isWaiting = false;
    let troubleUntilMs: number | undefined;
    try {
      for (;;) {
        try {
          return await attempt();
        } catch (error) {
          const nowMs = systemClock.nowMs();
          if (lacksRoom(error)) troubleUntilMs = undefined;
          else {
            troubleUntilMs ??= nowMs + this.#options.troubleMs;
            if (!isOfSystem(error) || nowMs >= troubleUntilMs) throw error;
          }
          if (!isWaiting) this.#waiting += 1;
          isWaiting = true;
          this.#say(describe(error));
        }
        await this.#turn(signal());
      }
    } finally {
      if (isWaiting) this.#leave(signal().aborted);
    }
  }

  /** (E2) */
  async #turn(signal: AbortSignal): Promise<void> {
    throwIfTold(signal);
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#turns.add(wake);
    signal.addEventListener("abort", wake, { once: true });
    this.#beginPause();
    await woken;
    this.#turns.delete(wake);
    signal.removeEventListener("abort", wake);
    throwIfTold(signal);
  }

  #beginPause(): void {
    this.#cancelPause ??= after(this.#pauseMs, () => {
      this.#cancelPause = undefined;
      this.#pauseMs = Math.min(2 * this.#pauseMs, lastPauseMs);
      const [first] = this.#turns;
      first?.();
    });
  }

  /** Who waited is stored or given up; or told to wait no longer, which says nothing of the others (E2). */
  #leave(isTold: boolean): void {
    this.#waiting -= 1;
    if (isTold && this.#turns.size > 0) {
      this.#beginPause();
      return;
    }
    this.#cancelPause?.();
    this.#cancelPause = undefined;
    this.#pauseMs = firstPauseMs;
    for (const wake of this.#turns) wake();
    if (this.#waiting === 0) this.#say(undefined);
  }

  #say(why: string | undefined): void {
    if (why === this.#why) return;
    this.#why = why;
    this.#options.onWait(why);
  }
}

/** The program's own mistakes are not mended by waiting. */
function isOfSystem(error: unknown): boolean {
  return /^E[A-Z0-9]+$/.test(errorCode(error));
}
