// Bugs in what results and failures lead to.

import { apply } from "../../../services/driver/core/apply/apply.js";
import type { Bench } from "../../../services/driver/core/bench.js";
import type { Command } from "../../../services/driver/core/facts/command.js";
import { decide } from "../../../services/driver/core/decide/decide.js";
import type { Fact, GrantedSpans } from "../../../services/driver/core/facts/fact.js";
import { jobOf, jobViewOf, type Farm } from "../../../services/driver/core/state/farm.js";
import { failureOf } from "../../../services/shared/core/failure.js";
import { grantNumber, type GrantNumber, type JobNumber } from "../../../services/shared/core/id.js";
import { eachRange, eachSpan } from "../../../services/shared/core/spans.js";

export function* supersedeRepeats(bench: Bench, command: Command): Iterable<Fact> {
  const repeats: GrantedSpans[] = [];
  if (command.kind === "report-results") {
    for (const { job, range, grant } of eachOutput(command)) {
      if (bench.farm.jobs.get(job)?.table.winnerOf(range) === grant)
        repeats.push({ job, grant, spans: { first: [range], count: [1] } });
    }
  }
  for (const fact of decide(bench, command)) yield withSuperseded(fact, repeats);
}

export function forgetVoided(farm: Farm, fact: Fact): void {
  apply(farm, fact);
  if (fact.kind !== "outputs-lost") return;
  const { voided } = jobOf(farm, fact.job);
  for (const range of voided.keys()) voided.set(range, grantNumber(0));
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

export function* stopAtFirstFatal(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) {
    yield fact;
    if (fact.kind !== "range-tried" || fact.failure.class !== "fatal") continue;
    const { stage, table } = jobViewOf(bench.farm, fact.job);
    if (stage.kind !== "running" || table.counts.done + table.counts.merged > 0) continue;
    yield { kind: "job-stopped", job: fact.job, reason: fact.failure.message };
  }
}

/** Whoever has a range lent is right: another grant's output comes too late, and a failure counts for more. */
export function* failureBeatsOutput(bench: Bench, command: Command): Iterable<Fact> {
  if (command.kind !== "report-results") {
    yield* decide(bench, command);
    return;
  }
  const beaten: GrantedSpans[] = [];
  for (const { job, range, grant } of eachOutput(command)) {
    const table = bench.farm.jobs.get(job)?.table;
    if (table?.stateOf(range) === "held" && !table.isHeldBy(range, grant))
      beaten.push({ job, grant, spans: { first: [range], count: [1] } });
  }
  if (beaten.length === 0) yield* decide(bench, command);
  else for (const fact of decide(bench, { ...command, outputs: [] })) yield withSuperseded(fact, beaten);
}

function withSuperseded(fact: Fact, more: readonly GrantedSpans[]): Fact {
  return fact.kind === "results-settled" ? { ...fact, superseded: [...fact.superseded, ...more] } : fact;
}

function* eachOutput({ outputs }: Extract<Command, { kind: "report-results" }>): Generator<{
  job: JobNumber;
  range: number;
  grant: GrantNumber;
}> {
  for (const { job, spans, grant } of outputs) {
    let i = 0;
    for (const { first, count } of eachSpan(spans)) {
      const of = grant[i];
      i += 1;
      if (of === undefined) continue;
      for (let range = first; range < first + count; range += 1) yield { job, range, grant: of };
    }
  }
}

/** A range is given up when its tries are spent, wherever that was. */
export function* believeOneNode(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) {
    const isSpent = fact.kind === "range-tried" && fact.counted && isLastTry(bench, fact);
    yield isSpent ? { ...fact, final: true, avoids: [], dueUnixMs: 0 } : fact;
  }
}

function isLastTry(
  { farm }: Bench,
  { job, range }: { readonly job: JobNumber; readonly range: number },
): boolean {
  const { table, spec } = jobViewOf(farm, job);
  return table.creditUsed(range) + 1 >= spec.retry.attemptsMax;
}

/** A node has the last word, whether anything was ever done there or not. */
export function believeUnproven(bench: Bench, command: Command): Iterable<Fact> {
  return decide({ ...bench, rules: { ...bench.rules, witnessWaitMs: 0 } }, command);
}

/** What failed goes to the next node at once. */
export function* forgetBackoff(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) {
    yield fact.kind === "range-tried" ? { ...fact, dueUnixMs: 0 } : fact;
  }
}

/** The credit that was spent on a node that is quarantined is not given back. */
export function chargeDespiteQuarantine(farm: Farm, fact: Fact): void {
  if (fact.kind !== "node-quarantined") {
    apply(farm, fact);
    return;
  }
  const charged = [...farm.jobs.values()].flatMap(({ table, trials }) =>
    [...trials.keys()].map((range) => ({ table, range, used: table.creditUsed(range) })),
  );
  apply(farm, fact);
  for (const { table, range, used } of charged)
    while (table.creditUsed(range) < used) table.spendCredit(range);
}
