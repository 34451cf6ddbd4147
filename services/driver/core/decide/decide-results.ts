// What an actor's results lead to (P4, P5), whether they came over its stream or were left in the workdir (P6).
//
//   O1. The first durable output of a range wins, from whichever grant, unless the grant is void.
//   O2. The winner reported again is acknowledged again, never superseded: its file is the range's output. In a job without
//       outputs there is nothing to remove, and whoever reports what is done is acknowledged.
//   O3. A failure ends only its own grant (decide-failure.ts). When that grant holds the range no more, it says nothing.
//   O4. Every message is acknowledged once what it said is settled, whatever it said; only senseless ones are refused.
//   O5. Of a grant that another session has now, nobody else may say anything: who does is no actor of ours (P8).
//       Of one that was returned it is not kept whose it was: its late output is taken from whoever has it, as from a hand-in
//       (P6), and the first one wins (O1).

import { present } from "../../../shared/core/assert.js";
import {
  grantNumber,
  type GrantNumber,
  type JobNumber,
  type SessionNumber,
} from "../../../shared/core/id.js";
import { eachRange, flawOf, rangesIn, spansOfAscending } from "../../../shared/core/spans.js";
import type { Bench } from "../bench.js";
import type { Command, JobOutputs, RangeResults } from "../facts/command.js";
import { decideFailure } from "./decide-failure.js";
import { resultsInService } from "./in-service.js";
import { restoreIfAcquitted } from "./decide-node.js";
import { decideSuspected } from "./decide-suspects.js";
import type { Fact, GrantedSpans, OutputColumns } from "../facts/fact.js";
import type { FarmView, SessionView } from "../state/farm.js";
import { factsInsideJob } from "../state/fault.js";
import { isHolder } from "../state/holders.js";
import { lastVoidGrant, type JobView } from "../state/job.js";
import { flawOfNamed } from "./named-ranges.js";
import { outputBytesMax } from "../state/range-page.js";
import { revokeBeaten } from "./revoke-beaten.js";
import { SupersededColumns, WonColumns } from "./result-columns.js";

type Report = Extract<Command, { kind: "report-results" }>;
type OutputVerdict = "accept" | "acknowledge-again" | "superseded";

export function* decideResults(
  bench: Bench,
  session: SessionView,
  report: Report,
): Generator<Fact, void, void> {
  const results = resultsInService(bench.farm, report);
  const flaw = flawOfResults(bench, results, session.number);
  if (flaw !== undefined) {
    yield { kind: "stream-refused", stream: report.stream, refusal: { why: "malformed", message: flaw } };
    return;
  }
  const superseded = yield* settle(bench, session.node, results);
  yield { kind: "results-settled", session: session.number, number: report.number, superseded };
}

/** The same of what an actor left behind. Taken in twice it changes nothing (O2, O3). */
export function* decideHandIn(
  bench: Bench,
  command: Extract<Command, { kind: "take-in-results" }>,
): Generator<Fact, void, void> {
  const { handIn, node } = command;
  const isOut = resultsInService(bench.farm, command) !== command; // It is kept: nobody else has what it says.
  const reason = isOut ? "its job is out of service" : flawOfResults(bench, command);
  if (reason !== undefined) {
    yield { kind: "hand-in-judged", handIn, verdict: { kind: "refused", reason } };
    return;
  }
  const superseded = yield* settle(bench, node, command);
  yield { kind: "hand-in-judged", handIn, verdict: { kind: "taken", superseded } };
}

/** Returns the outputs that came too late. */
function* settle(
  bench: Bench,
  node: string,
  { outputs, failures, returned, suspected }: RangeResults,
): Generator<Fact, GrantedSpans[], void> {
  const superseded: GrantedSpans[] = [];
  for (const some of outputs)
    yield* factsInsideJob(some.job, "outputs were judged", decideOutputs(bench.farm, some, superseded));
  if (bench.farm.barred.has(node)) yield* restoreIfAcquitted(bench, node);
  for (const failed of failures)
    yield* factsInsideJob(failed.job, "a failure was judged", decideFailure(bench, node, failed));
  for (const some of returned)
    yield* factsInsideJob(some.job, "ranges were taken back", decideReturned(bench.farm, some));
  for (const some of suspected)
    yield* factsInsideJob(some.job, "ranges were suspected", decideSuspected(bench, some));
  return superseded;
}

function* decideOutputs(
  farm: FarmView,
  outputs: JobOutputs,
  superseded: GrantedSpans[],
): Generator<Fact, void, void> {
  const job = present(farm.jobs.get(outputs.job), "job of the outputs");
  const won = wonOf(job, outputs, superseded);
  if (won.spans.first.length === 0) return;
  const isEachTheOnlyHolder = won === outputs && job.copies.size === 0;
  const revoked = isEachTheOnlyHolder ? [] : [...revokeBeaten(job, won)];
  yield { kind: "ranges-done", job: job.number, ...won };
  yield* revoked;
}

/** The outputs that win: the columns as they came when all do, which is the ordinary case. */
function wonOf(job: JobView, outputs: JobOutputs, superseded: GrantedSpans[]): OutputColumns {
  if (isAllHeld(job, outputs)) return outputs;
  const won = new WonColumns(outputs);
  const lost = new SupersededColumns(outputs);
  let column = 0;
  for (let i = 0; i < outputs.spans.first.length; i += 1) {
    const first = present(outputs.spans.first[i], "first range of the span");
    const end = first + present(outputs.spans.count[i], "count of the span");
    const grant = present(outputs.grant[i], "grant of the span");
    for (let range = first; range < end; range += 1) {
      const verdict = judgeOutput(job, range, grant);
      if (verdict === "accept") won.take(range, i, column);
      else if (verdict === "superseded") lost.take(range, grant);
      column += 1;
    }
  }
  superseded.push(...lost.bySpans());
  return won.columns();
}

