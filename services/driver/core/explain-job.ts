// Why a job stands where it stands (explain.ts).

import { unreachable } from "../../shared/core/assert.js";
import { formatDuration } from "../../shared/core/duration.js";
import type { Bench } from "./bench.js";
import { failedTries, whyUnmerged } from "./explain-merges.js";
import { called, counted, listed, quoted, sentence, share, verb } from "./explain-words.js";
import type { Cause, Explanation } from "./explanation.js";
import type { SessionView } from "./farm.js";
import { awayAdvice, fateOf, hindranceOf, whyNobody } from "./hindrance.js";
import type { JobStage, JobView } from "./job.js";
import { splitReason } from "./report.js";

/** Kinds of failures that are told one by one. */
const reasonsShown = 3;
/** Actors that are told one by one. */
const holdersShown = 5;

export function explainJob(bench: Bench, job: JobView): Explanation {
  const { clause, advice } = standingOfJob(bench, job);
  const details = [countsOf(job), ...readyLines(bench, job), ...holderLines(bench, job), failedTries(job)];
  const lines = [...details, ...failureLines(job)].filter((line) => line !== "");
  return { sentence: sentence(clause), details: lines, advice };
}

/** Number and name. */
export function nameOf({ number, spec }: JobView): string {
  return `job ${number} (${spec.name})`;
}

function standingOfJob(bench: Bench, job: JobView): Cause {
  const { stage } = job;
  const name = nameOf(job);
  switch (stage.kind) {
    case "running":
      return runningJob(bench, job);
    case "suspended":
      return suspendedJob(job);
    case "stopping": {
      const { clause, advice } = whyUnmerged(bench, job);
      const what = stage.outcome === "cancelled" ? "was cancelled" : `has failed (${quoted(stage.reason)})`;
      return { clause: `${name} ${what} and waits for what was done before to be merged: ${clause}`, advice };
    }
    case "ended":
      return { clause: `${name} waits for its report to be written, and is over then`, advice: "" };
    case "reported":
      return jobThatIsOver(job, stage);
    default:
      return unreachable(stage);
  }
}

function runningJob(bench: Bench, job: JobView): Cause {
  const { ready, held } = job.table.counts;
  if (held > 0) return jobAtWork(bench, job);
  const name = nameOf(job);
  if (ready > 0) {
    const { clause, advice } = whyNobody(bench, "actor");
    const what = `${share(ready, job.table.ranges, "range")} ${verb(ready)} ready`;
    return { clause: `${name} waits for an actor: ${what}, and ${clause}`, advice };
  }
  const { clause, advice } = whyUnmerged(bench, job);
  return { clause: `${name} waits for its merges: no range is left to be done, and ${clause}`, advice };
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
  const away = holders.flatMap(({ session }) => {
    const hindrance = hindranceOf(bench, session);
    return hindrance.kind === "away" ? [hindrance.returnsInMs] : [];
  });
  if (away.length === holders.length) {
    const lost = `${who}, which lost ${verb(holders.length, "its", "their")} connection`;
    const fate = `they return in ${formatDuration(Math.min(...away))} unless it is back by then`;
    return { clause: `${name} waits: ${some} ${verb(held)} held by ${lost}; ${fate}`, advice: awayAdvice };
  }
  const rest = [
    ...(ready > 0 ? [`${ready} ${verb(ready, "waits", "wait")} to be granted`] : []),
    ...(done + merged > 0 ? [`${done + merged} ${verb(done + merged)} done`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  const hold = `${who} ${verb(holders.length, "holds", "hold")} ${some}`;
  return { clause: `${name} is at work: ${listed([hold, ...rest], 4)}`, advice: "" };
}

function suspendedJob(job: JobView): Cause {
  const { ready, held } = job.table.counts;
  const left = [
    ...(ready > 0 ? [`${share(ready, job.table.ranges, "range")} ${verb(ready)} ready`] : []),
    ...(held > 0 ? [`${held} that actors hold ${verb(held)} being finished`] : []),
  ];
  const what = left.length === 0 ? "" : `, and ${listed(left)}`;
  return { clause: `${nameOf(job)} waits to be resumed: a user paused it${what}`, advice: resumeAdvice(job) };
}

export function resumeAdvice({ number }: JobView): string {
  return `Go on with it: noctua resume ${number} --workdir <workdir>.`;
}

function jobThatIsOver(job: JobView, stage: Extract<JobStage, { kind: "reported" }>): Cause {
  const { table } = job;
  const { merged, failed, done } = table.counts;
  const parts = listed([
    `${share(merged, table.ranges, "range")} ${verb(merged)} merged`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(done > 0 ? [`${done} ${verb(done)} kept as they are, since their merge was given up`] : []),
  ]);
  const again = `Take up again what failed: noctua retry ${job.number} --workdir <workdir>.`;
  const advice = failed + done > 0 ? again : "";
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

function countsOf({ table }: JobView): string {
  const { ready, held, done, merged, failed } = table.counts;
  const where = `${ready} ready, ${held} held, ${done} done, ${merged} merged, ${failed} failed`;
  return sentence(`${counted(table.ranges, "range")}: ${where}`);
}

/** Why ranges are ready and not granted, beside others that are held. */
function readyLines(bench: Bench, job: JobView): readonly string[] {
  const { ready, held } = job.table.counts;
  if (job.stage.kind !== "running" || ready === 0 || held === 0) return [];
  return [
    sentence(
      `${counted(ready, "range")} ${verb(ready, "waits", "wait")}: ${whyNobody(bench, "actor").clause}`,
    ),
  ];
}

/** An actor, and how many ranges of the job it holds. */
interface Holder {
  readonly session: SessionView;
  readonly held: number;
}

/** Who holds ranges of the job, the one that holds most first. */
function holdersOf({ farm }: Bench, job: JobView): readonly Holder[] {
  const held = new Map<SessionView, number>();
  for (const { session: number, left } of job.grants.values()) {
    const session = farm.sessions.get(number);
    if (session !== undefined) held.set(session, (held.get(session) ?? 0) + left);
  }
  return [...held].map(([session, left]) => ({ session, held: left })).sort((a, b) => b.held - a.held);
}

function holderLines(bench: Bench, job: JobView): readonly string[] {
  const holders = holdersOf(bench, job);
  const lines = holders.slice(0, holdersShown).map(({ session, held }) => {
    const { name, node, slots } = session;
    const hindrance = hindranceOf(bench, session);
    const holds = `actor ${name} on node ${node} holds ${counted(held, "range")} for its ${counted(slots, "slot")}`;
    if (hindrance.kind === "away") return sentence(`${holds}, and its connection is lost`, fateOf(hindrance));
    return sentence(hindrance.kind === "draining" ? `${holds}, and is about to leave` : holds);
  });
  const rest = holders.slice(holdersShown);
  const more = rest.reduce((sum, { held }) => sum + held, 0);
  return rest.length === 0
    ? lines
    : [...lines, `${counted(rest.length, "more actor")} hold ${counted(more, "range")}.`];
}

function failureLines({ failures }: JobView): readonly string[] {
  const last = failures.records.at(-1);
  const lines = [...failures.final]
    .sort(([, a], [, b]) => b.size - a.size)
    .slice(0, reasonsShown)
    .map(([key, { size }]) =>
      sentence(`${counted(size, "range")} failed for good: ${quoted(splitReason(key).message)}`),
    );
  if (last === undefined) return lines;
  const { range, node, failure } = last;
  const so = `payloads failed ${counted(failures.counted, "time")} so far`;
  return [...lines, sentence(`${so}, as range ${range} did on node ${node}: ${quoted(failure.message)}`)];
}
