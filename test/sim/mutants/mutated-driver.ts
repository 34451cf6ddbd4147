// The driver, put together from the parts of its turn, so that each can be another one.

import { advance } from "../../../services/driver/core/advance.js";
import { apply } from "../../../services/driver/core/apply/apply.js";
import type { Command } from "../../../services/driver/core/facts/command.js";
import type { Bench } from "../../../services/driver/core/bench.js";
import { decide } from "../../../services/driver/core/decide/decide.js";
import type { Effect } from "../../../services/driver/core/facts/effect.js";
import type { DurableFact, Fact } from "../../../services/driver/core/facts/fact.js";
import type { Farm } from "../../../services/driver/core/state/farm.js";
import { isDurable } from "../../../services/driver/core/facts/is-durable.js";
import { react } from "../../../services/driver/core/react.js";
import type { takeTurn } from "../../../services/driver/core/turn.js";
import { realPieces, type DriverPieces } from "../driver-pieces.js";

/** Parts of a turn (turn.ts), each of which a mutant may change. */
interface TurnParts {
  readonly decide: (bench: Bench, command: Command) => Iterable<Fact>;
  readonly advance: (bench: Bench) => Iterable<Fact>;
  readonly apply: (farm: Farm, fact: Fact) => void;
}

/** The driver with some parts of its turn changed. Without changes it is the driver that ships, which a test holds it to. */
export function driverWith(parts: Partial<TurnParts>, pieces: Partial<DriverPieces> = {}): DriverPieces {
  const changed: TurnParts = { decide, advance, apply, ...parts };
  return { ...realPieces, takeTurn: turnOf(changed), apply: changed.apply, isLookedInto: false, ...pieces };
}

function turnOf(parts: TurnParts): typeof takeTurn {
  return (farm, commands, moment, rules) => {
    const durable: DurableFact[] = [];
    const effects: Effect[] = [];
    const bench: Bench = { farm, moment, rules };
    const enter = (facts: Iterable<Fact>): void => {
      for (const fact of facts) {
        parts.apply(farm, fact);
        if (isDurable(fact)) durable.push(fact);
        effects.push(...react(farm, fact));
      }
    };
    for (const command of commands) enter(parts.decide(bench, command));
    enter(parts.advance(bench));
    return { durable, effects };
  };
}
