// Which merger is lent which group, and when a group that fails is given up.
//
//   A1. A group that failed on a merger goes to others, as long as one has joined that has not failed it and does not leave.
//   A2. A group is given up when its tries are spent, and not by one merger alone, where there are two.
//   A3. What a merger finds lost is looked at from another node, where there is one, before it is believed: a file may show
//       late there, or not at all. That first look counts as a failed try, unless it would be the last one.

import { assert } from "../../../shared/core/assert.js";
import { grantNumber } from "../../../shared/core/id.js";
import type { Fact } from "../facts/fact.js";
import { sessionViewOf, type FarmView } from "../state/farm.js";
import type { JobView } from "../state/job.js";
import type { MergeGroupView } from "../state/merge-group.js";

export function* grantMerges(farm: FarmView, job: JobView): Generator<Fact, void, void> {
  // Whoever wants more than it is lent stands last, and comes again. Those passed over failed all that waits: a few.
  for (const session of farm.hungry) {
    if (job.groupsWaiting.size === 0) return;
    const { name } = sessionViewOf(farm, session);
    const group = job.groupsWaiting.pick((failedOn) => mayMerge(farm, failedOn, name));
    if (group === undefined) continue;
    yield { kind: "merge-granted", job: job.number, group, grant: grantNumber(job.lastGrant + 1), session };
  }
}

/** (A1) */
export function mayMerge(farm: FarmView, failedOn: readonly string[], merger: string): boolean {
  return !failedOn.includes(merger) || !hasOther(farm, failedOn);
}

/** (A2) Whether this failure is the group's last. Mergers that come and go do not put that off for ever. */
export function isLastFailure(
  farm: FarmView,
  { spec }: JobView,
  { attemptsUsed, failedOn, stage }: MergeGroupView,
): boolean {
  assert(stage.kind === "granted", "what fails is lent");
  const tries = attemptsUsed + 1;
  const { attemptsMax } = spec.merge;
  if (tries < attemptsMax) return false;
  const mergers = withMerger(failedOn, sessionViewOf(farm, stage.session).name);
  return mergers.length > 1 || tries >= 2 * attemptsMax || !hasOther(farm, mergers);
}

/** (A3) Whether a group whose inputs its merger found lost is to be tried from another node first. */
export function isDoubtful(farm: FarmView, { spec }: JobView, group: MergeGroupView): boolean {
  assert(group.stage.kind === "granted", "what is found lost is lent");
  if (group.attemptsUsed + 1 >= spec.merge.attemptsMax) return false;
  const { name, node } = sessionViewOf(farm, group.stage.session);
  const isElsewhere = (other: string | undefined): boolean => other !== undefined && other !== node;
  const wasSeenElsewhere = group.failedOn.some(
    (merger) => merger !== name && isElsewhere(farm.mergers.get(merger)),
  );
  return !wasSeenElsewhere && [...farm.mergers.values()].some(isElsewhere);
}

/** Those who failed a group, ascending, and this one too. */
export function withMerger(failedOn: readonly string[], merger: string): readonly string[] {
  return failedOn.includes(merger) ? failedOn : [...failedOn, merger].sort();
}

/** Whether a merger is there that is none of these. */
function hasOther({ mergers }: FarmView, failedOn: readonly string[]): boolean {
  return failedOn.filter((name) => mergers.has(name)).length < mergers.size;
}
