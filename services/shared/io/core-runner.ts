// Runs a core in the world's time: tells it what happened, and does what it answers.
//
//   R1. Events are told one after the other, and the actions of one are all begun before the next is told.
//   R2. `tell` never throws: what fails is given to `fail`, and closes the runner.
//   R3. A core that is due is told that time has passed. Once the runner is closed, nothing is told and no timer is left.

import type { Clock } from "../core/clock.js";
import { after, type Cancel } from "./system-clock.js";

export interface CoreRunnerOptions<Event, Action> {
  readonly clock: Clock;
  readonly step: (event: Event | Tick, nowMs: number) => readonly Action[];
  /** When the core wants to be told that time has passed, after a step at `nowMs`. */
  readonly wakeAtMs: (nowMs: number) => number | undefined;
  /** Begins an action; what comes of it is told later. */
  readonly act: (action: Action) => void;
  /** Told of each event before the core is, for the log. */
  readonly note: (event: Event | Tick) => void;
  readonly fail: (error: unknown) => void;
}

interface Tick {
  readonly kind: "tick";
}

export class CoreRunner<Event, Action> {
  readonly #options: CoreRunnerOptions<Event, Action>;
  readonly #events: (Event | Tick)[] = [];
  #isTelling = false;
  #isClosed = false;
  #toldAtMs = 0;
  #wakeAtMs: number | undefined;
  #cancelWake: Cancel = () => undefined;

  constructor(options: CoreRunnerOptions<Event, Action>) {
    this.#options = options;
  }

  /** Tells the core, now or after what it is being told (R1). */
  tell(event: Event | Tick): void {
    if (this.#isClosed) return;
    this.#events.push(event);
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) this.#step(next);
      this.#wakeWhenDue();
    } catch (error) {
      this.close();
      this.#options.fail(error); // (R2)
    } finally {
      this.#isTelling = false;
    }
  }

  /** (R3) */
  close(): void {
    this.#isClosed = true;
    this.#cancelWake();
  }

  #step(event: Event | Tick): void {
    const { clock, note, step, act } = this.#options;
    note(event);
    this.#toldAtMs = clock.nowMs();
    for (const action of step(event, this.#toldAtMs)) act(action);
  }

  #wakeWhenDue(): void {
    const { clock, wakeAtMs } = this.#options;
    const atMs = wakeAtMs(this.#toldAtMs);
    if (atMs === this.#wakeAtMs) return;
    this.#wakeAtMs = atMs;
    this.#cancelWake();
    if (atMs === undefined) return;
    this.#cancelWake = after(Math.max(0, Math.ceil(atMs - clock.nowMs())), () => {
      this.#wakeAtMs = undefined;
      this.tell({ kind: "tick" });
    });
  }
}
