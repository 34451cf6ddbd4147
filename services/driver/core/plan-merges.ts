// Which outputs are merged together, and when.
//
//   P1. By arrival, a group is planned when everyOutputs outputs wait, and a smaller one when one of them has waited for
//       maxDelay. What is left at the end makes the last, smaller group.
//   P2. By range, a group is planned when all of its ranges are done or failed, of those that are done. Its members and its
//       number follow from the job's inputs alone, whatever is done when. What a retry adds to a group that is merged makes a
//       late group of it.
//   P3. Where nothing is merged there are no groups.

import type { Moment } from "../../shared/core/clock.js";
import { groupNumber, type GroupNumber } from "../../shared/core/id.js";
import { fateOfOutputs } from "../../shared/core/job-spec.js";
import type { Fact } from "./facts/fact.js";
import { isAllTried, isAtWork, type JobView } from "./state/job.js";
import type { RangeGroupsView } from "./state/range-groups.js";

export function* planMerges(job: JobView, moment: Moment): Generator<Fact, void, void> {
  if (!isAtWork(job) || fateOfOutputs(job.spec) !== "merged") return; // (P3)
  if (job.rangeGroups === undefined) yield* planArrived(job, moment);
  else yield* planWhole(job, job.rangeGroups);
}

/** (P1) */
function* planArrived(job: JobView, moment: Moment): Generator<Fact, void, void> {
  const { everyOutputs } = job.spec.merge;
  while (
    job.unmerged.size >= everyOutputs ||
    (job.unmerged.size > 0 && (isAllTried(job) || isOverdue(job, moment)))
  ) {
    const group = groupNumber(job.lastGroup + 1);
    yield { kind: "merge-planned", job: job.number, group, spans: job.unmerged.front(everyOutputs) };
  }
}

/** Whether an output may have waited for as long as it may. */
function isOverdue({ spec, waitsSinceMs }: JobView, { nowMs }: Moment): boolean {
  const { grouping } = spec.merge;
  if (grouping.kind !== "arrival" || grouping.maxDelayMs === undefined || waitsSinceMs === undefined)
    return false;
  return nowMs - waitsSinceMs >= grouping.maxDelayMs;
}

/** (P2) */
function* planWhole(job: JobView, { due, fixed }: RangeGroupsView): Generator<Fact, void, void> {
  if (due.size === 0) return;
  for (const group of [...due]) {
    const spans = job.unmerged.within(fixed.membersOf(group));
    const number = numberFor(group);
    yield { kind: "merge-planned", job: job.number, group: number, spans };
  }

  function numberFor(group: number): GroupNumber {
    let late = 0;
    while (job.groups.has(fixed.numberOf({ group, late }))) late += 1;
    return fixed.numberOf({ group, late });
  }
}
