// For tests: what must hold of the plans for merging between two turns (plan-merges.ts).

import { assert } from "../../../shared/core/assert.js";
import { fateOfOutputs } from "../../../shared/core/job-spec.js";
import { eachRange, rangesIn, spansOf } from "../../../shared/core/spans.js";
import { creditLeft, type Farm } from "../state/farm.js";
import { isAllTried, isAtWork, type Job } from "../state/job.js";

/** Throws when something is left unplanned, or a group has members that it must not have. */
export function checkPlans(job: Job): void {
  if (fateOfOutputs(job.spec) !== "merged") {
    assert(job.groups.size === 0, "there are no groups where nothing is merged"); // (P3)
    return;
  }
  if (job.rangeGroups !== undefined) checkRangeGroups(job, job.rangeGroups);
  else if (isAtWork(job)) checkArrived(job);
}

/** (P1) */
function checkArrived(job: Job): void {
  const { unmerged, spec } = job;
  assert(unmerged.size < spec.merge.everyOutputs, "a group is planned when enough outputs wait");
  assert(!isAllTried(job) || unmerged.size === 0, "the last group is planned when all is tried");
}

/** (A1) No group that waits stands beside a merger that asks for more and may have it. */
export function checkWaiting({ sessions, drained }: Farm, job: Job): void {
  const mergers = [...sessions.values()].filter(({ role }) => role === "merger");
  const staying = mergers.filter(
    ({ attachment, node }) => !drained.has(node) && (attachment.kind === "away" || !attachment.draining),
  );
  for (const { number, stage, failedOn } of job.groups.values()) {
    const isWaiting = stage.kind === "waiting";
    assert(job.groupsWaiting.has(number) === isWaiting, () => `whether group ${number} waits`);
    if (!isWaiting) continue;
    const others = staying.filter(({ name }) => !failedOn.includes(name));
    const taker = (others.length > 0 ? others : mergers).find((session) => creditLeft(session) > 0);
    assert(taker === undefined, () => `merger ${taker?.name ?? ""} may have group ${number}`);
  }
}

type Groups = NonNullable<Job["rangeGroups"]>;

/** (P2) */
function checkRangeGroups(job: Job, groups: Groups): void {
  const { fixed } = groups;
  assert(!isAtWork(job) || groups.due.size === 0, "each group that is due is planned");
  let end = 0;
  for (let group = 1; group <= fixed.count; group += 1) {
    const { first, count } = fixed.membersOf(group);
    assert(first === end && count >= 1, `group ${group} follows the last one`);
    end += count;
    checkCounted(job, groups, group);
  }
  assert(end === job.table.ranges, "each range is in a group");
  for (const { number, spans } of job.groups.values()) {
    const { group } = fixed.placeOf(number);
    assert(rangesIn(spans) >= 1, `group ${number} has members`);
    for (const range of eachRange(spans))
      assert(
        fixed.groupOf(range) === group,
        `range ${range} is one of group ${group}, and in group ${number}`,
      );
  }
}

/** (D1, D2) Told anew from the range table. */
function checkCounted(job: Job, groups: Groups, group: number): void {
  const { fixed } = groups;
  const members = [...eachRange(spansOf(fixed.membersOf(group)))];
  for (const range of members) assert(fixed.groupOf(range) === group, `range ${range} is in group ${group}`);
  const settled = members.filter((range) => !["ready", "held"].includes(job.table.stateOf(range))).length;
  assert(groups.settledIn(group) === settled, `${settled} ranges of group ${group} are settled`);
  const mayGetMore = job.intake.kind === "open" && fixed.mayGrow(group);
  if (!isAtWork(job) || mayGetMore || settled < members.length) return;
  const isWaiting = (range: number): boolean =>
    job.table.stateOf(range) === "done" && job.table.groupOf(range) === undefined;
  assert(!members.some(isWaiting), `group ${group} is whole, and planned`);
}
