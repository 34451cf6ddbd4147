// Ranges that failed, and what that means for them. What was decided stands in the fact.
//
//   L1. A failure that costs no credit, on a node in quarantine or unheard, is told in the report all the same.
//   L2. A range that failed for good has no trial any more: whoever revives it gives it a new start.

import { present, unreachable } from "../../../shared/core/assert.js";
import { grantNumber } from "../../../shared/core/id.js";
import { SpanSet } from "../../../shared/core/span-set.js";
import { eachRange } from "../../../shared/core/spans.js";
import { applyNodeFact } from "./apply-node.js";
import { forgetTrials, giveBack, lessen, recordFinal, takeReady } from "./apply-range.js";
import type { Fact } from "../facts/fact.js";
import type { FailureFact } from "../facts/fact-failure.js";
import { jobOf, type Farm } from "../state/farm.js";
import { letGo } from "../state/holders.js";
import { failureRecordsMax, type FailureRecord, type Job } from "../state/job.js";
import { blame } from "./node-book.js";
import { sessionOf } from "./session-book.js";
import { addAttempt, trialOf } from "../state/trial.js";

type KindOf<Name extends FailureFact["kind"]> = Extract<FailureFact, { kind: Name }>;
type RangeFact = Extract<FailureFact, { job: unknown }>;

export function applyFailureFact(
  farm: Farm,
  fact: FailureFact | Extract<Fact, { kind: "delays-ended" }>,
): void {
  if (fact.kind === "delays-ended") jobOf(farm, fact.room).room.release(fact.untilUnixMs);
  else if (fact.kind === "node-quarantined" || fact.kind === "node-restored") applyNodeFact(farm, fact);
  else applyRangeFact(farm, fact);
}

function applyRangeFact(farm: Farm, fact: RangeFact): void {
  const job = jobOf(farm, fact.job);
  switch (fact.kind) {
    case "range-failed":
      applyTried(farm, job, { ...fact, kind: "range-tried", counted: true, dueUnixMs: 0, avoids: [] });
      return;
    case "range-tried":
      applyTried(farm, job, fact);
      return;
    case "ranges-suspected":
      applySuspected(job, fact);
      return;
    case "range-given-up":
      applyGivenUp(farm, job, fact);
      return;
    default:
      unreachable(fact);
  }
}

function applyTried(farm: Farm, job: Job, fact: KindOf<"range-tried">): void {
  const { range, grant, node, failure, final, counted } = fact;
  const { failures, table } = job;
  const trial = trialOf(job.trials, range);
  addAttempt(trial, { node, class: failure.class, counted });
  trial.dueUnixMs = fact.dueUnixMs;
  trial.avoids = fact.avoids;
  if (counted) table.spendCredit(range);
  if (failure.class === "fatal") failures.fatalNodes.add(node);
  const attempt = Math.max(trial.attempts.length, table.creditUsed(range));
  record(job, { range, grant, node, attempt, final, failure }); // (L1)
  const session = sessionOf(farm, present(job.grants.get(grant), "grant of the range").session);
  lessen(farm, job, { number: grant, by: 1 });
  if (final) failForGood(job, range, { from: "held", node, failure });
  else if (letGo(job, range, grant)) giveBack(job, { first: range, count: 1 });
  // What is no job's own comes last (contain.ts, B1).
  session.failed += 1;
  blame(farm, node, job.number, { range, trial });
}

function applySuspected(job: Job, { spans, of, alone }: KindOf<"ranges-suspected">): void {
  for (const range of eachRange(spans)) {
    const trial = trialOf(job.trials, range);
    if (of === "node-death") trial.nodeDeaths += 1;
    else trial.payloadDeaths += 1;
    trial.alone ||= alone;
    trial.solitary ||= alone && of === "node-death";
  }
}

function applyGivenUp(farm: Farm, job: Job, fact: KindOf<"range-given-up">): void {
  const { range, grant, node, failure } = fact;
  const attempt = job.table.creditUsed(range);
  const under = grant ?? grantNumber(job.lastGrant); // Younger than any retry, so that the report tells it from what was before.
  record(job, { range, grant: under, node, attempt, final: true, failure });
  if (grant === undefined) takeReady(job, { first: range, count: 1 });
  else lessen(farm, job, { number: grant, by: 1 });
  failForGood(job, range, { from: grant === undefined ? "ready" : "held", node, failure });
}

function failForGood(
  job: Job,
  range: number,
  { from, node, failure }: Pick<FailureRecord, "node" | "failure"> & { readonly from: "ready" | "held" },
): void {
  const span = { first: range, count: 1 };
  job.table.fail(range, from);
  job.rangeGroups?.settle(span);
  forgetTrials(job, span); // (L2)
  recordFinal(job, span, failure);
  const { finalOn } = job.failures;
  const onNode = finalOn.get(node) ?? new SpanSet();
  finalOn.set(node, onNode);
  onNode.add(span);
}

function record({ failures }: Job, failure: FailureRecord): void {
  failures.counted += 1;
  if (failures.records.length < failureRecordsMax) failures.records.push(failure);
}
