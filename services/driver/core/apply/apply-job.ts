// A job begun, fed while it is open, ended, reported.

import { assert, unreachable } from "../../../shared/core/assert.js";
import type { DurableFact } from "../facts/fact.js";
import { enterRequest } from "../state/client-requests.js";
import { jobOf, type Farm } from "../state/farm.js";
import { newJob } from "../state/job.js";
import { enterLive } from "../state/live-jobs.js";
import { forgive } from "./node-book.js";

type JobFact = Extract<
  DurableFact,
  { kind: "job-submitted" | "ranges-added" | "job-ended" | "job-reported" }
>;

export type Submitted = Extract<JobFact, { kind: "job-submitted" }>;

export function applyJobFact(farm: Farm, fact: JobFact): void {
  switch (fact.kind) {
    case "job-submitted":
      enterJob(farm, fact);
      return;
    case "ranges-added":
      add(farm, fact);
      return;
    case "job-ended": {
      const { outcome, atUnixMs } = fact;
      const job = jobOf(farm, fact.job);
      const reason = job.stage.kind === "stopping" ? job.stage.reason : "";
      job.stage = { kind: "ended", outcome, reason, atUnixMs };
      forgive(farm, job);
      return;
    }
    case "job-reported": {
      const job = jobOf(farm, fact.job);
      if (job.stage.kind === "ended") job.stage = { ...job.stage, kind: "reported" };
      job.paces.clear();
      farm.live.delete(fact.job);
      return;
    }
    default:
      unreachable(fact);
  }
}

export function enterJob(farm: Farm, fact: Submitted): void {
  const job = newJob(fact);
  farm.jobs.set(fact.job, job);
  enterLive(farm, job);
  enterRequest(farm, fact.requestId, { asked: "submit", job: fact.job });
  farm.lastJob = fact.job;
}

function add(farm: Farm, fact: Extract<JobFact, { kind: "ranges-added" }>): void {
  const { intake, layout, table, ready } = jobOf(farm, fact.job);
  assert(intake.kind === "open", "ranges are added to a job that is open"); // (J4)
  const first = layout.ranges;
  const firstInput = layout.inputs.length;
  layout.add(fact.inputs);
  intake.index.enter(firstInput);
  table.grow(layout.ranges - first);
  ready.add({ first, count: layout.ranges - first });
  const inputs = fact.inputs.length;
  enterRequest(farm, fact.requestId, { asked: "add", job: fact.job, firstInput, inputs });
}
