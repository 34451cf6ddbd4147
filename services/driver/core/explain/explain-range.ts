// Why a range stands where it stands (explain.ts).

import { placesOn } from "../grant/places.js";
import { present, unreachable } from "../../../shared/core/assert.js";
import { formatDuration } from "../../../shared/core/duration.js";
import { fateOfOutputs } from "../../../shared/core/job-spec.js";
import type { GrantNumber } from "../../../shared/core/id.js";
import { outputPath } from "../../../shared/core/names.js";
import { eachRange } from "../../../shared/core/spans.js";
import type { Bench } from "../bench.js";
import { resumeAdvice } from "./explain-job.js";
import { standingOfGroup } from "./explain-merges.js";
import { called, counted, figure, listed, often, quoted, sentence, share, verb } from "./explain-words.js";
import type { Cause, Explanation, Unknown } from "./explanation.js";
import type { SessionView } from "../state/farm.js";
import { wantOf } from "./explain-ready.js";
import { awayOf, fateOf, whyNobody } from "./hindrance.js";
import { isHolder } from "../state/holders.js";
import type { JobView } from "../state/job.js";
import { splitReason } from "../report.js";
import { cutShortBy } from "../status.js";
import type { TrialView } from "../state/trial.js";

/** Failures of one range that are told one by one. */
const failuresShown = 5;
/** Inputs that are named when one is not known. */
const inputsShown = 5;

export function explainRange(bench: Bench, job: JobView, range: number): Explanation {
  const { clause, advice } = standingOfRange(bench, job, range);
  const name = `range ${range} of job ${job.number} (${eventsOf(job, range)})`;
  const details = [...creditLines(job, range), ...failureLines(job, range)];
  return { sentence: sentence(`${name} ${clause}`), details, advice };
}

/** The range that has the event, or what there is instead. */
export function rangeOfEvent(
  job: JobView,
  { path, event }: { readonly path: string; readonly event: number },
): number | Unknown {
  const { inputs } = job.layout;
  const parts = [...inputs.entries()].filter(([, input]) => isMeant(input.path, path));
  const files = [...new Set(parts.map(([, input]) => input.path))];
  const of = `an input of job ${job.number}`;
  if (files.length === 0) {
    const known = listed(
      inputs.map((input) => input.path),
      inputsShown,
    );
    return { unknown: `expected the path of ${of} or its end, found ${path}: its inputs are ${known}` };
  }
  if (files.length > 1)
    return {
      unknown: `expected the path of one input, found ${path}: it may be ${listed(files, inputsShown)}`,
    };
  const part = parts.find(([, { firstEvent, events }]) => event >= firstEvent && event < firstEvent + events);
  if (part !== undefined) return job.layout.rangeOf(part[0], event);
  const known = parts.map(([, { firstEvent, events }]) => `${firstEvent} to ${firstEvent + events - 1}`);
  return {
    unknown: `expected an event of ${listed(files)}, found ${event}: job ${job.number} has its events ${listed(known, inputsShown)}`,
  };
}

/** A path may be said by its end: `2.lhe` or `input/2.lhe` for `/data/input/2.lhe`. */
function isMeant(path: string, said: string): boolean {
  return path === said || path.endsWith(`/${said.replace(/^\.?\/+/, "")}`);
}

function eventsOf(job: JobView, range: number): string {
  const { input, first, last } = job.layout.locate(range);
  const { path } = present(job.layout.inputs[input], "input");
  return first === last ? `event ${first} of ${path}` : `events ${first} to ${last} of ${path}`;
}

function standingOfRange(bench: Bench, job: JobView, range: number): Cause {
  const state = job.table.stateOf(range);
  switch (state) {
    case "ready":
      return readyRange(bench, job, range);
    case "held":
      return { clause: heldRange(bench, job, range), advice: "" };
    case "done":
      return doneRange(bench, job, range);
    case "merged": {
      const group = present(job.groups.get(present(job.table.groupOf(range), "group")), "merge group");
      return { clause: `is merged: ${standingOfGroup(bench, job, group).clause}`, advice: "" };
    }
    case "failed":
      return failedRange(job, range);
    default:
      return unreachable(state);
  }
}

function readyRange(bench: Bench, job: JobView, range: number): Cause {
  if (job.stage.kind === "suspended")
    return {
      clause: `waits for its job to be resumed: a user paused job ${job.number}`,
      advice: resumeAdvice(job),
    };
  const trial = job.room.has(range) ? job.trials.get(range) : undefined;
  const dueInMs = (trial?.dueUnixMs ?? 0) - bench.moment.unixMs;
  if (dueInMs > 0)
    return { clause: `waits for its next try, which comes in ${formatDuration(dueInMs)}`, advice: "" };
  const { clause, advice } = whyNobody(bench, "actor", trial === undefined ? { job } : { job, shelf: trial });
  const want = trial === undefined ? "for an actor" : wantOf(trial);
  return { clause: `waits ${want}: it is ready, and ${clause}`, advice };
}

function heldRange(bench: Bench, job: JobView, range: number): string {
  const grant = present(job.table.holderOf(range), "holder");
  const copy = job.copies.get(range);
  const holder = `is held by ${holderUnder(bench, job, { range, grant })}`;
  if (copy === undefined) return holder;
  return `${holder}; since it takes far longer than the rest, a copy is held by ${holderUnder(bench, job, { range, grant: copy })}`;
}

