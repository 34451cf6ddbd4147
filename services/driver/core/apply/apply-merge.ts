// Merge groups: waiting → granted → accepted → published → closed, and back to waiting.
//
//   G1. A done range is in `unmerged` or in one open group, never in both (P1).
//   G2. A group is published only after it was accepted, and its inputs are removed only after it was published (P3).
//   G3. In a job that groups by range, a group that was not published is planned anew under its number whenever one of its
//       ranges is done again. What is done after it was published makes a late group (fixed-groups.ts).

import { assert, present, unreachable } from "../../../shared/core/assert.js";
import { grantNumber, type GrantNumber, type SessionNumber } from "../../../shared/core/id.js";
import { eachRange, eachSpan, type Spans } from "../../../shared/core/spans.js";
import { giveBack } from "./apply-range.js";
import type { DurableFact } from "../facts/fact.js";
import { jobOf, type Farm } from "../state/farm.js";
import type { Job } from "../state/job.js";
import { standsAt, type MergeGroup, type MergeGroupStage } from "../state/merge-group.js";
import { withMerger } from "../grant/grant-merges.js";
import { dropHold, sessionOf, takeHold } from "./session-book.js";

type MergeFact = Extract<DurableFact, { kind: "outputs-lost" | "merge-planned" | keyof typeof standsAt }>;
type GroupFact = Exclude<MergeFact, { kind: "merge-planned" }>;
type StageOf<Kind extends MergeGroupStage["kind"]> = Extract<MergeGroupStage, { kind: Kind }>;

export function applyMergeFact(farm: Farm, fact: MergeFact): void {
  const job = jobOf(farm, fact.job);
  if (fact.kind === "merge-planned") planGroup(job, fact);
  else applyGroupFact(farm, job, fact);
}

function planGroup(job: Job, fact: Extract<MergeFact, { kind: "merge-planned" }>): void {
  for (const span of eachSpan(fact.spans)) job.unmerged.remove(span);
  if (job.unmerged.size === 0) job.waitsSinceMs = undefined;
  for (const range of eachRange(fact.spans)) job.table.join(range, fact.group); // (G1)
  const group: MergeGroup = {
    number: fact.group,
    spans: fact.spans,
    stage: { kind: "waiting" },
    attemptsUsed: 0,
    failedOn: [],
  };
  job.groups.set(fact.group, group);
  job.groupsWaiting.add(group);
  job.groupsOpen.add(fact.group);
  job.lastGroup = Math.max(job.lastGroup, fact.group);
  const { rangeGroups } = job;
  rangeGroups?.planned(rangeGroups.fixed.placeOf(fact.group).group);
}

function applyGroupFact(farm: Farm, job: Job, fact: GroupFact): void {
  const group = present(job.groups.get(fact.group), `merge group ${String(fact.group)}`);
  switch (fact.kind) {
    case "merge-granted":
      stageOf(group, standsAt[fact.kind]);
      setStage(job, group, { kind: "granted", grant: fact.grant, session: fact.session });
      job.lastGrant = fact.grant;
      takeHold(farm, fact.session, { job: job.number, grant: fact.grant, amount: 1 });
      return;
    case "merge-returned":
      release(farm, job, group);
      setStage(job, group, { kind: "waiting" });
      return;
    case "merge-failed":
      fail(farm, job, group, fact);
      return;
    case "merge-accepted": {
      const session = sessionOf(farm, release(farm, job, group));
      setStage(job, group, { kind: "accepted", grant: fact.grant, file: fact.file });
      session.done += 1;
      return;
    }
    case "merge-published":
      setStage(job, group, { ...stageOf(group, standsAt[fact.kind]), kind: "published" });
      for (const range of eachRange(group.spans)) job.table.merge(range);
      return;
    case "merge-inputs-removed":
      setStage(job, group, { ...stageOf(group, standsAt[fact.kind]), kind: "closed" });
      return;
    case "outputs-lost":
      release(farm, job, group);
      dissolve(job, group, fact.spans);
      return;
    default:
      unreachable(fact);
  }
}

/** The group's stage, which must be of that kind (merge-group.ts, J2). */
function stageOf<Kind extends MergeGroupStage["kind"]>(group: MergeGroup, kind: Kind): StageOf<Kind> {
  const { stage } = group;
  assert(isOfKind(stage, kind), `merge group ${String(group.number)} is ${kind}, not ${stage.kind}`);
  return stage;
}

