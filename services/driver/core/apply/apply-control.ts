// A job stopped, suspended, resumed, tried again, closed.
//
//   K1. A job that is stopped gives up whatever is not done: what comes of it later is superseded.
//   K2. A job that is cancelled also gives up what is done and not merged, and takes its groups back, save those whose
//       merged file was accepted. What is merged stays, and where nothing is merged, what is done.
//   K3. A job that is retried grants anew what failed for good, with all its credit, and merges anew the groups that were
//       given up. Earlier grants of those ranges are void: their outputs may have been removed as superseded.

import { present, unreachable } from "../../../shared/core/assert.js";
import { grantNumber } from "../../../shared/core/id.js";
import { fateOfOutputs } from "../../../shared/core/job-spec.js";
import { SpanSet } from "../../../shared/core/span-set.js";
import { eachRange, eachSpan, spansOfAscending } from "../../../shared/core/spans.js";
import { discardGroup, reopenGroup } from "./apply-merge.js";
import { failWithJob, returnGrant } from "./apply-range.js";
import type { DurableFact, JobControl } from "../facts/fact.js";
import { enterRequest } from "../state/client-requests.js";
import { jobOf, type Farm } from "../state/farm.js";
import type { Job, JobStage } from "../state/job.js";
import { enterLive } from "../state/live-jobs.js";

type ControlFact = Extract<
  DurableFact,
  { kind: "job-stopped" | "job-cancelled" | "job-suspended" | "job-resumed" | "job-retried" | "job-closed" }
>;

export function applyControlFact(farm: Farm, fact: ControlFact): void {
  const job = jobOf(farm, fact.job);
  switch (fact.kind) {
    case "job-stopped":
      stop(farm, job, { kind: "stopping", outcome: "failed", reason: fact.reason });
      return;
    case "job-cancelled":
      cancel(farm, job);
      remember(farm, fact, "cancel");
      return;
    case "job-suspended":
      remember(farm, fact, "pause");
      if (job.stage.kind !== "suspended") job.stage = { kind: "suspended", atUnixMs: fact.atUnixMs };
      return;
    case "job-resumed":
      remember(farm, fact, "resume");
      job.stage = { kind: "running" };
      return;
    case "job-retried":
      retry(farm, job);
      remember(farm, fact, "retry");
      return;
    case "job-closed":
      closeIntake(job);
      remember(farm, fact, "close");
      return;
    default:
      unreachable(fact);
  }
}

/** Last: where the rest is in vain, so is the request (contain.ts, B1). */
function remember(farm: Farm, fact: Exclude<ControlFact, { kind: "job-stopped" }>, asked: JobControl): void {
  enterRequest(farm, fact.requestId, { asked, job: fact.job });
}

type Stopping = Extract<JobStage, { kind: "stopping" }>;

function closeIntake(job: Job): void {
  job.intake = { kind: "closed" };
  job.rangeGroups?.close();
}

/** (K1) */
function stop(farm: Farm, job: Job, stopping: Stopping): void {
  job.stage = stopping;
  closeIntake(job);
  const waiting = job.ready.spans();
  const inRoom = [...job.room.ranges()].sort((first, second) => first - second);
  job.ready.clear();
  job.room.clear();
  for (const span of eachSpan(waiting)) failWithJob(job, span, stopping);
  for (const span of eachSpan(spansOfAscending(inRoom))) failWithJob(job, span, stopping);
  for (const number of [...job.grants.keys()]) returnGrant(farm, job, number);
}

/** (K2) */
function cancel(farm: Farm, job: Job): void {
  if ("outcome" in job.stage && job.stage.outcome === "cancelled") return; // Asked for again (decide-control.ts, U2).
  const stopping: Stopping = { kind: "stopping", outcome: "cancelled", reason: "the job was cancelled" };
  stop(farm, job, stopping);
  for (const number of [...job.groupsOpen])
    discardGroup(farm, job, present(job.groups.get(number), "merge group"));
  if (fateOfOutputs(job.spec) !== "merged") return;
  const unmerged = job.unmerged.spans();
  job.unmerged.clear();
  for (const span of eachSpan(unmerged)) {
    for (let range = span.first; range < span.first + span.count; range += 1) job.table.lose(range);
    job.rangeGroups?.unsettle(span);
    failWithJob(job, span, stopping);
  }
  job.eventsDone -= job.layout.eventsIn(unmerged);
}

/** (K3) */
function retry(farm: Farm, job: Job): void {
  const failed = [...job.failures.final.values()].flatMap((set) => [...eachRange(set.spans())]);
  const spans = spansOfAscending(failed.sort((first, second) => first - second));
  job.failures.final.clear();
  job.failures.finalOn.clear();
  job.failures.fatalNodes.clear();
  const ranges = new SpanSet();
  for (const range of eachRange(spans)) {
    job.table.revive(range);
    if (job.losses.has(range)) job.losses.set(range, 0);
  }
  for (const span of eachSpan(spans)) {
    job.rangeGroups?.unsettle(span);
    job.ready.add(span);
    ranges.add(span);
  }
  if (ranges.size > 0) job.revived.push({ ranges, lastGrant: grantNumber(job.lastGrant) });
  for (const group of [...job.groups.values()]) if (group.stage.kind === "failed") reopenGroup(job, group);
  job.stage = { kind: "running" };
  enterLive(farm, job);
}
