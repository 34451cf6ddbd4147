// What a failure of a payload leads to (design.md, "Failure, by class").
//
//   Y1. Every failure costs one of the range's tries (P5), save on a node whose word counts for nothing: in quarantine, or
//       unheard (unproven.ts), where no range is tried again and no job is stopped until it is heard.
//   Y2. `event`: final when it failed so on two nodes; where there is one only, twice there. It goes elsewhere first.
//   Y3. `transient`: anywhere, while it has tries. `node`: elsewhere, while it has tries.
//   Y4. Spent tries are final only when two nodes failed, where there are two: one broken node never eats a job. Until
//       then the range avoids that one node only: where its tries cost nothing, it is still to have one that counts.
//   Y5. `fatal`: stops the job when two nodes say so, where there are two, and no range of it ever succeeded; until then
//       it is `node`.
//   Y6. A range is never final while another live grant holds it (P4).

import { present } from "../../../shared/core/assert.js";
import { delayMs } from "./backoff.js";
import type { Bench } from "../bench.js";
import type { ReportedFailure } from "../facts/command.js";
import { quarantineIfBlamed, restoreIfAcquitted } from "./decide-node.js";
import type { Fact } from "../facts/fact.js";
import type { FarmView } from "../state/farm.js";
import { isHolder, otherHolder } from "../state/holders.js";
import type { JobView } from "../state/job.js";
import { isAnotherAble } from "./other-node.js";
import { isUnheard } from "./unproven.js";
import type { Attempt } from "../state/trial.js";

export function* decideFailure(
  bench: Bench,
  node: string,
  failed: ReportedFailure,
): Generator<Fact, void, void> {
  const { farm, moment } = bench;
  const { range, grant, failure } = failed;
  const job = present(farm.jobs.get(failed.job), "job of the failure");
  if (!isHolder(job, range, grant)) return; // (O3)
  const mustWait = isUnheard(bench, job, node);
  const counted = !mustWait && farm.nodes.get(node)?.quarantine === undefined; // (Y1)
  const isLast = otherHolder(job, range, grant) === undefined; // (Y6)
  const verdict = judge(farm, job, range, { node, class: failure.class, counted, mustWait, isLast });
  const delay = verdict.final ? 0 : delayMs(job.spec.retry.backoff, range, verdict.attempts);
  yield {
    kind: "range-tried",
    job: job.number,
    range,
    grant,
    node,
    failure,
    final: verdict.final,
    counted,
    dueUnixMs: delay === 0 ? 0 : moment.unixMs + delay,
    avoids: verdict.avoids,
  };
  if (failure.class === "fatal" && !mustWait && isFatal(farm, job)) {
    yield { kind: "job-stopped", job: job.number, reason: failure.message };
  }
  for (const tried of verdict.nodes) yield* restoreIfAcquitted(bench, tried);
  yield* quarantineIfBlamed(bench, job, { node, failure });
}

interface Failed extends Readonly<Attempt> {
  /** Its node is unheard. */
  readonly mustWait: boolean;
  /** No other grant holds the range. */
  readonly isLast: boolean;
}

interface Verdict {
  readonly final: boolean;
  readonly avoids: readonly string[];
  /** Failures of the range so far, this one included, and where they were. */
  readonly attempts: number;
  readonly nodes: readonly string[];
}

/** So many nodes at most does a range avoid: those where it failed last. */
const avoidsMax = 16;

function judge(farm: FarmView, job: JobView, range: number, last: Failed): Verdict {
  const { node, counted } = last;
  const attempts = [...attemptsOf(job, range), { node, class: last.class, counted }];
  const evidence = attempts.filter((attempt) => attempt.counted);
  const used = job.table.creditUsed(range) + (counted ? 1 : 0);
  const isSpent = used >= job.spec.retry.attemptsMax;
  const failedOn = nodesOf(evidence);
  const isAnother = (nodes: readonly string[]): boolean => isAnotherAble(farm, job, nodes);
  const isWide = failedOn.length >= 2;
  const isEnough =
    (isSpent && (isWide || !isAnother(failedOn))) || isBadEvent(job, last, evidence, isAnother); // (Y2, Y4)
  const isFinal = counted && isEnough && last.isLast; // (Y6)
  const shunned = isSpent && !isWide ? failedOn : nodesOf(attempts.filter(pointsAtNode)); // (Y4)
  const all = last.mustWait ? [...shunned.filter((other) => other !== node), node] : shunned; // (Y1)
  const avoids = isFinal ? [] : all.slice(-avoidsMax).sort();
  return { final: isFinal, avoids, attempts: attempts.length, nodes: nodesOf(attempts) };
}

function attemptsOf(job: JobView, range: number): readonly Readonly<Attempt>[] {
  return job.trials.get(range)?.attempts ?? [];
}

/** (Y3) */
function pointsAtNode({ counted, class: of }: Readonly<Attempt>): boolean {
  return !counted || of !== "transient";
}

/** (Y2) */
function isBadEvent(
  job: JobView,
  last: Failed,
  evidence: readonly Readonly<Attempt>[],
  isAnother: (nodes: readonly string[]) => boolean,
): boolean {
  if (last.class !== "event") return false;
  const ofEvent = evidence.filter((attempt) => attempt.class === "event");
  const nodes = nodesOf(ofEvent);
  if (nodes.length >= 2) return true;
  return !isAnother(nodes) && ofEvent.length >= Math.min(2, job.spec.retry.attemptsMax);
}

function nodesOf(attempts: readonly Readonly<Attempt>[]): string[] {
  return [...new Set(attempts.map(({ node }) => node))];
}

/** (Y5) */
function isFatal(farm: FarmView, job: JobView): boolean {
  if (job.stage.kind !== "running" || job.hasSucceeded) return false;
  return job.failures.fatalNodes.size >= 2 || !isAnotherAble(farm, job, [...job.failures.fatalNodes]);
}
