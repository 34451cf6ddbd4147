// Ranges on their way through the node; which slot they take is fill-slots.ts's.
//
//   W1. A waiting range begins the moment a slot is free, in the order of grants save for W6, whether the driver is there or
//       not (P6).
//   W2. A grant that is told twice counts once.
//   W3. A grant of a job that is not open yet waits for its open-job, and one of inputs that are not told yet for its
//       extend-job; one of a closed job is forgotten.
//   W4. What is revoked, or of a closed job, is dropped when it waits and ended when it runs, and is not reported. What is
//       in the outbox stays there: it may have been reported before, so only the driver knows what its output is worth.
//   W8. What was not asked for is not taken: a driver that lends far more is hung up on, and the next hello names what is held.

import { assert } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import { extendPlan, newPlan, type JobPlan } from "../../shared/core/job-plan.js";
import type { InputFile, JobSpec } from "../../shared/core/job-spec.js";
import { payloadFor } from "../../shared/core/payload-for.js";
import { eachRange, rangesIn, type Spans } from "../../shared/core/spans.js";
import { coresOf, uncover } from "./blocks.js";
import { covers, isSame, keyOf, type HeldRange } from "./held.js";
import type { DriverWord, HeldGrant } from "./message.js";
import { resultsIn, type Report } from "./outbox.js";
import { measured } from "./prefetch.js";
import { heldBy, runsOf, type Actor, type Job, type Run } from "./state.js";
import type { ActorAction, RangeOutcome } from "./step.js";

/** Grant numbers of one job that are remembered for W2; the oldest are forgotten first. */
const grantsSeenMax = 65_536;

/** Ranges that may wait here, or that one message may name for removal: some times what is ever asked for. */
const rangesMax = 65_536;

/** Whether a driver says what none does that keeps to what was asked for (W8). */
export function isTooMuch(actor: Actor, word: DriverWord): boolean {
  if (word.kind === "grant") return actor.waiting.size + rangesIn(word.spans) > rangesMax;
  if (word.kind !== "acknowledge") return false;
  return word.superseded.reduce((sum, { spans }) => sum + rangesIn(spans), 0) > rangesMax;
}

/** What the job's spec is on this node: with the payload that its labels choose. */
export function openJob(actor: Actor, number: JobNumber, spec: JobSpec): void {
  // Told again: what was added to it since is kept.
  const plan =
    planOf(actor, number) ?? newPlan({ ...spec, payload: payloadFor(spec, actor.settings.node.labels) });
  if (coresOf(actor, plan) > 1) actor.hasWideJobs = true;
  jobOf(actor, number).state = { kind: "open", plan };
  actor.closing.delete(number);
}

/** The job has more inputs. One that is not open here is told anew, with all of them, when it is opened. */
export function extendJob(
  actor: Actor,
  number: JobNumber,
  added: { readonly firstInput: number; readonly inputs: readonly InputFile[] },
): void {
  const plan = planOf(actor, number);
  if (plan !== undefined) extendPlan(plan, added.firstInput, added.inputs);
}

/** Nothing more of the job is to be run (W4). */
export function closeJob(actor: Actor, number: JobNumber, out: ActorAction[]): void {
  const job = jobOf(actor, number);
  job.state = { kind: "closed", plan: planOf(actor, number) };
  actor.closing.add(number);
  dropWhere(actor, (held) => held.job === number, out);
}

type Grant = Extract<DriverWord, { kind: "grant" }>;

/** Takes the ranges of a grant, and returns how many they are. */
export function takeGrant(actor: Actor, { job: number, grant, spans, alone }: Grant): number {
  const job = jobOf(actor, number);
  if (job.grants.has(grant)) return 0; // (W2)
  job.grants.add(grant);
  const [oldest] = job.grants;
  if (job.grants.size > grantsSeenMax && oldest !== undefined) job.grants.delete(oldest);
  if (job.state.kind !== "closed") {
    for (const range of eachRange(spans)) actor.waiting.add({ job: number, grant, range }, alone);
  }
  return rangesIn(spans); // What is forgotten was received all the same (W3).
}

