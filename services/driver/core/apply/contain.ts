// A job that is broken harms nobody else.
//
//   B1. What is thrown while a fact about a job is applied takes that job out of service. The fact did not happen, nor does
//       any other about the job from then on: they are passed over, here and whenever the journal is read. So whatever a fact
//       changes that is no job's own, it changes last, or B3 mends it.
//   B2. Where a fact is about several jobs, only the broken ones go out of service; the others are changed as it says.
//   B3. Whatever the broken job has written by then is given up: it begins anew as a job that nobody works for, with its
//       inputs and what was known of it last; nobody holds anything of it, and nothing is held against a node for it.
//   B4. Until a fact says so (turn.ts), it stands in `faults`: so the journal tells it to every version that reads it.
//   B5. A job that the journal says was begun, and that can't be, stands there out of service and without inputs: the others
//       are read. A job that is begun now is refused instead.

import type { JobNumber } from "../../../shared/core/id.js";
import type { JobSpec } from "../../../shared/core/job-spec.js";
import type { BrokenFact, LastKnown } from "../facts/fact-broken.js";
import type { Fact } from "../facts/fact.js";
import { jobOf, type Farm, type Session } from "../state/farm.js";
import { JobFault } from "../state/fault.js";
import { countHeld } from "../state/fleet.js";
import { newJob, type BrokenStage, type Job } from "../state/job.js";
import { enterJob, type Submitted } from "./apply-job.js";
import { place } from "./node-book.js";
import { attach } from "./session-book.js";

/** Applies a fact, and tells whether it happened (B1). Throws only where no job is to blame. */
export function contain(farm: Farm, fact: Fact, apply: (farm: Farm, fact: Fact) => void): boolean {
  const number = "job" in fact ? fact.job : fact.kind === "delays-ended" ? fact.room : undefined;
  if (number === undefined || fact.kind === "job-broken" || !farm.jobs.has(number)) {
    apply(farm, fact);
    return true;
  }
  if (isBroken(farm, number)) return false;
  const session = "session" in fact ? farm.sessions.get(fact.session) : undefined;
  const attachment = session?.attachment;
  try {
    apply(farm, fact);
    return true;
  } catch (error) {
    takeOut(farm, new JobFault(number, `${fact.kind} was applied`, error));
    // What it was not told it was not given.
    if (session !== undefined && attachment !== undefined) attach(farm, session, attachment);
    return false;
  }
}

/** Applies a fact of the journal. */
export function containOld(farm: Farm, fact: Fact, apply: (farm: Farm, fact: Fact) => void): void {
  const begins = fact.kind === "job-submitted" && !farm.jobs.has(fact.job);
  try {
    contain(farm, fact, apply);
  } catch (error) {
    if (!begins) throw error;
    enterJob(farm, nothingOf(fact)); // (B5)
    takeOut(farm, new JobFault(fact.job, `${fact.kind} was applied`, error));
  }
}

/** One job's part of a fact that is about several (B2). */
export function forJob(farm: Farm, number: JobNumber, doing: string, work: (job: Job) => void): void {
  try {
    work(jobOf(farm, number));
  } catch (error) {
    takeOut(farm, new JobFault(number, doing, error));
  }
}

/** Takes a job out of service. Throws where there is no such job, or nothing of it is in service. */
export function takeOut(farm: Farm, blamed: JobFault): void {
  const job = farm.jobs.get(blamed.job);
  if (job === undefined || job.stage.kind === "broken") throw blamed;
  const { fault } = blamed;
  const { reason, doing } = fault;
  giveUp(farm, job, { kind: "broken", reason, doing, known: lastKnownOf(job), atUnixMs: 0 });
  farm.faults.set(blamed.job, fault);
}

/** (B4) */
export function applyBroken(farm: Farm, fact: BrokenFact): void {
  const { reason, doing, known, atUnixMs } = fact;
  giveUp(farm, jobOf(farm, fact.job), { kind: "broken", reason, doing, known, atUnixMs });
  farm.faults.delete(fact.job);
}

/** (B3) */
function giveUp(farm: Farm, job: Job, stage: BrokenStage): void {
  const { number } = job;
  farm.jobs.set(number, outOfService(job, stage));
  farm.live.delete(number);
  if (farm.reserved?.job === number) farm.reserved = undefined;
  for (const session of farm.sessions.values()) {
    session.holds.delete(number);
    if (session.role === "actor") countHeld(farm, session, heldBy(farm, session) - session.held);
  }
  for (const node of [...farm.nodes.values()]) if (node.blamed.delete(number)) place(farm, node);
}

function heldBy(farm: Farm, { holds }: Session): number {
  let held = 0;
  for (const [job, grants] of holds)
    for (const grant of grants) held += farm.jobs.get(job)?.grants.get(grant)?.left ?? 0;
  return held;
}

function outOfService(job: Job, stage: BrokenStage): Job {
  const { number, requestId, spec, layout, submittedAtUnixMs: atUnixMs } = job;
  const { sequence, revision, lastGrant, lastGroup } = job;
  const anew = newJob({ kind: "job-submitted", job: number, requestId, spec, atUnixMs });
  const added = layout.inputs.slice(spec.inputs.length);
  const first = anew.layout.ranges;
  if (added.length > 0) {
    anew.layout.add(added);
    anew.table.grow(anew.layout.ranges - first);
    anew.ready.add({ first, count: anew.layout.ranges - first });
  }
  anew.rangeGroups?.close();
  return { ...anew, intake: { kind: "closed" }, sequence, revision, lastGrant, lastGroup, stage };
}

/** The job without what might be wrong about it. */
function nothingOf(fact: Submitted): Submitted {
  const { spec } = fact;
  const merge: JobSpec["merge"] = { ...spec.merge, grouping: { kind: "arrival", maxDelayMs: undefined } };
  return { ...fact, spec: { ...spec, inputs: [], open: false, merge } };
}

function lastKnownOf({ table, eventsDone, filesMerged, groupsFailed }: Job): LastKnown {
  return { ...table.counts, eventsDone, filesMerged, groupsFailed };
}

function isBroken(farm: Farm, number: JobNumber): boolean {
  return farm.jobs.get(number)?.stage.kind === "broken";
}
