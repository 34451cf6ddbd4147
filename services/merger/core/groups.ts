// Lent groups on their way through the merger.
//
//   W1. A waiting group begins the moment a slot is free, in the order of arrival, whether the driver is there or not (P6).
//   W2. A group that is lent twice under one grant counts once.
//   W3. A group of a job that is not open yet waits for its open-job, and one of inputs that are not told yet for its
//       extend-job; one of a closed job is forgotten.
//   W4. What is revoked, or of a closed job, is dropped when it waits and ended when it runs, and is not reported.
//   W5. A temporary is removed when its grant is revoked, and at no other time once its merge was done: the driver may have
//       accepted it, and be about to publish it (P3). What the end of a job leaves is swept by the driver.
//   W6. What was not asked for is not taken: a driver that lends far more is hung up on, and the next hello names what is held.
//   W7. A group that is too long to be held in memory is not taken: its merge fails, and the others go on.

import { assert } from "../../shared/core/assert.js";
import { failureOf } from "../../shared/core/failure.js";
import type { RangeLayout } from "../../shared/core/event-range.js";
import type { JobNumber } from "../../shared/core/id.js";
import { extendPlan, newPlan } from "../../shared/core/job-plan.js";
import { groupOutputsMax, type InputFile, type JobSpec } from "../../shared/core/job-spec.js";
import { eachSpan, noSpans } from "../../shared/core/spans.js";
import type { DriverWord, LentGroup, MergeGrant, MergeReport } from "./message.js";
import { heldBy, keyOf, runsOf, type Job, type Merger, type Run } from "./state.js";
import type { MergeOutcome, MergerAction } from "./step.js";

/** Grants of one job that are remembered for W2; the oldest are forgotten first. */
const grantsSeenMax = 65_536;

/** So many times what is ever asked for may wait here: each group may be long. */
const askedTimesMax = 4;

/** Whether a driver lends what none does that keeps to what was asked for (W6). */
export function isTooMuch(merger: Merger, word: DriverWord): boolean {
  if (word.kind !== "lend" && word.kind !== "lend-part") return false;
  const { slots, prefetch } = merger.settings;
  return merger.waiting.size >= askedTimesMax * (slots + prefetch);
}

export function openJob(merger: Merger, number: JobNumber, spec: JobSpec): void {
  const job = jobOf(merger, number);
  if (job.state.kind === "open") return; // Told again: what was added to it since is kept.
  job.state = { kind: "open", plan: newPlan(spec) };
}

/** The job has more inputs. One that is not open here is told anew, with all of them, when it is opened. */
export function extendJob(
  merger: Merger,
  number: JobNumber,
  added: { readonly firstInput: number; readonly inputs: readonly InputFile[] },
): void {
  const { state } = jobOf(merger, number);
  if (state.kind === "open") extendPlan(state.plan, added.firstInput, added.inputs);
}

/** Nothing more of the job is to be merged (W4). What is done is still reported, until it is acknowledged (W5). */
export function closeJob(merger: Merger, number: JobNumber, out: MergerAction[]): void {
  jobOf(merger, number).state = { kind: "closed" };
  dropWhere(merger, (merge) => merge.job === number, out);
}

/** Takes a group that is lent, and says whether it is one that counts (W2). */
export function takeGroup(merger: Merger, lent: LentGroup): boolean {
  const { job: number, grant } = lent.merge;
  const job = jobOf(merger, number);
  if (job.grants.has(grant)) return false;
  job.grants.add(grant);
  const [oldest] = job.grants;
  if (job.grants.size > grantsSeenMax && oldest !== undefined) job.grants.delete(oldest);
  if (job.state.kind === "closed") return true; // What is forgotten was received all the same (W3).
  if (isTooLong(lent.grant.length))
    merger.outbox.waiting.push({ merge: lent.merge, report: tooLong }); // (W7)
  else merger.waiting.set(keyOf(lent.merge), lent);
  return true;
}

/** Whether so many outputs are more than a group may have (W7). */
export function isTooLong(outputs: number): boolean {
  return outputs > groupOutputsMax;
}

const tooLong: MergeReport = {
  kind: "failed",
  failure: failureOf(
    "fatal",
    `expected at most ${String(groupOutputsMax)} outputs in a merge group, found more: submit the job with a smaller merge.every`,
  ),
  lost: noSpans,
};

export function revoke(merger: Merger, merge: MergeGrant, out: MergerAction[]): void {
  const key = keyOf(merge);
  const isRevoked = (held: MergeGrant): boolean => keyOf(held) === key;
  dropWhere(merger, isRevoked, out);
  const { outbox, slots } = merger;
  outbox.waiting = outbox.waiting.filter((result) => !isRevoked(result.merge));
  for (const [number, result] of outbox.inFlight) if (isRevoked(result.merge)) outbox.inFlight.delete(number);
  // One that runs has its temporary removed at its end.
  if (!slots.some((run) => run !== undefined && isRevoked(run.merge)))
    out.push({ kind: "remove-temporary", merge }); // (W5)
}

