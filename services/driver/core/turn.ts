// One turn of the driver: commands in; facts, applied, and effects, not yet performed, out.
//
// Whoever calls it keeps the order *apply, journal, speak*: append the durable facts as one frame, and perform the effects
// when that frame is durable. The engine does so with a file, the simulator with a simulated disk.

import type { Moment } from "../../shared/core/clock.js";
import { advance } from "./advance.js";
import { apply } from "./apply/apply.js";
import type { Command } from "./facts/command.js";
import type { Bench } from "./bench.js";
import { decide } from "./decide/decide.js";
import type { Effect } from "./facts/effect.js";
import type { DurableFact, Fact } from "./facts/fact.js";
import { isDurable } from "./facts/is-durable.js";
import type { Farm } from "./state/farm.js";
import { react } from "./react.js";
import type { Rules } from "./rules.js";

/** What a turn came to. */
export interface Turn {
  /** To be journaled together, or not at all; often empty. */
  readonly durable: readonly DurableFact[];
  /** To be performed when the facts are durable, in this order. */
  readonly effects: readonly Effect[];
}

export function takeTurn(farm: Farm, commands: readonly Command[], moment: Moment, rules: Rules): Turn {
  const durable: DurableFact[] = [];
  const effects: Effect[] = [];
  const bench: Bench = { farm, moment, rules };
  const enter = (facts: Iterable<Fact>): void => {
    for (const fact of facts) {
      apply(farm, fact);
      if (isDurable(fact)) durable.push(fact);
      effects.push(...react(farm, fact));
    }
  };
  for (const command of commands) enter(decide(bench, command));
  enter(advance(bench));
  return { durable, effects };
}