export function revoke(actor: Actor, revoked: readonly HeldGrant[], out: ActorAction[]): void {
  const byGrant = new Map<string, Spans[]>();
  for (const { job, grant, spans } of revoked) {
    const key = `${job}/${grant}`;
    const named = byGrant.get(key);
    if (named === undefined) byGrant.set(key, [spans]);
    else named.push(spans);
  }
  const isRevoked = ({ job, grant, range }: HeldRange): boolean =>
    byGrant.get(`${job}/${grant}`)?.some((spans) => covers(spans, range)) ?? false;
  dropWhere(actor, isRevoked, out);
}

/** The slot is free; its range is not at its end before its output is stored. */
export function freeSlot(actor: Actor, held: HeldRange, nowMs: number): void {
  const run = takeFromSlot(actor, held, nowMs);
  if (run.fate === "recalled") run.fate = "wanted"; // It had begun.
  actor.staging.set(keyOf(held), run);
}

/** Files what a run came to. */
export function endRange(
  actor: Actor,
  ended: { readonly held: HeldRange; readonly outcome: RangeOutcome },
  nowMs: number,
  out: ActorAction[],
): void {
  const { outcome } = ended;
  const { held, fate, cores, alone, recalls } = takeRun(actor, ended.held, nowMs);
  if (outcome.kind === "output" || outcome.kind === "done") {
    actor.meanCores = actor.meanMs === undefined ? cores : measured(actor.meanCores, cores);
    actor.meanMs = measured(actor.meanMs, outcome.wallMs);
    if (outcome.kind === "output") actor.meanBytes = measured(actor.meanBytes, outcome.sizeBytes);
  }
  if (fate === "dropped") {
    const plan = planOf(actor, held.job);
    if (outcome.kind === "output" || outcome.kind === "done")
      out.push({ kind: "count-lost", job: held.job, slotMs: cores * outcome.wallMs });
    if (outcome.kind === "output" && plan !== undefined) out.push({ kind: "remove-output", held, plan });
    return; // (W4)
  }
  if (fate === "recalled" && outcome.kind === "aborted") {
    actor.waiting.add(held, alone, recalls + 1);
    return;
  }
  actor.outbox.waiting.push({ held, report: reportOf(outcome), doneAtMs: nowMs });
}

/** Hands back all that waits. */
export function returnWaiting(actor: Actor, nowMs: number): void {
  for (const held of actor.waiting.all()) {
    actor.outbox.waiting.push({ held, report: { kind: "returned" }, doneAtMs: nowMs });
  }
  actor.waiting.clear();
}

/** Ends what runs in the slots or waits to be stored, to be handed back. */
export function returnRunning(actor: Actor, out: ActorAction[]): void {
  actor.slots.forEach((runs, slot) => {
    for (const run of runs) if (mayEndWell(run)) abort(run, slot, "returning", out);
  });
  for (const run of actor.staging.values()) {
    if (run.fate === "wanted") stopStoring(run, "returning", out);
  }
}

/** What slots spent on ranges that another grant's output came before, and whose results these messages carried. */
export function countSuperseded(
  actor: Actor,
  { numbers, superseded }: Extract<DriverWord, { kind: "acknowledge" }>,
  out: ActorAction[],
): void {
  for (const { job, grant, spans } of superseded) {
    const plan = planOf(actor, job);
    if (plan === undefined) continue;
    let wallMs = 0;
    for (const { held, report } of resultsIn(actor.outbox, numbers)) {
      const isIt = held.job === job && held.grant === grant && covers(spans, held.range);
      if (isIt && "wallMs" in report) wallMs += report.wallMs;
    }
    if (wallMs > 0) out.push({ kind: "count-lost", job, slotMs: wallMs * coresOf(actor, plan) });
  }
}

/** Asks for the removal of outputs that another grant's came before. */
export function removeSuperseded(actor: Actor, superseded: readonly HeldGrant[], out: ActorAction[]): void {
  for (const { job, grant, spans } of superseded) {
    const plan = planOf(actor, job);
    if (plan === undefined) continue; // Told again, after the job was forgotten: the files are gone.
    if (plan.spec.outputs === "none") continue;
    for (const range of eachRange(spans))
      out.push({ kind: "remove-output", held: { job, grant, range }, plan });
  }
}

