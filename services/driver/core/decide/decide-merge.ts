// What a merger's result leads to (P3).
//
//   W1. Only the grant that a group is lent under can end it. Any other result is settled, and its file is not wanted:
//       so a merger that was paused and wakes up late harms nothing.
//   W2. The result that was accepted, reported again, is settled again, and its file is left alone.
//   W3. Inputs that a merger found lost are lost when a merger on another node says so too, where there is one
//       (grant-merges.ts, A3).
//   W4. Of a grant that another merger has now, nobody else may say anything (P8).

import { present } from "../../../shared/core/assert.js";
import { eachRange, flawOf, rangesIn } from "../../../shared/core/spans.js";
import type { Command } from "../facts/command.js";
import type { Bench } from "../bench.js";
import { isOutOfService } from "./in-service.js";
import { giveUpLost } from "./decide-suspects.js";
import type { Fact } from "../facts/fact.js";
import { isDoubtful, isLastFailure } from "../grant/grant-merges.js";
import type { FarmView, SessionView } from "../state/farm.js";
import type { JobView } from "../state/job.js";
import type { MergeGroupView } from "../state/merge-group.js";

type Report = Extract<Command, { kind: "report-merge" }>;

export function* decideMergeReport(
  bench: Bench,
  session: SessionView,
  report: Report,
): Generator<Fact, void, void> {
  const { farm } = bench;
  const isOut = isOutOfService(farm, report.merge.job);
  const flaw = isOut ? undefined : flawOfReport(farm, session, report);
  if (flaw !== undefined) {
    yield { kind: "stream-refused", stream: report.stream, refusal: { why: "malformed", message: flaw } };
    return;
  }
  const job = present(farm.jobs.get(report.merge.job), "job of the merge");
  const group = job.groups.get(report.merge.group);
  const isLent = group?.stage.kind === "granted" && group.stage.grant === report.merge.grant; // (W1)
  if (isLent) yield outcomeFact(farm, job, group, report);
  if (isLent && report.outcome.kind === "failed") yield* giveUpLost(bench, job, report.outcome.lost);
  const isKept = isOut || isAccepted(group, report);
  const isUnwanted = !isLent && !isKept && report.outcome.kind === "merged";
  yield {
    kind: "merge-settled",
    session: session.number,
    number: report.number,
    unwanted: isUnwanted ? report.merge : undefined,
  };
}

/** (W2) */
function isAccepted(group: MergeGroupView | undefined, report: Report): boolean {
  return group !== undefined && "file" in group.stage && group.stage.grant === report.merge.grant;
}

function outcomeFact(farm: FarmView, job: JobView, group: MergeGroupView, report: Report): Fact {
  const { merge, outcome } = report;
  switch (outcome.kind) {
    case "merged":
      return { kind: "merge-accepted", ...merge, file: outcome.file };
    case "returned":
      return { kind: "merge-returned", ...merge };
    case "failed": {
      if (rangesIn(outcome.lost) > 0 && isDoubtful(farm, job, group))
        return { kind: "merge-failed", ...merge, failure: outcome.failure, final: false }; // (W3)
      if (rangesIn(outcome.lost) > 0)
        return { kind: "outputs-lost", job: merge.job, group: merge.group, spans: outcome.lost };
      const final = isLastFailure(farm, job, group);
      return { kind: "merge-failed", ...merge, failure: outcome.failure, final };
    }
  }
}

function flawOfReport(farm: FarmView, session: SessionView, report: Report): string | undefined {
  const { merge } = report;
  const job = farm.jobs.get(merge.job);
  const where = `merge group ${String(merge.group)} of job ${String(merge.job)}`;
  if (job === undefined) return `${where}: this run has no such job`;
  const flaw = flawOfGrant(job, session, merge) ?? flawOfLost(job, report);
  return flaw === undefined ? undefined : `${where}: ${flaw}`;
}

function flawOfGrant(job: JobView, session: SessionView, merge: Report["merge"]): string | undefined {
  if (merge.grant > job.lastGrant) return `grant ${String(merge.grant)} was never made`;
  const lent = lentTo(job, merge);
  return lent === undefined || lent === session.number
    ? undefined
    : `grant ${String(merge.grant)} is another session's`; // (W4)
}

function flawOfLost(job: JobView, { merge, outcome }: Report): string | undefined {
  if (outcome.kind !== "failed") return undefined;
  const flaw = flawOf(outcome.lost, job.table.ranges);
  if (flaw !== undefined) return `lost ranges: ${flaw}`;
  // The report is late, and settled as such: the group may have been planned anew, of other ranges.
  if (lentTo(job, merge) === undefined) return undefined;
  for (const range of eachRange(outcome.lost))
    if (job.table.groupOf(range) !== merge.group) return `range ${String(range)} is not in it`;
  return undefined;
}

/** The session that has the grant now. */
function lentTo(job: JobView, { group, grant }: Report["merge"]): SessionView["number"] | undefined {
  const stage = job.groups.get(group)?.stage;
  return stage?.kind === "granted" && stage.grant === grant ? stage.session : undefined;
}
