// What the explanation of a job rests on (explain-job.ts), a sentence each.

import { placesOn } from "../grant/places.js";
import { formatDuration } from "../../../shared/core/duration.js";
import { fateOfOutputs } from "../../../shared/core/job-spec.js";
import type { Bench } from "../bench.js";
import { failedTries, givenUp } from "./explain-merges.js";
import { whyReady } from "./explain-ready.js";
import { counted, figure, nameOf, often, quoted, sentence, verb } from "./explain-words.js";
import { awayOf, fateOf, hindranceOf, whyNobody } from "./hindrance.js";
import { holdersOf, type Holder } from "./job-holders.js";
import type { JobView } from "../state/job.js";
import { splitReason } from "../report.js";
import { cutShortBy } from "../status.js";

/** Kinds of failures that are told one by one. */
const reasonsShown = 3;
/** Nodes in quarantine that are told one by one. */
const nodesShown = 3;
/** Jobs that go first, told one by one. */
const jobsShown = 3;
/** Actors that are told one by one. */
const holdersShown = 5;

export function detailsOfJob(bench: Bench, job: JobView): readonly string[] {
  const holders = holdersOf(bench, job);
  const lines = [
    countsOf(job),
    ...readyLines(bench, job),
    ...orderLines(bench, job),
    ...holderLines(bench, holders),
    paceLine(job, holders),
    copiesLine(job),
    failedTries(job),
    ...givenUp(job),
    ...failureLines(job),
    ...quarantineLines(bench),
  ];
  return lines.filter((line) => line !== "");
}

function countsOf(job: JobView): string {
  const { table, spec } = job;
  const { ready, held, done, merged, failed } = table.counts;
  const fate = fateOfOutputs(spec);
  const over = fate === "merged" ? `${figure(merged)} merged, ` : "";
  const none = fate === "merged" ? "" : fate === "kept" ? "; merge: none" : "; outputs: none";
  const notDone = cutShortBy(job) === undefined ? "failed" : "not done";
  const where = `${figure(ready)} ready, ${figure(held)} held, ${figure(done)} done, ${over}${figure(failed)} ${notDone}${none}`;
  return sentence(`${counted(table.ranges, "range")}: ${where}`);
}

/** Why ranges are ready and not granted, beside others that are held. */
function readyLines(bench: Bench, job: JobView): readonly string[] {
  const { ready, held } = job.table.counts;
  if (job.stage.kind !== "running" || ready === 0 || held === 0) return [];
  if (job.room.size > 0) return [sentence(...whyReady(bench, job).map(({ clause }) => clause))];
  const { clause } = whyNobody(bench, "actor", { job });
  return [sentence(`${counted(ready, "range")} ${verb(ready, "waits", "wait")}: ${clause}`)];
}

/** Jobs that are served before this one, and have ranges ready. */
function orderLines({ farm }: Bench, job: JobView): readonly string[] {
  if (job.stage.kind !== "running" || job.table.counts.ready === 0) return [];
  const lines: string[] = [];
  for (const number of farm.live) {
    const other = farm.jobs.get(number);
    if (other === undefined) continue;
    if (other === job || lines.length === jobsShown) break;
    const { ready } = other.table.counts;
    if (other.stage.kind !== "running" || ready === 0) continue;
    const { priority } = other.spec;
    const why =
      priority === job.spec.priority
        ? "it was submitted earlier"
        : `its priority is higher (${priority}, here ${job.spec.priority})`;
    lines.push(sentence(`${nameOf(other)} goes first with ${counted(ready, "ready range")}: ${why}`));
  }
  return lines;
}

function holderLines(bench: Bench, holders: readonly Holder[]): readonly string[] {
  const lines = holders.slice(0, holdersShown).map(({ session, held }) => {
    const { name, node, slots } = session;
    const away = awayOf(bench, session);
    const holds = `actor ${name} on node ${node} holds ${counted(held, "range")} for its ${counted(slots, "slot")}`;
    if (away !== undefined) return sentence(`${holds}, and its connection is lost`, fateOf(away));
    const leaves = hindranceOf(bench, session).kind === "draining" ? ", and is about to leave" : "";
    const waits =
      session.waitsFor === "" ? "" : `what is done there waits for room: ${quoted(session.waitsFor)}`;
    return sentence(`${holds}${leaves}`, waits);
  });
  const rest = holders.slice(holdersShown);
  const more = rest.reduce((sum, { held }) => sum + held, 0);
  return rest.length === 0
    ? lines
    : [...lines, `${counted(rest.length, "more actor")} hold ${counted(more, "range")}.`];
}

/** How long ranges took, and what that means for those that are left. */
function paceLine(job: JobView, holders: readonly Holder[]): string {
  const { stage, table, times } = job;
  const { meanMs } = times.all;
  const mostMs = times.all.quantileMs(0.95);
  if (meanMs === undefined || mostMs === undefined) return "";
  const took = `ranges took ${formatDuration(meanMs)} on average, and 95 of 100 at most ${formatDuration(mostMs)}`;
  const slots = holders
    .filter(({ session }) => session.attachment.kind === "attached")
    .reduce((sum, { session, held }) => sum + Math.min(held, placesOn(job, session)), 0);
  const left = table.counts.ready + table.counts.held;
  if (stage.kind !== "running" || slots === 0) return sentence(took);
  const leftMs = Math.max(meanMs, (left * meanMs) / slots);
  const rest = `the ${figure(left)} that ${verb(left)} left will take some ${formatDuration(leftMs)} on ${counted(slots, "slot")}`;
  return sentence(took, rest);
}

function copiesLine({ copies }: JobView): string {
  if (copies.size === 0) return "";
  const lent = `${verb(copies.size)} lent a second time, since ${verb(copies.size, "it takes", "they take")} far longer than the rest`;
  return sentence(`${counted(copies.size, "range")} ${lent}`, "the first output wins");
}

function quarantineLines({ farm, moment }: Bench): readonly string[] {
  const nodes = [...farm.nodes.values()].flatMap(({ name, quarantine }) =>
    quarantine === undefined ? [] : [{ name, ...quarantine }],
  );
  const lines = nodes.slice(0, nodesShown).map(({ name, reason, sinceUnixMs }) => {
    const since = formatDuration(moment.unixMs - sinceUnixMs);
    return sentence(`node ${name} has been in quarantine for ${since}: ${quoted(reason)}`);
  });
  const rest = nodes.length - lines.length;
  return rest === 0 ? lines : [...lines, `${counted(rest, "more node")} ${verb(rest)} in quarantine.`];
}

function failureLines(job: JobView): readonly string[] {
  const { failures } = job;
  const why = cutShortBy(job);
  const last = failures.records.at(-1);
  const lines = [...failures.final]
    .sort(([, a], [, b]) => b.size - a.size)
    .slice(0, reasonsShown)
    .map(([key, { size }]) => {
      const { message } = splitReason(key);
      const what = message === why ? `${verb(size, "was", "were")} given up` : "failed for good";
      return sentence(`${counted(size, "range")} ${what}: ${quoted(message)}`);
    });
  if (last === undefined) return lines;
  const { range, node, failure } = last;
  const so = `payloads failed ${often(failures.counted)} so far`;
  return [...lines, sentence(`${so}, as range ${range} did on node ${node}: ${quoted(failure.message)}`)];
}
