// The only writer of the farm. A fact says what happened, so nothing is decided here: what must hold is asserted.

import { unreachable } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import { applyControlFact } from "./apply-control.js";
import { applyMergeFact } from "./apply-merge.js";
import { applyRangeFact } from "./apply-range.js";
import { applySessionFact } from "./apply-session.js";
import type { Fact } from "./fact.js";
import { jobOf, type Farm } from "./farm.js";
import { newJob } from "./job.js";

export function apply(farm: Farm, fact: Fact): void {
  applyFact(farm, fact);
  if ("job" in fact) jobOf(farm, fact.job).sequence += 1;
}

function applyFact(farm: Farm, fact: Fact): void {
  switch (fact.kind) {
    case "driver-started":
      farm.epoch = fact.epoch;
      farm.run = fact.run;
      return;
    case "job-submitted":
      applySubmitted(farm, fact);
      return;
    case "session-opened":
    case "session-ended":
    case "session-attached":
    case "session-detached":
    case "session-heard":
    case "session-draining":
    case "session-sated":
    case "leases-renewed":
    case "clock-read":
    case "demand-raised":
      applySessionFact(farm, fact);
      return;
    case "ranges-granted":
    case "ranges-copied":
    case "ranges-returned":
    case "ranges-done":
    case "range-failed":
      applyRangeFact(farm, fact);
      return;
    case "outputs-lost":
    case "merge-planned":
    case "merge-granted":
    case "merge-returned":
    case "merge-failed":
    case "merge-accepted":
    case "merge-published":
    case "merge-inputs-removed":
      applyMergeFact(farm, fact);
      return;
    case "job-stopped":
    case "job-cancelled":
    case "job-suspended":
    case "job-resumed":
    case "job-retried":
      applyControlFact(farm, fact);
      return;
    case "job-ended":
      jobOf(farm, fact.job).stage = {
        kind: "ended",
        outcome: fact.outcome,
        reason: reasonOf(farm, fact.job),
        atUnixMs: fact.atUnixMs,
      };
      return;
    case "job-reported":
      applyReported(farm, fact.job);
      return;
    case "ranges-revoked":
    case "jobs-closed":
    case "results-settled":
    case "merge-settled":
    case "stream-refused":
    case "submit-answered":
    case "control-answered":
      return; // They are said to somebody (react.ts) and change nothing.
    default:
      unreachable(fact);
  }
}

function applySubmitted(farm: Farm, fact: Extract<Fact, { kind: "job-submitted" }>): void {
  farm.jobs.set(fact.job, newJob(fact));
  farm.live.add(fact.job);
  farm.requests.set(fact.requestId, { asked: "submit", job: fact.job });
  farm.lastJob = fact.job;
}

function reasonOf(farm: Farm, number: JobNumber): string {
  const { stage } = jobOf(farm, number);
  return stage.kind === "stopping" ? stage.reason : "";
}

function applyReported(farm: Farm, number: JobNumber): void {
  const job = jobOf(farm, number);
  if (job.stage.kind === "ended") job.stage = { ...job.stage, kind: "reported" };
  job.paces.clear();
  farm.live.delete(number);
}
