// Ranges that something died around: they may be the reason, or have stood beside it. No credit is spent (P5).
//
//   Z1. When a node falls silent, or its actor is started anew, each range that may have run there is suspected of it; so
//       is each range of a payload process that died with several in it. The end of an allocation is nobody's fault; nor is
//       what went while the driver was away: that the whole allocation ended, or was preempted, is likelier then.
//   Z2. A range that was suspected twice is granted alone, in a process of its own, and where nodes died, with nothing
//       beside it on its node: then either it is the reason, or it is done.
//   Z3. A range that was there when so many nodes died, or whose output was lost so often, fails for good.

import { present } from "../../../shared/core/assert.js";
import { failureOf } from "../../../shared/core/failure.js";
import { eachRange, SpansBuilder, type Spans } from "../../../shared/core/spans.js";
import type { Bench } from "../bench.js";
import type { Fact, GrantedSpans } from "../facts/fact.js";
import type { Suspicion } from "../facts/fact-failure.js";
import type { SessionView } from "../state/farm.js";
import { factsInsideJob } from "../state/fault.js";
import { mayRun } from "../state/held-order.js";
import { isHolder, otherHolder } from "../state/holders.js";
import type { JobView } from "../state/job.js";
import { isAllocationOver } from "../grant/wall-time.js";

/** The session is about to end, and nobody told why (Z1). */
export function* suspectRunning(bench: Bench, session: SessionView): Generator<Fact, void, void> {
  if (session.role !== "actor" || !session.wasHere) return;
  if (isAllocationOver(session, bench.moment.nowMs)) return;
  for (const held of mayRun(bench.farm, session)) {
    const job = present(bench.farm.jobs.get(held.job), "job of a held range");
    const died = suspect(bench, job, held.spans, "node-death");
    yield* factsInsideJob(held.job, "ranges were suspected", died);
    const deadly = giveUpDeadly(bench, job, held, session.node);
    yield* factsInsideJob(held.job, "ranges were given up", deadly);
  }
}

/** The actor says so (Z1). */
export function* decideSuspected(bench: Bench, suspected: GrantedSpans): Generator<Fact, void, void> {
  const job = present(bench.farm.jobs.get(suspected.job), "job of the suspected ranges");
  const held = new SpansBuilder();
  for (const range of eachRange(suspected.spans)) if (isHolder(job, range, suspected.grant)) held.add(range);
  if (held.isEmpty) return;
  const spans: Spans = { first: held.first, count: held.count };
  yield* suspect(bench, job, spans, "payload-death");
  yield { kind: "ranges-returned", job: job.number, grant: suspected.grant, spans };
}

/** (Z2) */
function* suspect({ rules }: Bench, job: JobView, spans: Spans, of: Suspicion): Generator<Fact, void, void> {
  const [newly, again] = [new SpansBuilder(), new SpansBuilder()];
  for (const range of eachRange(spans)) {
    const trial = job.trials.get(range);
    const before = of === "node-death" ? trial?.nodeDeaths : trial?.payloadDeaths;
    const times = (before ?? 0) + 1;
    (times >= rules.suspicionsMax ? again : newly).add(range);
  }
  for (const [some, alone] of [
    [newly, false],
    [again, true],
  ] as const) {
    const { first, count } = some;
    if (!some.isEmpty)
      yield { kind: "ranges-suspected", job: job.number, spans: { first, count }, of, alone };
  }
}

/** (Z3) */
function* giveUpDeadly(
  { rules }: Bench,
  job: JobView,
  { grant, spans }: GrantedSpans,
  node: string,
): Generator<Fact, void, void> {
  for (const range of eachRange(spans)) {
    const deaths = job.trials.get(range)?.nodeDeaths ?? 0;
    if (deaths < rules.nodeDeathsMax || otherHolder(job, range, grant) !== undefined) continue;
    const message = `the node or its actor died ${String(deaths)} times while the range may have run there`;
    const failure = failureOf("node", message);
    yield { kind: "range-given-up", job: job.number, range, grant, node, failure };
  }
}

/** The outputs of these ranges were found lost, and the ranges are ready again (Z3). */
export function* giveUpLost({ rules }: Bench, job: JobView, spans: Spans): Generator<Fact, void, void> {
  for (const range of eachRange(spans)) {
    const losses = job.losses.get(range) ?? 0;
    if (losses < rules.outputLostMax || job.table.stateOf(range) !== "ready") continue;
    const message = `its output was lost ${String(losses)} times after it was stored`;
    const failure = failureOf("node", message);
    yield { kind: "range-given-up", job: job.number, range, grant: undefined, node: "", failure };
  }
}
