// Ranges on their way through the node.
//
//   W1. A waiting range begins the moment a slot is free, in the order of grants save for W6, whether the driver is there or
//       not (P6).
//   W2. A grant that is told twice counts once.
//   W3. A grant of a job that is not open yet waits for its open-job, and one of inputs that are not told yet for its
//       extend-job; one of a closed job is forgotten.
//   W4. What is revoked, or of a closed job, is dropped when it waits and ended when it runs, and is not reported. What is
//       in the outbox stays there: it may have been reported before, so only the driver knows what its output is worth.
//   W5. While too many outputs are being stored, no slot begins a range: storage that is slow slows the node, and no
//       queue grows (P7).
//   W6. A slot stays with the job that it ran last, while one of its ranges waits here: its payload may have been costly
//       to start. The slots that are left take what came first.

import { assert } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import { extendPlan, newPlan, type JobPlan } from "../../shared/core/job-plan.js";
import type { InputFile, JobSpec } from "../../shared/core/job-spec.js";
import { payloadFor } from "../../shared/core/payload-for.js";
import { eachRange, rangesIn } from "../../shared/core/spans.js";
import { covers, keyOf, type HeldRange } from "./held.js";
import type { DriverWord, HeldGrant } from "./message.js";
import type { Report } from "./outbox.js";
import { measured } from "./prefetch.js";
import { heldBy, runsOf, type Actor, type Job, type Run } from "./state.js";
import type { ActorAction, RangeOutcome } from "./step.js";

/** Grant numbers of one job that are remembered for W2; the oldest are forgotten first. */
const grantsSeenMax = 65_536;

/** What the job's spec is on this node: with the payload that its labels choose. */
export function openJob(actor: Actor, number: JobNumber, spec: JobSpec): void {
  // Told again: what was added to it since is kept.
  const plan =
    planOf(actor, number) ?? newPlan({ ...spec, payload: payloadFor(spec, actor.settings.node.labels) });
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
  for (const { job, grant, spans } of revoked) {
    dropWhere(actor, (held) => held.job === job && held.grant === grant && covers(spans, held.range), out);
  }
}

/** Gives the free slots what waits (W1, W5, W6). */
export function fillSlots(actor: Actor, out: ActorAction[]): void {
  if (actor.waiting.size === 0) return;
  fillEach(actor, (slot) => ofSameJob(actor, slot), out);
  fillEach(actor, () => startable(actor, actor.waiting.firsts()), out);
}

/** Starts in each free slot what is chosen for it. */
function fillEach(actor: Actor, choose: (slot: number) => Startable | undefined, out: ActorAction[]): void {
  const { slots, staging, settings, waiting } = actor;
  for (let slot = slots.indexOf(undefined); slot >= 0; slot = slots.indexOf(undefined, slot + 1)) {
    if (waiting.size === 0 || staging.size >= settings.stagingMax) return;
    const chosen = choose(slot);
    if (chosen === undefined) continue;
    const { held, plan } = chosen;
    const alone = waiting.isAlone(held);
    waiting.delete(held);
    slots[slot] = { held, fate: "wanted" };
    actor.lastJobs[slot] = held.job;
    out.push({ kind: "start-range", slot, held, alone, plan });
  }
}

interface Startable {
  readonly held: HeldRange;
  readonly plan: JobPlan;
}

/** (W6) */
function ofSameJob(actor: Actor, slot: number): Startable | undefined {
  const job = actor.lastJobs[slot];
  const first = job === undefined ? undefined : actor.waiting.firstOf(job);
  return first === undefined ? undefined : startable(actor, [first]);
}

/** The first of them that all is known of (W3). */
function startable(actor: Actor, firsts: readonly HeldRange[]): Startable | undefined {
  for (const held of firsts) {
    const state = actor.jobs.get(held.job)?.state;
    if (state?.kind === "open" && held.range < state.plan.layout.ranges) return { held, plan: state.plan };
  }
  return undefined;
}

/** The slot is free; its range is not at its end before its output is stored. */
export function freeSlot(actor: Actor, slot: number): void {
  const run = actor.slots[slot];
  assert(run !== undefined, `slot ${String(slot)} is busy when its payload ends`);
  actor.slots[slot] = undefined;
  actor.staging.set(keyOf(run.held), run);
}

/** Files what a run came to. */
export function endRange(
  actor: Actor,
  ended: { readonly held: HeldRange; readonly outcome: RangeOutcome },
  nowMs: number,
  out: ActorAction[],
): void {
  const { outcome } = ended;
  const { held, fate } = takeRun(actor, ended.held);
  if (outcome.kind === "output") actor.meanMs = measured(actor.meanMs, outcome.wallMs);
  if (fate === "dropped") {
    const plan = planOf(actor, held.job);
    if (outcome.kind === "output" && plan !== undefined) out.push({ kind: "remove-output", held, plan });
    return; // (W4)
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

/** Ends what runs in the slots, to be handed back. */
export function returnRunning(actor: Actor, out: ActorAction[]): void {
  actor.slots.forEach((run, slot) => {
    if (run?.fate === "wanted") abort(run, slot, "returning", out);
  });
}

/** Asks for the removal of outputs that another grant's came before. */
export function removeSuperseded(actor: Actor, superseded: readonly HeldGrant[], out: ActorAction[]): void {
  for (const { job, grant, spans } of superseded) {
    const plan = planOf(actor, job);
    if (plan === undefined) continue; // Told again, after the job was forgotten: the files are gone.
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
  for (const held of actor.waiting.all()) if (isDropped(held)) actor.waiting.delete(held);
  actor.slots.forEach((run, slot) => {
    if (run === undefined || !isDropped(run.held)) return;
    if (run.fate === "wanted") abort(run, slot, "dropped", out);
    else run.fate = "dropped";
  });
  for (const run of actor.staging.values()) if (isDropped(run.held)) run.fate = "dropped";
}

function abort(run: Run, slot: number, fate: "returning" | "dropped", out: ActorAction[]): void {
  run.fate = fate;
  out.push({ kind: "abort-range", slot, held: run.held });
}

/** Takes the run out of its slot, or from among those whose output is being stored. */
function takeRun(actor: Actor, held: HeldRange): Run {
  const key = keyOf(held);
  const staged = actor.staging.get(key);
  if (staged !== undefined) {
    actor.staging.delete(key);
    return staged;
  }
  const slot = actor.slots.findIndex((run) => run !== undefined && keyOf(run.held) === key);
  const run = actor.slots[slot];
  assert(run !== undefined, `range ${key} (job/grant/range) runs when it ends`);
  actor.slots[slot] = undefined;
  return run;
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
