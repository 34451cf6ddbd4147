// Why a job stands where it stands (explain.ts).

import { unreachable } from "../../../shared/core/assert.js";
import { formatDuration } from "../../../shared/core/duration.js";
import { fateOfOutputs } from "../../../shared/core/job-spec.js";
import type { Bench } from "../bench.js";
import { detailsOfJob } from "./explain-job-details.js";
import { mendAdvice, whyUnmerged } from "./explain-merges.js";
import { whyReady } from "./explain-ready.js";
import { called, counted, figure, listed, nameOf, quoted, sentence, share, verb } from "./explain-words.js";
import type { Cause, Explanation } from "./explanation.js";
import { awayAdvice, awayOf, roomAdviceFor, whyNobody } from "./hindrance.js";
import type { BrokenStage, JobStage, JobView } from "../state/job.js";
import { cutShortBy, reasonOf } from "../status.js";
import { holdersOf } from "./job-holders.js";

export function explainJob(bench: Bench, job: JobView): Explanation {
  const { clause, advice } = standingOfJob(bench, job);
  if (job.stage.kind === "broken") return { sentence: sentence(clause), details: [], advice };
  return { sentence: sentence(clause), details: detailsOfJob(bench, job), advice };
}

function standingOfJob(bench: Bench, job: JobView): Cause {
  const { stage } = job;
  const name = nameOf(job);
  switch (stage.kind) {
    case "running":
      return runningJob(bench, job);
    case "suspended":
      return suspendedJob(bench, job, stage);
    case "stopping": {
      const { clause, advice } = whyUnmerged(bench, job);
      const what = stage.outcome === "cancelled" ? "was cancelled" : `has failed (${quoted(stage.reason)})`;
      return { clause: `${name} ${what} and waits for what was done before to be merged: ${clause}`, advice };
    }
    case "ended":
      return { clause: `${name} waits for its report to be written, and is over then`, advice: "" };
    case "reported":
      return jobThatIsOver(job, stage);
    case "broken":
      return jobOutOfService(job, stage);
    default:
      return unreachable(stage);
  }
}

function runningJob(bench: Bench, job: JobView): Cause {
  const { ready, held } = job.table.counts;
  if (held > 0) return jobAtWork(bench, job);
  const name = nameOf(job);
  if (ready > 0) {
    const some = `${share(ready, job.table.ranges, "range")} ${verb(ready)}`;
    if (job.room.size > 0) {
      const causes = whyReady(bench, job);
      const clauses = causes.map((cause) => cause.clause).join("; ");
      return { clause: `${name} waits: ${some} left; ${clauses}`, advice: firstAdvice(causes) };
    }
    const { clause, advice } = whyNobody(bench, "actor", { job });
    const what = `${some} ready`;
    return { clause: `${name} waits for an actor: ${what}, and ${clause}`, advice };
  }
  if (job.intake.kind === "open") return openJob(bench, job);
  const { clause, advice } = whyUnmerged(bench, job);
  return { clause: `${name} waits for its merges: no range is left to be done, and ${clause}`, advice };
}

function firstAdvice(causes: readonly Cause[]): string {
  return causes.find(({ advice }) => advice !== "")?.advice ?? "";
}

/** Nothing is left to be done of an open job, until something is added. */
function openJob(bench: Bench, job: JobView): Cause {
  const { ranges } = job.table;
  const so =
    ranges === 0
      ? "nothing was added yet"
      : `no range of the ${figure(ranges)} that it has so far is left to be done`;
  const merges = job.groupsOpen.size > 0 ? `, and ${whyUnmerged(bench, job).clause}` : "";
  const how = `noctua add ${job.number} FILE --events NUMBER --workdir <workdir>`;
  const advice = `Add input files (${how}), or say that there are no more: noctua close ${job.number} --workdir <workdir>.`;
  return { clause: `${nameOf(job)} waits for more ranges: it is open, and ${so}${merges}`, advice };
}

