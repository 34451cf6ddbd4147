// For tests: a journal that is durable when the test says so, an engine on it, and a clock that stands.

import type { Clock } from "../../shared/core/clock.js";
import { epochNumber } from "../../shared/core/id.js";
import type { Effect } from "../core/facts/effect.js";
import type { DurableFact } from "../core/facts/fact.js";
import { emptyFarm, type Farm } from "../core/state/farm.js";
import { defaultRules } from "../core/rules.js";
import { Engine, type EngineParts } from "./engine.js";

/** Keeps commits, and lets a test hold them up or fail them. */
export class FakeJournal {
  readonly commits: (readonly DurableFact[])[] = [];
  #held: { readonly release: () => void; readonly fail: (error: Error) => void } | undefined;
  #isHolding = false;
  #waiting: (() => void) | undefined;

  /** From now on no commit is durable before `release`. */
  hold(): void {
    this.#isHolding = true;
  }

  release(): void {
    this.#isHolding = false;
    this.#held?.release();
    this.#held = undefined;
  }

  fail(error: Error): void {
    this.#held?.fail(error);
    this.#held = undefined;
  }

  /** Until a commit waits to be durable. */
  async untilHeld(): Promise<void> {
    if (this.#held === undefined) await new Promise<void>((resolve) => (this.#waiting = resolve));
  }

  async append(facts: readonly DurableFact[]): Promise<void> {
    this.commits.push(facts);
    if (!this.#isHolding) return;
    const durable = new Promise<void>((release, fail) => (this.#held = { release, fail }));
    this.#waiting?.();
    await durable;
  }
}

export class StandingClock implements Clock {
  ms = 1_000;

  nowMs(): number {
    return this.ms;
  }

  unixMs(): number {
    return 1_700_000_000_000 + this.ms;
  }
}

/** An engine, and what came of it. */
export interface TestEngine {
  readonly engine: Engine;
  readonly farm: Farm;
  readonly journal: FakeJournal;
  readonly clock: StandingClock;
  /** Effects that were performed, by turn. */
  readonly performed: (readonly Effect[])[];
  /** Whether the claim holds. */
  claimed: boolean;
}

/** Not started yet. */
export function anEngine(parts: Partial<EngineParts> = {}): TestEngine {
  const journal = new FakeJournal();
  const clock = new StandingClock();
  const performed: (readonly Effect[])[] = [];
  const farm = parts.farm ?? emptyFarm();
  const test: { claimed: boolean } = { claimed: true };
  const engine = new Engine({
    farm,
    journal,
    clock,
    claim: { isCurrent: () => Promise.resolve(test.claimed) },
    rules: { ...defaultRules, witnessWaitMs: 0 },
    perform: (effects) => performed.push(effects),
    observe: () => undefined,
    ...parts,
  });
  return Object.assign(test, { engine, farm, journal, clock, performed });
}

/** Started, and running; `running` is what `run` gave. */
export interface RunningEngine extends TestEngine {
  readonly running: Promise<void>;
}

export async function aRunningEngine(parts: Partial<EngineParts> = {}): Promise<RunningEngine> {
  return started(anEngine(parts));
}

export async function started(test: TestEngine): Promise<RunningEngine> {
  await test.engine.start({ kind: "start-driver", epoch: epochNumber(1), run: "run-1" });
  const running = test.engine.run();
  running.catch(() => undefined); // The test looks at it when it wants to.
  return Object.assign(test, { running });
}