/** Gives the free slots what waits (W1). */
export function fillSlots(merger: Merger, nowMs: number, out: MergerAction[]): void {
  for (const [key, lent] of merger.waiting) {
    const slot = merger.slots.indexOf(undefined);
    if (slot < 0) return;
    const state = merger.jobs.get(lent.merge.job)?.state;
    if (state?.kind !== "open" || !isKnown(lent, state.plan.layout)) continue; // (W3)
    merger.waiting.delete(key);
    const bytesTotal = lent.sizeBytes.reduce((sum, size) => sum + size, 0);
    const unread = { bytesTotal, bytesRead: 0, bytesSaid: undefined };
    merger.slots[slot] = { merge: lent.merge, fate: "wanted", beganAtMs: nowMs, ...unread };
    out.push({ kind: "start-merge", slot, lent, plan: state.plan });
  }
}

/** Whether it is known where all of the group's ranges lie. */
function isKnown({ spans }: LentGroup, { ranges }: RangeLayout): boolean {
  for (const { first, count } of eachSpan(spans)) if (first + count > ranges) return false;
  return true;
}

/** Files what a merge came to. */
export function endMerge(
  merger: Merger,
  ended: { readonly slot: number; readonly outcome: MergeOutcome },
  nowMs: number,
  out: MergerAction[],
): void {
  const { slot, outcome } = ended;
  const { merge, fate, beganAtMs } = runIn(merger, slot);
  merger.slots[slot] = undefined;
  if (outcome.kind === "merged") merger.lastMergeMs = nowMs - beganAtMs;
  if (fate !== "dropped") {
    merger.outbox.waiting.push({ merge, report: reportOf(merger, outcome) });
    return;
  }
  // It was done before the news reached it, and nobody was told of it. (W4)
  if (outcome.kind === "merged") out.push({ kind: "remove-temporary", merge });
}

/** Keeps in mind how far a merge is. */
export function noteProgress(merger: Merger, slot: number, bytesRead: number): void {
  runIn(merger, slot).bytesRead = bytesRead;
}

/** Hands back all that waits. */
export function returnWaiting(merger: Merger, reason: string): void {
  for (const { merge } of merger.waiting.values()) {
    merger.outbox.waiting.push({ merge, report: { kind: "returned", reason } });
  }
  merger.waiting.clear();
}

/** Ends what runs, to be handed back. */
export function returnRunning(merger: Merger, out: MergerAction[]): void {
  merger.slots.forEach((run, slot) => {
    if (run?.fate === "wanted") abort(run, slot, "returning", out);
  });
}

/**
 * A new session: the driver opens in it what is at work, and closes what the hello names of other jobs. So jobs of which
 * nothing is held are forgotten: they may be over, and late groups of the last session mean nothing now.
 */
export function forgetIdleJobs(merger: Merger): void {
  const inUse = new Set(
    [...heldBy(merger), ...[...runsOf(merger)].map((run) => run.merge)].map(({ job }) => job),
  );
  for (const number of merger.jobs.keys()) if (!inUse.has(number)) merger.jobs.delete(number);
}

function dropWhere(merger: Merger, isDropped: (merge: MergeGrant) => boolean, out: MergerAction[]): void {
  for (const [key, { merge }] of merger.waiting) if (isDropped(merge)) merger.waiting.delete(key);
  merger.slots.forEach((run, slot) => {
    if (run === undefined || !isDropped(run.merge)) return;
    if (run.fate === "wanted") abort(run, slot, "dropped", out);
    else run.fate = "dropped";
  });
}

function abort(run: Run, slot: number, fate: "returning" | "dropped", out: MergerAction[]): void {
  run.fate = fate;
  out.push({ kind: "abort-merge", slot, merge: run.merge });
}

function runIn(merger: Merger, slot: number): Run {
  const run = merger.slots[slot];
  assert(run !== undefined, `slot ${String(slot)} is busy when something is said of its merge`);
  return run;
}

function reportOf(merger: Merger, outcome: MergeOutcome): MergeReport {
  if (outcome.kind !== "aborted") return outcome;
  const { leaving } = merger;
  return { kind: "returned", reason: leaving.kind === "draining" ? leaving.reason : "it was ended" };
}

function jobOf(merger: Merger, number: JobNumber): Job {
  const known = merger.jobs.get(number);
  if (known !== undefined) return known;
  const job: Job = { grants: new Set(), state: { kind: "unopened" } };
  merger.jobs.set(number, job);
  return job;
}
