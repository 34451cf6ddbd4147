// What is wrong with mutants that lend ranges a second time (mutants.ts).

import { apply } from "../../../services/driver/core/apply/apply.js";
import type { Bench } from "../../../services/driver/core/bench.js";
import type { Command } from "../../../services/driver/core/facts/command.js";
import { decide } from "../../../services/driver/core/decide/decide.js";
import type { Fact } from "../../../services/driver/core/facts/fact.js";
import { jobOf, jobViewOf, type Farm } from "../../../services/driver/core/state/farm.js";

/** When one of two holders fails, the other is forgotten, and the range is ready. */
export function freeAfterFirstFailure(farm: Farm, fact: Fact): void {
  if (fact.kind === "range-tried") {
    const { table, copies } = jobOf(farm, fact.job);
    if (copies.delete(fact.range)) {
      table.free(fact.range);
      table.hold(fact.range, fact.grant);
    }
  }
  apply(farm, fact);
}

/** The failure of one of two holders is final when it is the last that the range may have. */
export function* failWhileOtherWorks(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) {
    if (fact.kind === "range-tried") {
      const { table, copies, spec } = jobViewOf(bench.farm, fact.job);
      const isSpent = table.creditUsed(fact.range) + 1 >= spec.retry.attemptsMax;
      yield { ...fact, final: fact.final || (isSpent && copies.has(fact.range)) };
    } else yield fact;
  }
}
