// Bugs in merge groups.

import { advance } from "../../../services/driver/core/advance.js";
import type { Bench } from "../../../services/driver/core/bench.js";
import { decide } from "../../../services/driver/core/decide/decide.js";
import type { Command } from "../../../services/driver/core/facts/command.js";
import type { Effect } from "../../../services/driver/core/facts/effect.js";
import type { Fact } from "../../../services/driver/core/facts/fact.js";
import { isAtWork, type JobView } from "../../../services/driver/core/state/job.js";
import { groupNumber } from "../../../services/shared/core/id.js";
import { SpanSet } from "../../../services/shared/core/span-set.js";

export function removeInputsFirst(effects: readonly Effect[]): readonly Effect[] {
  return effects.flatMap((effect): Effect[] =>
    effect.kind === "publish-merge" ? [{ kind: "remove-inputs", merge: effect.merge }, effect] : [effect],
  );
}

/** What waits for a group is not seen when it is too little for a whole one. */
export function forgetLastGroup(bench: Bench): Iterable<Fact> {
  return forgetTails(bench, () => true);
}

/** As long as a job is open, its tail waits; and so it does when it is closed. */
export function forgetTailOfClosed(bench: Bench): Iterable<Fact> {
  return forgetTails(bench, (job) => job.spec.open);
}

function forgetTails(bench: Bench, isForgotten: (job: JobView) => boolean): Iterable<Fact> {
  const forgetful = (job: JobView): JobView =>
    new Proxy(job, {
      get: (target, name) => {
        const { rangeGroups, unmerged, spec } = target;
        const isTail =
          rangeGroups === undefined && unmerged.size < spec.merge.everyOutputs && isForgotten(target);
        const real: unknown = Reflect.get(target, name);
        return name === "unmerged" && isTail ? new SpanSet() : real;
      },
    });
  const jobs = new Map([...bench.farm.jobs].map(([number, job]) => [number, forgetful(job)]));
  return advance({ ...bench, farm: { ...bench.farm, jobs } });
}

/** No other merger seems to be there: whoever asks may have it, and the last try is the last. */
export function lendToWhoFailed(bench: Bench): Iterable<Fact> {
  return advance(withoutMergers(bench));
}

export function giveUpByOneMerger(bench: Bench, command: Command): Iterable<Fact> {
  return decide(withoutMergers(bench), command);
}

function withoutMergers(bench: Bench): Bench {
  return { ...bench, farm: { ...bench.farm, mergers: new Map() } };
}

/** A group by range is planned as soon as anything of it is done. */
export function* planBeforeWhole(bench: Bench): Iterable<Fact> {
  for (const job of bench.farm.jobs.values()) {
    const { rangeGroups, unmerged } = job;
    if (rangeGroups === undefined || unmerged.size === 0 || !isAtWork(job)) continue;
    const { fixed } = rangeGroups;
    const group = fixed.groupOf(unmerged.front(1).first[0] ?? 0);
    const number = fixed.numberOf({ group, late: 0 });
    const spans = unmerged.within(fixed.membersOf(group));
    if (!job.groups.has(number)) yield { kind: "merge-planned", job: job.number, group: number, spans };
  }
  yield* advance(bench);
}

/** Groups by range are numbered as they become whole. */
export function* numberByArrival(bench: Bench): Iterable<Fact> {
  for (const fact of advance(bench)) {
    const job = fact.kind === "merge-planned" ? bench.farm.jobs.get(fact.job) : undefined;
    if (fact.kind !== "merge-planned" || job?.rangeGroups === undefined) yield fact;
    else yield { ...fact, group: groupNumber(job.lastGroup + 1) };
  }
}