/** Forgets the plans of closed jobs of which nothing is held any more, and says that they are over. */
export function forgetClosedJobs(actor: Actor, out: ActorAction[]): void {
  if (actor.closing.size === 0) return;
  const inUse = jobsInUse(actor);
  for (const number of actor.closing) {
    if (inUse.has(number)) continue;
    jobOf(actor, number).state = { kind: "closed", plan: undefined };
    actor.closing.delete(number);
    out.push({ kind: "end-job", job: number });
  }
}

/**
 * A new session: the driver opens in it what is at work, and closes what the hello names of other jobs. So jobs of which
 * nothing is held are forgotten: they may be over, and late grants of the last session mean nothing now.
 */
export function forgetIdleJobs(actor: Actor): void {
  const inUse = jobsInUse(actor);
  for (const number of actor.jobs.keys()) {
    if (inUse.has(number)) continue;
    actor.jobs.delete(number);
    actor.closing.delete(number);
  }
}

/** Those of which something is held, or still runs. */
function jobsInUse(actor: Actor): ReadonlySet<JobNumber> {
  const inUse = new Set<JobNumber>();
  for (const held of heldBy(actor)) inUse.add(held.job);
  for (const run of runsOf(actor)) inUse.add(run.held.job);
  return inUse;
}

function dropWhere(actor: Actor, isDropped: (held: HeldRange) => boolean, out: ActorAction[]): void {
  actor.waiting.removeWhere(isDropped);
  actor.slots.forEach((runs, slot) => {
    for (const run of runs) {
      if (!isDropped(run.held)) continue;
      if (mayEndWell(run)) abort(run, slot, "dropped", out);
      else run.fate = "dropped";
    }
  });
  for (const run of actor.staging.values()) {
    if (isDropped(run.held) && run.fate !== "dropped") stopStoring(run, "dropped", out);
  }
}

/** What is being stored just now is stored all the same. */
function stopStoring(run: Run, fate: "returning" | "dropped", out: ActorAction[]): void {
  run.fate = fate;
  out.push({ kind: "stop-storing", held: run.held });
}

function mayEndWell({ fate }: Run): boolean {
  return fate === "wanted" || fate === "recalled";
}

function abort(run: Run, slot: number, fate: "returning" | "dropped", out: ActorAction[]): void {
  run.fate = fate;
  out.push({ kind: "abort-range", slot, held: run.held });
}

/** Takes the run out of its slot, or from among those whose output is being stored. */
function takeRun(actor: Actor, held: HeldRange, nowMs: number): Run {
  const { staging } = actor;
  const key = staging.size === 0 ? "" : keyOf(held);
  const staged = staging.get(key);
  if (staged === undefined) return takeFromSlot(actor, held, nowMs);
  staging.delete(key);
  return staged;
}

function takeFromSlot(actor: Actor, held: HeldRange, nowMs: number): Run {
  const slot = slotOf(actor, held);
  const runs = actor.slots[slot] ?? [];
  const at = runs.findIndex((run) => isSame(run.held, held));
  const run = at === 0 ? runs.shift() : runs.splice(at, 1)[0];
  assert(run !== undefined, () => `range ${keyOf(held)} (job/grant/range) runs when it ends`);
  if (at === 0) actor.sinceMs[slot] = nowMs;
  if (runs.length === 0 && run.cores > 1) uncover(actor, slot, run);
  return run;
}

/** As a rule it is the first of its slot, though a process may answer for what it has in whatever order. */
function slotOf({ slots }: Actor, held: HeldRange): number {
  const asFirst = slots.findIndex(({ 0: run }) => run !== undefined && isSame(run.held, held));
  return asFirst >= 0 ? asFirst : slots.findIndex((runs) => runs.some((run) => isSame(run.held, held)));
}

function reportOf(outcome: RangeOutcome): Report {
  return outcome.kind === "aborted" ? { kind: "returned" } : outcome;
}

function jobOf(actor: Actor, number: JobNumber): Job {
  const known = actor.jobs.get(number);
  if (known !== undefined) return known;
  const job: Job = { grants: new Set(), state: { kind: "unopened" } };
  actor.jobs.set(number, job);
  return job;
}

function planOf(actor: Actor, number: JobNumber): JobPlan | undefined {
  const state = actor.jobs.get(number)?.state;
  return state === undefined || state.kind === "unopened" ? undefined : state.plan;
}
