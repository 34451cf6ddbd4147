// Bugs in journal, snapshots and requests.

import { apply } from "../../../services/driver/core/apply/apply.js";
import type { Bench } from "../../../services/driver/core/bench.js";
import type { Command } from "../../../services/driver/core/facts/command.js";
import { decide } from "../../../services/driver/core/decide/decide.js";
import type { DurableFact, Fact } from "../../../services/driver/core/facts/fact.js";
import type { Farm } from "../../../services/driver/core/state/farm.js";
import type { DriverPieces } from "../driver-pieces.js";

type Appending = Parameters<DriverPieces["journal"]>[0];

/** Says at once that it is durable. */
export function earlyJournal(
  journal: Appending,
  isEarly: (facts: readonly DurableFact[]) => boolean,
): Appending {
  let last: Promise<void> = Promise.resolve();
  return {
    append: async (facts) => {
      const written = last.then(() => journal.append(facts));
      last = written.catch(() => undefined);
      if (!isEarly(facts)) await written;
    },
  };
}

export function isOfMerge(facts: readonly DurableFact[]): boolean {
  return facts.some(({ kind }) => kind === "merge-accepted");
}

export function forgetRequests(farm: Farm, fact: Fact): void {
  apply(farm, fact);
  if (fact.kind === "driver-started") farm.requests.clear();
}

export function dropChecksums(journal: Appending): Appending {
  return {
    append: (facts) =>
      journal.append(
        facts.map((fact) =>
          fact.kind === "ranges-done" ? { ...fact, adler32: fact.adler32.map(() => 0) } : fact,
        ),
      ),
  };
}

/** As if snapshots had no field for them. */
export function restoreWithoutRequests(farm: Farm): Farm {
  farm.requests.clear();
  return farm;
}

/** What is so already needs no fact, or so it seems. */
export function* noteOnlyDeeds(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) if (!isSoAlready(bench, fact)) yield fact;
}

function isSoAlready({ farm }: Bench, fact: Fact): boolean {
  if (!("job" in fact)) return false;
  const stage = farm.jobs.get(fact.job)?.stage.kind;
  return (
    (fact.kind === "job-suspended" && stage === "suspended") ||
    (fact.kind === "job-resumed" && stage === "running")
  );
}

/** What a client adds once more is taken for something new. */
export function* forgetAdditions(bench: Bench, command: Command): Iterable<Fact> {
  if (command.kind !== "add-ranges") {
    yield* decide(bench, command);
    return;
  }
  const requests = new Map([...bench.farm.requests].filter(([, { asked }]) => asked !== "add"));
  const known = bench.farm.requests.has(command.requestId);
  yield* decide(known ? { ...bench, farm: { ...bench.farm, requests } } : bench, command);
}
