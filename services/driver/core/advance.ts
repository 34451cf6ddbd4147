// What follows from how the farm stands, without anybody asking: merge groups, grants, the end of a job. Lazy, like
// decide.ts: each fact is applied before the next is decided.
//
//   V1. Merge groups are planned before grants are made (plan-merges.ts).
//   V3. Jobs are served in the order of `farm.live` (live-jobs.ts), after the nodes that one of them can't do without are
//       restored: those may run what comes first, too.
//   V4. A job that is open has no end: its tail is planned, and the job is over, when it is closed.

import type { Moment } from "../../shared/core/clock.js";
import { fateOfOutputs } from "../../shared/core/job-spec.js";
import type { Bench } from "./bench.js";
import { restoreTheLast } from "./decide/decide-node.js";
import type { Fact, JobOutcome } from "./facts/fact.js";
import { jobViewOf } from "./state/farm.js";
import { grantMerges } from "./grant/grant-merges.js";
import { Granting } from "./grant/grant-ranges.js";
import { planMerges } from "./plan-merges.js";
import { factsInsideJob } from "./state/fault.js";
import { isAllTried, isAtWork, type JobView } from "./state/job.js";

export function* advance(bench: Bench): Generator<Fact, void, void> {
  const { farm } = bench;
  const granting = new Granting(bench);
  for (const number of farm.live) {
    const restored = restoreTheLast(farm, jobViewOf(farm, number)); // (V3)
    yield* factsInsideJob(number, "nodes were restored for it", restored);
  }
  for (const number of [...farm.live]) {
    const served = serve(bench, jobViewOf(farm, number), granting);
    yield* factsInsideJob(number, "it was served", served);
  }
  yield* granting.end();
}

function* serve({ farm, moment }: Bench, job: JobView, granting: Granting): Generator<Fact, void, void> {
  yield* endDelays(job, moment);
  yield* planMerges(job, moment); // (V1)
  yield* granting.grant(job);
  yield* grantMerges(farm, job);
  yield* endJob(job, moment);
}

/** Ranges that waited for their time may be granted when it has come, or when the clock was set back. */
function* endDelays({ number, room, spec }: JobView, { unixMs }: Moment): Generator<Fact, void, void> {
  const dueUnixMs = room.nextDueUnixMs();
  if (dueUnixMs === undefined) return;
  if (dueUnixMs <= unixMs) yield { kind: "delays-ended", room: number, untilUnixMs: unixMs };
  else if (dueUnixMs > unixMs + spec.retry.backoff.lastMs)
    yield { kind: "delays-ended", room: number, untilUnixMs: Number.MAX_SAFE_INTEGER };
}

function* endJob(job: JobView, moment: Moment): Generator<Fact, void, void> {
  if (!isAtWork(job) || !isAllTried(job) || job.groupsOpen.size > 0) return;
  if (job.unmerged.size > 0 && fateOfOutputs(job.spec) === "merged") return;
  yield { kind: "job-ended", job: job.number, outcome: outcomeOf(job), atUnixMs: moment.unixMs };
}

function outcomeOf(job: JobView): JobOutcome {
  if (job.stage.kind === "stopping") return job.stage.outcome;
  const { merged, done } = job.table.counts;
  const over = fateOfOutputs(job.spec) === "merged" ? merged : done;
  return over === job.table.ranges ? "finished" : "finished-with-failures";
}
