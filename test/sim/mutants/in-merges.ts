// Bugs in merge groups.

import { advance } from "../../../services/driver/core/advance.js";
import type { Bench } from "../../../services/driver/core/bench.js";
import type { Effect } from "../../../services/driver/core/facts/effect.js";
import type { Fact } from "../../../services/driver/core/facts/fact.js";
import type { JobView } from "../../../services/driver/core/state/job.js";
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
        const isTail = target.unmerged.size < target.spec.merge.everyOutputs && isForgotten(target);
        const real: unknown = Reflect.get(target, name);
        return name === "unmerged" && isTail ? new SpanSet() : real;
      },
    });
  const jobs = new Map([...bench.farm.jobs].map(([number, job]) => [number, forgetful(job)]));
  return advance({ ...bench, farm: { ...bench.farm, jobs } });
}
