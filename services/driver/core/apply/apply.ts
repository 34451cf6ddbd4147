// The only writer of the farm. A fact says what happened, so nothing is decided here: what must hold is asserted.

import { unreachable } from "../../../shared/core/assert.js";
import { applyBroken } from "./contain.js";
import { applyControlFact } from "./apply-control.js";
import { applyJobFact } from "./apply-job.js";
import { applyFailureFact } from "./apply-failure.js";
import { applyNodeFact } from "./apply-node.js";
import { applyMergeFact } from "./apply-merge.js";
import { applyRangeFact } from "./apply-range.js";
import { applySessionFact } from "./apply-session.js";
import type { Fact } from "../facts/fact.js";
import { jobOf, type Farm } from "../state/farm.js";
import type { Job } from "../state/job.js";

/** Throws when the program is wrong: the farm may hold a part of the fact then, unless contain.ts cleans up after it. */
export function apply(farm: Farm, fact: Fact): void {
  if (fact.kind === "driver-started") start(farm, fact);
  else applyFact(farm, fact);
  if ("job" in fact) count(farm, jobOf(farm, fact.job));
}

/** A fact was about the job: watches go by these numbers. */
function count(farm: Farm, job: Job): void {
  farm.revision += 1;
  job.sequence += 1;
  job.revision = farm.revision;
}

type Started = Extract<Fact, { kind: "driver-started" }>;

function start(farm: Farm, { epoch, run }: Started): void {
  farm.epoch = epoch;
  farm.run = run;
}

/** What is said to somebody (react.ts), and changes nothing. */
const saidKinds = {
  "ranges-revoked": true,
  "jobs-closed": true,
  "hand-in-judged": true,
  "results-settled": true,
  "merge-settled": true,
  "stream-refused": true,
  "submit-answered": true,
  "control-answered": true,
  "add-answered": true,
  "node-answered": true,
} as const satisfies Partial<Record<Fact["kind"], true>>;

type Said = Extract<Fact, { kind: keyof typeof saidKinds }>;

function isSaid(fact: Fact): fact is Said {
  return fact.kind in saidKinds;
}

function applyFact(farm: Farm, fact: Exclude<Fact, Started>): void {
  if (isSaid(fact)) return;
  switch (fact.kind) {
    case "job-submitted":
    case "ranges-added":
    case "job-ended":
    case "job-reported":
      applyJobFact(farm, fact);
      return;
    case "job-broken":
      applyBroken(farm, fact);
      return;
    case "session-opened":
    case "session-ended":
    case "session-attached":
    case "session-detached":
    case "session-heard":
    case "session-draining":
    case "session-drained":
    case "wall-time-told":
    case "wait-told":
    case "session-sated":
    case "actor-reserved":
    case "crew-summed":
    case "leases-renewed":
    case "clock-read":
    case "demand-raised":
      applySessionFact(farm, fact);
      return;
    case "ranges-granted":
    case "ranges-copied":
    case "ranges-returned":
    case "ranges-done":
      applyRangeFact(farm, fact);
      return;
    case "range-failed":
    case "range-tried":
    case "ranges-suspected":
    case "range-given-up":
    case "delays-ended":
    case "node-quarantined":
    case "node-restored":
      applyFailureFact(farm, fact);
      return;
    case "drain-begun":
    case "drain-ended":
      applyNodeFact(farm, fact);
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
    case "job-closed":
      applyControlFact(farm, fact);
      return;
    default:
      unreachable(fact);
  }
}