function jobAtWork(bench: Bench, job: JobView): Cause {
  const { ready, held, done, merged, failed } = job.table.counts;
  const holders = holdersOf(bench, job);
  const name = nameOf(job);
  const some = share(held, job.table.ranges, "range");
  const who = called(
    "actor",
    holders.map(({ session }) => session.name),
  );
  const away = holders.flatMap(({ session }) => awayOf(bench, session)?.returnsInMs ?? []);
  if (away.length === holders.length) {
    const lost = `${who}, which lost ${verb(holders.length, "its", "their")} connection`;
    const fate = `they return in ${formatDuration(Math.min(...away))} unless ${verb(holders.length, "it is", "they are")} back by then`;
    return { clause: `${name} waits: ${some} ${verb(held)} held by ${lost}; ${fate}`, advice: awayAdvice };
  }
  const rest = [
    ...(ready > 0 ? [`${figure(ready)} ${verb(ready, "waits", "wait")} to be granted`] : []),
    ...(done + merged > 0 ? [`${figure(done + merged)} ${verb(done + merged)} done`] : []),
    ...(failed > 0 ? [`${figure(failed)} failed`] : []),
  ];
  const hold = `${who} ${verb(holders.length, "holds", "hold")} ${some}`;
  const waiting = holders.map(({ session }) => session).filter(({ waitsFor }) => waitsFor !== "");
  const isStuck = waiting.length === holders.length;
  const why = isStuck ? `waits for room (${quoted(waiting[0]?.waitsFor ?? "")})` : "is at work";
  return { clause: `${name} ${why}: ${listed([hold, ...rest], 4)}`, advice: roomAdviceFor(waiting) };
}

function suspendedJob(
  { moment }: Bench,
  job: JobView,
  { atUnixMs }: Extract<JobStage, { kind: "suspended" }>,
): Cause {
  const { ready, held } = job.table.counts;
  const left = [
    ...(ready > 0 ? [`${share(ready, job.table.ranges, "range")} ${verb(ready)} ready`] : []),
    ...(held > 0 ? [`${figure(held)} that actors hold ${verb(held)} being finished`] : []),
  ];
  const since = atUnixMs === 0 ? "" : ` ${formatDuration(moment.unixMs - atUnixMs)} ago`;
  const what = left.length === 0 ? "" : `, and ${listed(left)}`;
  return {
    clause: `${nameOf(job)} waits to be resumed: a user paused it${since}${what}`,
    advice: resumeAdvice(job),
  };
}

export function resumeAdvice({ number }: JobView): string {
  return `Go on with it: noctua resume ${number} --workdir <workdir>.`;
}

function jobThatIsOver(job: JobView, stage: Extract<JobStage, { kind: "reported" }>): Cause {
  const parts = listed(partsOf(job));
  const advice = retryAdvice(job);
  const name = nameOf(job);
  switch (stage.outcome) {
    case "finished":
    case "finished-with-failures":
      return { clause: `${name} is over: ${parts}`, advice };
    case "failed":
    case "cancelled":
      return { clause: `${name} is over, since ${quoted(stage.reason)}: ${parts}`, advice };
    default:
      return unreachable(stage.outcome);
  }
}

function retryAdvice(job: JobView): string {
  if (job.groupsFailed > 0) return mendAdvice(job);
  if (job.table.counts.failed + keptOf(job) === 0) return "";
  const what = cutShortBy(job) === undefined ? "failed" : "is not done";
  return `Take up again what ${what}: noctua retry ${job.number} --workdir <workdir>.`;
}

function jobOutOfService(job: JobView, stage: BrokenStage): Cause {
  const { merged, done, filesMerged } = stage.known;
  const had = `${figure(done + merged)} of its ${counted(job.layout.ranges, "range")} ${verb(done + merged)} done, ${counted(filesMerged, "merged file")} ${verb(filesMerged)} published`;
  const kept = `its files are left as they are, and the journal is kept in <workdir>/driver/broken/job-${job.number}`;
  return {
    clause: `${nameOf(job)} is out of service: the driver is wrong about it (${quoted(reasonOf(stage))}); ${had}; ${kept}`,
    advice:
      "Report this, with that folder and the driver's log; to have the job done, begin it anew in another workdir.",
  };
}

/** What came of its ranges. */
function partsOf(job: JobView): readonly string[] {
  const { ranges, counts } = job.table;
  const { merged, failed, done } = counts;
  const files = merged > 0 ? ` in ${counted(job.filesMerged, "file")}` : "";
  const some =
    fateOfOutputs(job.spec) !== "merged"
      ? `${share(done, ranges, "range")} ${verb(done)} done`
      : `${share(merged, ranges, "range")} ${verb(merged)} merged${files}`;
  const unfinished = `${figure(failed)} ${verb(failed)} not done`;
  const kept = keptOf(job);
  return [
    ranges === 0 ? "it had no ranges" : some,
    ...(failed > 0 ? [cutShortBy(job) === undefined ? `${figure(failed)} failed` : unfinished] : []),
    ...(kept > 0 ? [`${figure(kept)} ${verb(kept)} kept as they are, since their merge was given up`] : []),
  ];
}

/** Of a job that is over: ranges whose outputs could not be merged. */
function keptOf({ spec, table }: JobView): number {
  return fateOfOutputs(spec) === "merged" ? table.counts.done : 0;
}