function isOfKind<Kind extends MergeGroupStage["kind"]>(
  stage: MergeGroupStage,
  kind: Kind,
): stage is StageOf<Kind> {
  return stage.kind === kind;
}

/** The one place where a group's stage changes, so that what is kept of all groups follows it. */
function setStage(job: Job, group: MergeGroup, stage: MergeGroupStage): void {
  countGroup(job, group.stage, -1);
  countGroup(job, stage, 1);
  group.stage = stage;
  if (stage.kind === "waiting") job.groupsWaiting.add(group);
  else job.groupsWaiting.delete(group.number);
  if (stage.kind === "closed" || stage.kind === "failed") job.groupsOpen.delete(group.number);
}

/** Counts a group in `filesMerged` or `groupsFailed`, when it stands so. */
export function countGroup(job: Job, { kind }: MergeGroupStage, more: 1 | -1): void {
  if (kind === "published" || kind === "closed") job.filesMerged += more;
  if (kind === "failed") job.groupsFailed += more;
}

/** A try at the group failed. */
function fail(
  farm: Farm,
  job: Job,
  group: MergeGroup,
  { final, failure }: Extract<MergeFact, { kind: "merge-failed" }>,
): void {
  const session = sessionOf(farm, release(farm, job, group));
  group.failedOn = withMerger(group.failedOn, session.name);
  group.attemptsUsed += 1;
  setStage(job, group, final ? { kind: "failed", failure } : { kind: "waiting" });
  session.failed += 1; // What is no job's own comes last (contain.ts, B1).
}

/** The group's session, which is told, holds it no more. */
function release(farm: Farm, job: Job, group: MergeGroup): SessionNumber {
  const { session, grant } = stageOf(group, "granted");
  dropHold(farm, session, { job: job.number, grant });
  return session;
}

/** Takes a merge group back from a session that ended. */
export function returnMerge(farm: Farm, job: Job, grant: GrantNumber): void {
  for (const number of job.groupsOpen) {
    const group = present(job.groups.get(number), "merge group");
    if (group.stage.kind !== "granted" || group.stage.grant !== grant) continue;
    release(farm, job, group);
    setStage(job, group, { kind: "waiting" });
  }
}

/** A cancelled job wants the group no more: its members wait for what becomes of the job's unmerged outputs. */
export function discardGroup(farm: Farm, job: Job, group: MergeGroup): void {
  if (group.stage.kind === "granted") release(farm, job, group);
  else if (group.stage.kind !== "waiting") return; // Its merged file was accepted, and is published.
  scatter(job, group);
}

/** Has a group that was given up merged anew; one whose ranges are tried again is planned anew, with them (G3). */
export function reopenGroup(job: Job, group: MergeGroup): void {
  stageOf(group, "failed");
  const { rangeGroups } = job;
  if (rangeGroups?.isWhole(rangeGroups.fixed.placeOf(group.number).group) === false) {
    countGroup(job, group.stage, -1);
    scatter(job, group);
    return;
  }
  group.attemptsUsed = 0;
  group.failedOn = [];
  job.groupsOpen.add(group.number);
  setStage(job, group, { kind: "waiting" });
}

/** The group is no more: its members wait for another. */
function scatter(job: Job, group: MergeGroup): void {
  for (const range of eachRange(group.spans)) job.table.join(range, undefined);
  for (const span of eachSpan(group.spans)) job.unmerged.add(span);
  forgetGroup(job, group);
}

function forgetGroup(job: Job, group: MergeGroup): void {
  job.groups.delete(group.number);
  job.groupsWaiting.delete(group.number);
  job.groupsOpen.delete(group.number);
}

/** The group is no more: the lost ranges are done again, the others wait for a new group. */
function dissolve(job: Job, group: MergeGroup, lost: Spans): void {
  scatter(job, group);
  for (const span of eachSpan(lost)) {
    job.unmerged.remove(span);
    for (let range = span.first; range < span.first + span.count; range += 1) {
      job.voided.set(range, grantNumber(job.lastGrant));
      job.losses.set(range, (job.losses.get(range) ?? 0) + 1);
      job.table.lose(range);
    }
    job.rangeGroups?.unsettle(span);
    giveBack(job, span);
  }
  job.eventsDone -= job.layout.eventsIn(lost);
}
