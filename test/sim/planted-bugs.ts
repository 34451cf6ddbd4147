// What is wrong with each mutant (mutants.ts). Each changes one part of a turn, or of what surrounds it.

import { advance } from "../../services/driver/core/advance.js";
import { apply } from "../../services/driver/core/apply.js";
import type { Command } from "../../services/driver/core/command.js";
import type { Bench } from "../../services/driver/core/bench.js";
import { decide } from "../../services/driver/core/decide.js";
import type { Effect } from "../../services/driver/core/effect.js";
import { type DurableFact, type Fact, type GrantedSpans } from "../../services/driver/core/fact.js";
import {
  jobOf,
  jobViewOf,
  sessionViewOf,
  type Farm,
  type FarmView,
} from "../../services/driver/core/farm.js";
import type { JobView } from "../../services/driver/core/job.js";
import { failureOf } from "../../services/shared/core/failure.js";
import type { GrantNumber } from "../../services/shared/core/id.js";
import { SpanSet } from "../../services/shared/core/span-set.js";
import { eachRange, eachSpan } from "../../services/shared/core/spans.js";
import type { DriverPieces } from "./driver-pieces.js";

export function* supersedeRepeats(bench: Bench, command: Command): Iterable<Fact> {
  const repeats: GrantedSpans[] = [];
  if (command.kind === "report-results") {
    for (const { job, spans, grant } of command.outputs) {
      let i = 0;
      for (const span of eachSpan(spans)) {
        const of = grant[i] ?? grant[0];
        i += 1;
        for (let range = span.first; range < span.first + span.count; range += 1) {
          if (of === undefined || bench.farm.jobs.get(job)?.table.winnerOf(range) !== of) continue;
          repeats.push({ job, grant: of, spans: { first: [range], count: [1] } });
        }
      }
    }
  }
  for (const fact of decide(bench, command)) {
    yield fact.kind === "results-settled" ? { ...fact, superseded: [...fact.superseded, ...repeats] } : fact;
  }
}

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

export function removeInputsFirst(effects: readonly Effect[]): readonly Effect[] {
  return effects.flatMap((effect): Effect[] =>
    effect.kind === "publish-merge" ? [{ kind: "remove-inputs", merge: effect.merge }, effect] : [effect],
  );
}

/** What waits for a group is not seen when it is too little for a whole one. */
export function forgetLastGroup(bench: Bench): Iterable<Fact> {
  const forgetful = (job: JobView): JobView =>
    new Proxy(job, {
      get: (target, name) => {
        const isTail = target.unmerged.size < target.spec.merge.everyOutputs;
        const real: unknown = Reflect.get(target, name);
        return name === "unmerged" && isTail ? new SpanSet() : real;
      },
    });
  const jobs = new Map([...bench.farm.jobs].map(([number, job]) => [number, forgetful(job)]));
  return advance({ ...bench, farm: { ...bench.farm, jobs } });
}

export function keepHolds(farm: Farm, fact: Fact): void {
  if (fact.kind === "session-ended") farm.sessions.get(fact.session)?.holds.clear();
  apply(farm, fact);
}

export function forgetVoided(farm: Farm, fact: Fact): void {
  apply(farm, fact);
  if (fact.kind === "outputs-lost") jobOf(farm, fact.job).voided.clear();
}

export function forgetFailed(farm: Farm, fact: Fact): void {
  apply(farm, fact);
  if (fact.kind === "range-tried") jobOf(farm, fact.job).failures.final.clear();
}

export function* chargeReturned(bench: Bench, command: Command): Iterable<Fact> {
  if (command.kind !== "report-results") {
    yield* decide(bench, command);
    return;
  }
  const failure = failureOf("node", "handed back");
  const charged = command.returned.flatMap(({ job, grant, spans }) =>
    [...eachRange(spans)].map(
      (range): { job: typeof job; range: number; grant: GrantNumber; failure: typeof failure } => ({
        job,
        range,
        grant,
        failure,
      }),
    ),
  );
  yield* decide(bench, { ...command, failures: [...command.failures, ...charged], returned: [] });
}

export function forgetRequests(farm: Farm, fact: Fact): void {
  apply(farm, fact);
  if (fact.kind === "driver-started") farm.requests.clear();
}

export function* exaggerateDemand(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) {
    yield fact.kind === "demand-raised" ? { ...fact, credit: fact.credit + 1 } : fact;
  }
}

export function* stopAtFirstFatal(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) {
    yield fact;
    if (fact.kind !== "range-tried" || fact.failure.class !== "fatal") continue;
    const { stage, table } = jobViewOf(bench.farm, fact.job);
    if (stage.kind !== "running" || table.counts.done + table.counts.merged > 0) continue;
    yield { kind: "job-stopped", job: fact.job, reason: fact.failure.message };
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
