// What a user asks of a job that was submitted: cancel, pause, resume, retry, close.
//
//   U1. Asking twice is asking once (P11): a repeated request id changes nothing and gets the first answer.
//   U2. What is so already is not done again: to cancel a cancelled job, or to pause a suspended one, is no mistake. The
//       request is journaled all the same: its repeat must change nothing when the job has gone on meanwhile (U1).
//   U3. What can't be done is refused with how the job stands.

import { unreachable } from "../../../shared/core/assert.js";
import type { Moment } from "../../../shared/core/clock.js";
import type { JobNumber } from "../../../shared/core/id.js";
import type { Bench } from "../bench.js";
import type { Command } from "../facts/command.js";
import type { ControlAnswer, Fact, JobControl } from "../facts/fact.js";
import { unknownJob, type FarmView } from "../state/farm.js";
import { useOf } from "../state/client-requests.js";
import type { JobView } from "../state/job.js";
import { reasonOf } from "../status.js";

type ControlJob = Extract<Command, { kind: "control-job" }>;

export function* decideControl(bench: Bench, command: ControlJob): Generator<Fact, void, void> {
  const { farm, moment } = bench;
  const { reply, requestId, job: number, control } = command;
  const answer = answerTo(farm, command);
  const isNew = !farm.requests.has(requestId);
  if (answer.kind === "done" && isNew) yield factOf(control, { job: number, requestId }, moment); // (U2)
  yield { kind: "control-answered", reply, answer };
}

function factOf(
  control: JobControl,
  asked: { readonly job: JobNumber; readonly requestId: string },
  { unixMs }: Moment,
): Fact {
  switch (control) {
    case "cancel":
      return { kind: "job-cancelled", ...asked };
    case "pause":
      return { kind: "job-suspended", ...asked, atUnixMs: unixMs };
    case "resume":
      return { kind: "job-resumed", ...asked };
    case "retry":
      return { kind: "job-retried", ...asked };
    case "close":
      return { kind: "job-closed", ...asked };
    default:
      return unreachable(control);
  }
}

function answerTo(farm: FarmView, { requestId, job: number, control }: ControlJob): ControlAnswer {
  const known = farm.requests.get(requestId);
  if (known !== undefined) {
    if (known.asked === control && known.job === number) return done(number); // (U1)
    return { kind: "refused", why: "conflict", message: `request ${requestId} ${useOf(known)}` };
  }
  const job = farm.jobs.get(number);
  if (job === undefined) return { kind: "refused", why: "unknown", message: unknownJob(farm, number) };
  const verdict = verdictOn(job, control);
  if (verdict === "do" || verdict === "done already") return done(number);
  return { kind: "refused", why: "conflict", message: `cannot ${control} job ${number}: ${verdict.because}` };
}

function done(job: JobNumber): ControlAnswer {
  return { kind: "done", job };
}

type Verdict = "do" | "done already" | { readonly because: string };

function verdictOn(job: JobView, control: JobControl): Verdict {
  switch (control) {
    case "cancel":
      return verdictOnCancel(job);
    case "pause":
      if (job.stage.kind === "suspended") return "done already"; // (U2)
      return job.stage.kind === "running" ? "do" : { because: standingOf(job) };
    case "resume":
      if (job.stage.kind === "running") return "done already";
      return job.stage.kind === "suspended" ? "do" : { because: standingOf(job) };
    case "retry":
      return verdictOnRetry(job);
    case "close":
      return job.intake.kind === "open" ? "do" : "done already"; // (U2)
    default:
      return unreachable(control);
  }
}

function verdictOnCancel({ stage }: JobView): Verdict {
  if (stage.kind === "broken") return { because: standingOf({ stage }) };
  if (stage.kind === "running" || stage.kind === "suspended") return "do";
  if (stage.outcome === "cancelled") return "done already";
  // A fatal failure is ending it; its groups may go on for long, and nobody wants them.
  return stage.kind === "stopping" ? "do" : { because: `it is over: ${stage.outcome}` };
}

function verdictOnRetry(job: JobView): Verdict {
  if (job.stage.kind !== "reported") return { because: standingOf(job) };
  const hasFailedGroup = [...job.groups.values()].some(({ stage }) => stage.kind === "failed");
  return job.table.counts.failed > 0 || hasFailedGroup ? "do" : { because: "nothing of it failed" };
}

/** How a job stands, in words that say why something can't be done (U3). */
export function standingOf({ stage }: Pick<JobView, "stage">): string {
  switch (stage.kind) {
    case "running":
    case "suspended":
      return `it is ${stage.kind}`;
    case "stopping":
      return `it is about to end: ${stage.outcome}`;
    case "ended":
      return "its report is being written; try again";
    case "reported":
      return `it is over: ${stage.outcome}`;
    case "broken":
      return `it is out of service, since ${reasonOf(stage)}; begin it anew in another workdir`;
    default:
      return unreachable(stage);
  }
}