/** Whether every range is held by the grant that it is reported under: then it has no output yet, and the grant is not void. */
function isAllHeld(job: JobView, { spans, grant }: JobOutputs): boolean {
  for (let i = 0; i < spans.first.length; i += 1) {
    const first = present(spans.first[i], "first range of the span");
    const end = first + present(spans.count[i], "count of the span");
    const holder = present(grant[i], "grant of the span");
    for (let range = first; range < end; range += 1) if (!job.table.isHeldBy(range, holder)) return false;
  }
  return true;
}

/** A repeat of the winner is acknowledged again; only another grant's output is superseded (O1, O2). */
function judgeOutput(job: JobView, range: number, grant: GrantNumber): OutputVerdict {
  const winner = job.table.winnerOf(range);
  if (winner !== undefined) return winner === grant ? "acknowledge-again" : "superseded";
  const state = job.table.stateOf(range);
  if (state === "done") return "acknowledge-again"; // Without outputs (O2).
  if (state === "failed") return "superseded"; // Final until somebody asks for `retry` (P4).
  return grant <= lastVoidGrant(job, range) ? "superseded" : "accept";
}

function* decideReturned(farm: FarmView, returned: GrantedSpans): Generator<Fact, void, void> {
  const job = present(farm.jobs.get(returned.job), "job of the returned ranges");
  const held: number[] = [];
  for (const range of eachRange(returned.spans)) if (isHolder(job, range, returned.grant)) held.push(range);
  if (held.length > 0) {
    yield { kind: "ranges-returned", job: job.number, grant: returned.grant, spans: spansOfAscending(held) };
  }
}

/** What makes a report senseless, or undefined when nothing does. Nothing of a senseless report is believed. */
function flawOfResults(
  { farm, rules }: Bench,
  report: RangeResults,
  by?: SessionNumber, // Of a session that is over nobody knows which grants it had.
): string | undefined {
  const flawOfGranted = (job: JobNumber, grants: readonly GrantNumber[]): string | undefined =>
    flawOfGrants(farm, job, grants, by);
  for (const outputs of report.outputs) {
    const flaw = flawOfGranted(outputs.job, outputs.grant) ?? flawOfColumns(farm, outputs);
    if (flaw !== undefined) return `outputs of job ${String(outputs.job)}: ${flaw}`;
  }
  for (const { job, range, grant } of report.failures) {
    const flaw = flawOfGranted(job, [grant]) ?? flawOf({ first: [range], count: [1] }, totalOf(farm, job));
    if (flaw !== undefined) return `failure of job ${String(job)}: ${flaw}`;
  }
  for (const { job, grant, spans } of [...report.returned, ...report.suspected]) {
    const flaw = flawOfGranted(job, [grant]) ?? flawOf(spans, totalOf(farm, job));
    if (flaw !== undefined) return `returned ranges of job ${String(job)}: ${flaw}`;
  }
  return flawOfNamed([...report.returned, ...report.suspected], rules);
}

function totalOf(farm: FarmView, job: JobOutputs["job"]): number {
  return farm.jobs.get(job)?.table.ranges ?? 0;
}

function flawOfGrants(
  farm: FarmView,
  number: JobNumber,
  grants: readonly GrantNumber[],
  by: SessionNumber | undefined,
): string | undefined {
  const job = farm.jobs.get(number);
  if (job === undefined) return "this run has no such job";
  const last = grantNumber(job.lastGrant);
  let lookedAt: GrantNumber | undefined;
  for (const grant of grants) {
    if (grant === lookedAt) continue; // Of a message that names each range by itself most are of one grant.
    lookedAt = grant;
    if (grant < 1 || grant > last)
      return `grant ${String(grant)} was never made: the last one is ${String(last)}`;
    const holder = by === undefined ? undefined : job.grants.get(grant)?.session;
    if (holder !== undefined && holder !== by) return `grant ${String(grant)} is another session's`; // (O5)
  }
  return undefined;
}

function flawOfColumns(farm: FarmView, outputs: JobOutputs): string | undefined {
  const flaw = flawOf(outputs.spans, totalOf(farm, outputs.job));
  if (flaw !== undefined) return flaw;
  if (outputs.grant.length !== outputs.spans.first.length) {
    return `${String(outputs.spans.first.length)} spans have ${String(outputs.grant.length)} grants`;
  }
  const ranges = rangesIn(outputs.spans);
  const stored = farm.jobs.get(outputs.job)?.spec.outputs === "none" ? 0 : ranges;
  for (const [name, column, expected] of [
    ["sizes", outputs.sizeBytes, stored],
    ["checksums", outputs.adler32, stored],
    ["times", outputs.wallMs, ranges],
  ] as const) {
    if (column.length === expected) continue;
    const why = expected < ranges ? ", and the job makes no outputs" : "";
    return `${String(ranges)} ranges have ${String(column.length)} ${name}${why}`;
  }
  const tooLarge = outputs.sizeBytes.find((size) => size > outputBytesMax);
  return tooLarge === undefined
    ? undefined
    : `an output of ${String(tooLarge)} bytes is more than can be kept`;
}