function holderUnder(
  bench: Bench,
  job: JobView,
  at: { readonly range: number; readonly grant: GrantNumber },
): string {
  const { session: number } = present(job.grants.get(at.grant), "grant");
  const session = present(bench.farm.sessions.get(number), "session");
  const madeByMs = job.ages.madeByMs(at.grant);
  const age = madeByMs === undefined ? "" : ` for at least ${formatDuration(bench.moment.nowMs - madeByMs)}`;
  const holder = `actor ${session.name} on node ${session.node} under grant ${at.grant}${age}`;
  const away = awayOf(bench, session);
  if (away !== undefined) return `${holder}, which lost its connection: ${fateOf(away)}`;
  const before = rangesBefore(job, session, at);
  const places = placesOn(job, session);
  return before < places
    ? `${holder}, where it should be running`
    : `${holder}, where ${before} others of the job come before it for ${counted(places, "slot")}`;
}

/** How many ranges of the job the session holds that it was given before this one: it takes them in that order. */
function rangesBefore(
  job: JobView,
  session: SessionView,
  { range, grant }: { readonly range: number; readonly grant: GrantNumber },
): number {
  let before = 0;
  for (const number of session.holds.get(job.number) ?? []) {
    const lent = job.grants.get(number);
    if (lent === undefined || number > grant) continue;
    if (number < grant) before += lent.left;
    else
      for (const other of eachRange(lent.spans))
        if (other < range && isHolder(job, other, grant)) before += 1;
  }
  return before;
}

function doneRange(bench: Bench, job: JobView, range: number): Cause {
  if (job.spec.outputs === "none") return { clause: "is done, and its job makes no outputs", advice: "" };
  const grant = present(job.table.winnerOf(range), "winner");
  const events = job.layout.locate(range);
  const path = outputPath({ job: job.number, range, grant, events }, job.spec.outputSuffix);
  const done = `is done under grant ${grant}, its output is ${path}`;
  const number = job.table.groupOf(range);
  const group = number === undefined ? undefined : job.groups.get(number);
  if (fateOfOutputs(job.spec) === "kept")
    return { clause: `${done}, and stays there: merge: none`, advice: "" };
  if (group === undefined)
    return { clause: `${done}, and it waits for ${groupToBe(job, range)}`, advice: "" };
  const { clause, advice } = standingOfGroup(bench, job, group);
  return { clause: `${done}, and ${clause}`, advice };
}

/** The group that an output waits for, and what that lacks. */
function groupToBe({ spec, unmerged, rangeGroups }: JobView, range: number): string {
  if (rangeGroups === undefined) {
    const { everyOutputs } = spec.merge;
    return `a merge group: ${figure(unmerged.size)} of ${counted(everyOutputs, "output")} are there`;
  }
  const group = rangeGroups.fixed.groupOf(range);
  const { count } = rangeGroups.fixed.membersOf(group);
  return `merge group ${group}: ${share(rangeGroups.settledIn(group), count, "range")} are done or failed`;
}

function failedRange(job: JobView, range: number): Cause {
  const key = [...job.failures.final].find(([, ranges]) => ranges.has(range))?.[0];
  const message = key === undefined ? "" : splitReason(key).message;
  const why = message === "" ? "" : `: ${quoted(message)}`;
  const canRetry = job.stage.kind === "reported";
  const advice = canRetry ? `Try it again: noctua retry ${job.number} --workdir <workdir>.` : "";
  const isGivenUp = message !== "" && message === cutShortBy(job);
  return { clause: `${isGivenUp ? "was given up with its job" : "failed for good"}${why}`, advice };
}

function creditLines(job: JobView, range: number): readonly string[] {
  const used = job.table.creditUsed(range);
  const lost = job.losses.get(range) ?? 0;
  const lines = [
    used > 0 ? `${share(used, job.spec.retry.attemptsMax, "attempt")} ${verb(used)} used` : "",
    ...trialLines(job.trials.get(range)),
    lost > 0 ? `its output was found lost ${often(lost)}` : "",
  ];
  return lines.filter((line) => line !== "").map((line) => sentence(line));
}

const whyFree = "on nodes that were put in quarantine, or on an only one where nothing was done yet";

function trialLines(trial: TrialView | undefined): readonly string[] {
  if (trial === undefined) return [];
  const free = trial.attempts.filter((attempt) => !attempt.counted).length;
  const { avoids, nodeDeaths, payloadDeaths, alone, solitary } = trial;
  return [
    free > 0 ? `${counted(free, "attempt")} cost nothing: ${whyFree}` : "",
    nodeDeaths > 0 ? `its node was lost ${often(nodeDeaths)} while it may have run there` : "",
    payloadDeaths > 0 ? `its payload process died ${often(payloadDeaths)} while it ran others too` : "",
    alone ? "it gets a payload process of its own" : "",
    solitary ? "it is lent to actors that hold nothing else" : "",
    avoids.length > 0 ? `it goes to ${called("node", avoids)} only where there is no other` : "",
  ];
}

function failureLines({ failures }: JobView, range: number): readonly string[] {
  return failures.records
    .filter((record) => record.range === range)
    .slice(-failuresShown)
    .map(({ attempt, node, failure }) =>
      sentence(`attempt ${attempt} failed on node ${node} (${failure.class}): ${quoted(failure.message)}`),
    );
}
