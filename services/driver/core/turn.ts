// One turn of the driver: commands in; facts, applied, and effects, not yet performed, out.
//
// Whoever calls it keeps the order *apply, journal, speak*: append the durable facts as one frame, and perform the effects
// when that frame is durable. The engine does so with a file, the simulator with a simulated disk.
//
//   T1. When the program is wrong about one job, that job goes out of service, which is a fact too, and what was being
//       decided is decided again without it (apply/contain.ts).
//   T2. When it is wrong about what somebody asks, and nothing can be said of a job, whoever asks is refused (refusal.ts).
//   T3. When it is wrong about anything else, the turn throws, and the farm is not to be used any more: nothing of the
//       turn was journaled, and nobody was told of it.

import type { Moment } from "../../shared/core/clock.js";
import type { JobNumber } from "../../shared/core/id.js";
import { advance } from "./advance.js";
import { apply } from "./apply/apply.js";
import { contain, takeOut } from "./apply/contain.js";
import type { Bench } from "./bench.js";
import { decide } from "./decide/decide.js";
import { refusalOf } from "./decide/refusal.js";
import type { Command } from "./facts/command.js";
import type { Effect } from "./facts/effect.js";
import type { DurableFact, Fact } from "./facts/fact.js";
import { isDurable } from "./facts/is-durable.js";
import { react } from "./react.js";
import type { Rules } from "./rules.js";
import type { Farm } from "./state/farm.js";
import { insideJob, JobFault } from "./state/fault.js";

/** What a turn came to. */
export interface Turn {
  /** To be journaled together, or not at all; often empty. */
  readonly durable: readonly DurableFact[];
  /** To be performed when the facts are durable, in this order. */
  readonly effects: readonly Effect[];
  /** Where the program was wrong about what somebody asked (T2). */
  readonly refused: readonly Refused[];
}

export interface Refused {
  readonly asked: Command["kind"];
  readonly error: unknown;
}

/** What a turn is made of. Tests put others in their place. */
export interface TurnParts {
  readonly decide: (bench: Bench, command: Command) => Iterable<Fact>;
  readonly advance: (bench: Bench) => Iterable<Fact>;
  readonly apply: (farm: Farm, fact: Fact) => void;
}

export const realParts: TurnParts = { decide, advance, apply };

export function takeTurn(farm: Farm, commands: readonly Command[], moment: Moment, rules: Rules): Turn {
  return turnWith(realParts)(farm, commands, moment, rules);
}

export function turnWith(parts: TurnParts): typeof takeTurn {
  return (farm, commands, moment, rules) => {
    const turn = new TurnUnderWay(parts, { farm, moment, rules });
    turn.tellOfBroken(); // What was found when the journal was read.
    for (const command of commands) turn.take(command);
    turn.advance();
    return turn;
  };
}

/** The farm is not to be used any more (T3). */
class FarmFault extends Error {
  override readonly name = "FarmFault";
}

class TurnUnderWay implements Turn {
  readonly durable: DurableFact[] = [];
  readonly effects: Effect[] = [];
  readonly refused: Refused[] = [];
  readonly #parts: TurnParts;
  readonly #farm: Farm;
  readonly #bench: Bench;

  constructor(parts: TurnParts, bench: Bench & { readonly farm: Farm }) {
    this.#parts = parts;
    this.#bench = bench;
    this.#farm = bench.farm;
  }

  take(command: Command): void {
    try {
      this.#untilSettled(() => this.#parts.decide(this.#bench, command));
    } catch (error) {
      const refusal = error instanceof FarmFault ? undefined : refusalOf(command, error);
      if (refusal === undefined) throw error;
      this.refused.push({ asked: command.kind, error });
      for (const fact of refusal) this.#enter(fact); // (T2)
    }
  }

  advance(): void {
    this.#untilSettled(() => this.#parts.advance(this.#bench));
  }

  /** Says of jobs that went out of service that they did (T1). Tells whether there were any. */
  tellOfBroken(): boolean {
    const { faults, jobs } = this.#farm;
    const { unixMs: atUnixMs } = this.#bench.moment;
    const found = [...faults];
    for (const [job, fault] of found) {
      const stage = jobs.get(job)?.stage;
      if (stage?.kind !== "broken") continue;
      this.#enter({ kind: "job-broken", job, ...fault, known: stage.known, atUnixMs });
    }
    return found.length > 0;
  }

  /** Decides again as long as jobs go out of service meanwhile (T1): each does so once. */
  #untilSettled(deciding: () => Iterable<Fact>): void {
    while (!this.#isSettled(deciding));
  }

  #isSettled(deciding: () => Iterable<Fact>): boolean {
    try {
      for (const fact of deciding()) {
        this.#enter(fact);
        if (this.tellOfBroken()) return false;
      }
      return true;
    } catch (error) {
      if (!(error instanceof JobFault) || !this.#mayBreak(error.job)) throw error;
      takeOut(this.#farm, error);
      return !this.tellOfBroken();
    }
  }

  #mayBreak(number: JobNumber): boolean {
    const stage = this.#farm.jobs.get(number)?.stage;
    return stage !== undefined && stage.kind !== "broken";
  }

  #enter(fact: Fact): void {
    if (!this.#happened(fact)) return;
    if (isDurable(fact)) this.durable.push(fact);
    this.effects.push(...this.#effectsOf(fact));
  }

  #happened(fact: Fact): boolean {
    try {
      return contain(this.#farm, fact, this.#parts.apply);
    } catch (cause) {
      // A job that could not begin has changed nothing yet.
      if (fact.kind === "job-submitted" && !this.#farm.jobs.has(fact.job)) throw cause;
      throw new FarmFault(`while ${fact.kind} was applied: ${String(cause)}`, { cause });
    }
  }

  #effectsOf(fact: Fact): readonly Effect[] {
    return "job" in fact
      ? insideJob(fact.job, `${fact.kind} was answered`, () => react(this.#farm, fact))
      : react(this.#farm, fact);
  }
}
