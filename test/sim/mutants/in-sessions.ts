// Bugs in hellos, leases, demand and what becomes of a session's ranges.

import { apply } from "../../../services/driver/core/apply/apply.js";
import { changeAttached } from "../../../services/driver/core/apply/session-book.js";
import type { Bench } from "../../../services/driver/core/bench.js";
import type { Command } from "../../../services/driver/core/facts/command.js";
import { decide } from "../../../services/driver/core/decide/decide.js";
import type { Fact } from "../../../services/driver/core/facts/fact.js";
import { sessionViewOf, type Farm, type FarmView } from "../../../services/driver/core/state/farm.js";
import { failureOf } from "../../../services/shared/core/failure.js";
import { eachRange } from "../../../services/shared/core/spans.js";

export function* burnCreditOfLost(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) {
    if (fact.kind === "session-ended") yield* failAllHeld(bench.farm, fact.session);
    yield fact;
  }
}

function* failAllHeld(
  farm: FarmView,
  number: Extract<Fact, { kind: "session-ended" }>["session"],
): Iterable<Fact> {
  const session = sessionViewOf(farm, number);
  for (const [job, grants] of [...session.holds].map(([held, numbers]) => [held, [...numbers]] as const)) {
    const view = farm.jobs.get(job);
    for (const grant of grants) {
      for (const range of eachRange(view?.grants.get(grant)?.spans ?? { first: [], count: [] })) {
        if (view?.table.isHeldBy(range, grant) !== true) continue;
        const final = view.table.creditUsed(range) + 1 >= view.spec.retry.attemptsMax;
        const failure = failureOf("node", "the node was lost");
        yield { kind: "range-failed", job, range, grant, node: session.node, failure, final };
      }
    }
  }
}

export function keepHolds(farm: Farm, fact: Fact): void {
  if (fact.kind === "session-ended") farm.sessions.get(fact.session)?.holds.clear();
  apply(farm, fact);
}

export function* exaggerateDemand(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) {
    yield fact.kind === "demand-raised" ? { ...fact, credit: fact.credit + 1 } : fact;
  }
}

export function* returnNothingUnnamed(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) {
    const isReturn = fact.kind === "ranges-returned" || fact.kind === "merge-returned";
    if (command.kind !== "open-session" || !isReturn) yield fact;
  }
}

export function* neverEndLeases(bench: Bench, command: Command): Iterable<Fact> {
  if (command.kind !== "tick") yield* decide(bench, command);
}

/** The older stream of a name stays open, and what comes over it is heard. */
export function* fenceNobody(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) {
    const isFence =
      fact.kind === "stream-refused" && (fact.refusal.why === "fenced" || fact.refusal.why === "replaced");
    if (!isFence) yield fact;
  }
}

export function* grantToDraining(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) if (fact.kind !== "session-draining") yield fact;
}

/** As if nobody knew when a node is taken away. */
export function* forgetWallTime(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) if (fact.kind !== "wall-time-told") yield fact;
}

export function lendToDrained(farm: Farm, fact: Fact): void {
  apply(farm, fact);
  const sessions = fact.kind === "drain-begun" ? farm.nodes.get(fact.node)?.sessions : undefined;
  for (const session of sessions ?? []) changeAttached(farm, session, { barred: false });
}
