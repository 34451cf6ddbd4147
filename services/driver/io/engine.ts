// The loop that keeps the order *apply, journal, speak* (turn.ts).
//
//   N1. One turn at a time. Commands that arrive while a turn is made durable wait for the next one, and share its fsync.
//   N2. Nothing is said or done about a turn before its frame is durable and the driver's claim was read again. The claim
//       is also read when that was not done for a while: so a driver that was paused and replaced speaks no more, even
//       if it has nothing new to say, and does not keep actors that another driver has work for.
//   N3. Reads see only what is committed.
//   N4. Clients who would read wait outside while a turn is under way, and some of them come in before the next one: what
//       they ask for piles up nowhere, and turns and reads do not starve each other.

import type { Clock, Moment } from "../../shared/core/clock.js";
import { errorFields, errorMessage } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";
import type { Bench } from "../core/bench.js";
import type { Command } from "../core/facts/command.js";
import type { Effect } from "../core/facts/effect.js";
import type { DurableFact } from "../core/facts/fact.js";
import type { Farm, FarmView } from "../core/state/farm.js";
import { pendingEffects } from "../core/react.js";
import type { Rules } from "../core/rules.js";
import { takeTurn } from "../core/turn.js";
import type { CallGate } from "./call-gate.js";
import { Mailbox } from "./mailbox.js";

/** What the engine is built on. */
export interface EngineParts {
  readonly farm: Farm;
  readonly journal: { append(facts: readonly DurableFact[]): Promise<void> };
  /** Whether no other driver has claimed the workdir. */
  readonly claim: { isCurrent(): Promise<boolean> };
  readonly clock: Clock;
  readonly rules: Rules;
  /** Speaks and acts. Effects of one turn come together, in order. Must not throw. */
  readonly perform: (effects: readonly Effect[], farm: FarmView) => void;
  /** Told of each turn that was committed, for logs and metrics. Must not throw. */
  readonly observe: (facts: readonly DurableFact[], farm: FarmView) => void;
  readonly log?: Pick<Logger, "error">;
  /** Where clients wait who would read (N4). */
  readonly readers?: Pick<CallGate, "shut" | "open">;
  /** What a turn comes to; the simulator plants its mutants here. */
  readonly takeTurn?: typeof takeTurn;
}

/** Another driver has taken the workdir over. */
export class ReplacedError extends Error {
  override readonly name = "ReplacedError";
}

/** The engine can't go on; what it may have applied last is not committed. */
export class EngineOverError extends Error {
  override readonly name = "EngineOverError";
}

/** A claim that was not read for so long is read again, whether or not there is something to commit. */
const claimOldMs = 5_000;

export class Engine {
  readonly #parts: EngineParts;
  readonly #mailbox = new Mailbox<Command>();
  #turn: Promise<void> | undefined;
  /** When the claim was read last; undefined before the first time. */
  #claimReadAtMs: number | undefined;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** Asks for something. Never waits; those who can wait for room do so with `whenRoom`. */
  post(command: Command): void {
    this.#mailbox.put(command);
  }

  whenRoom(): Promise<void> | undefined {
    return this.#mailbox.whenRoom();
  }

  /** Reads what is committed (N3): now, or when the turn under way is. */
  async read<Answer>(question: (farm: FarmView, bench: Bench) => Answer): Promise<Answer> {
    try {
      while (this.#turn !== undefined) await this.#turn;
    } catch (cause) {
      throw new EngineOverError(`the driver can't go on (${errorMessage(cause)})`, { cause });
    }
    const { farm, rules } = this.#parts;
    return question(farm, { farm, moment: this.#moment(), rules });
  }

  /** No command is taken in any more; `run` ends when those that wait are done. */
  close(): void {
    this.#mailbox.close();
  }

  /** The first turn, before anybody else is heard; then what the last driver left undone. */
  async start(command: Command): Promise<void> {
    const { farm, perform } = this.#parts;
    await this.#commit([command]);
    perform(pendingEffects(farm), farm);
  }

  /** Runs until closed. Rejects when the journal can't be written or another driver has taken over: then it is over. */
  async run(): Promise<void> {
    for (;;) {
      const commands = await this.#mailbox.takeSome();
      if (commands === undefined) return;
      const { readers } = this.#parts;
      readers?.shut();
      this.#turn = this.#commit(commands);
      try {
        await this.#turn;
        this.#turn = undefined; // When it fails it stays: what it applied is not committed, and nobody may read it (N3).
      } finally {
        await readers?.open(); // (N4)
      }
    }
  }

  async #commit(commands: readonly Command[]): Promise<void> {
    const { farm, journal, rules, perform, observe } = this.#parts;
    const moment = this.#moment();
    const turn = this.#parts.takeTurn ?? takeTurn;
    const { durable, effects, refused } = turn(farm, commands, moment, rules);
    for (const { asked, error } of refused)
      this.#parts.log?.error("the driver is wrong about what was asked", { asked, ...errorFields(error) });
    if (durable.length > 0) await journal.append(durable);
    if (durable.length > 0 || this.#isClaimOld(moment.nowMs)) await this.#readClaim();
    if (durable.length > 0) observe(durable, farm);
    perform(effects, farm);
  }

  #isClaimOld(nowMs: number): boolean {
    return this.#claimReadAtMs === undefined || nowMs - this.#claimReadAtMs > claimOldMs;
  }

  /** (N2) */
  async #readClaim(): Promise<void> {
    const { claim, clock } = this.#parts;
    const atMs = clock.nowMs();
    if (!(await claim.isCurrent())) throw new ReplacedError("another driver has taken over this workdir");
    this.#claimReadAtMs = atMs;
  }

  #moment(): Moment {
    const { clock } = this.#parts;
    return { nowMs: clock.nowMs(), unixMs: clock.unixMs() };
  }
}
