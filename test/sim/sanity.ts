// What holds of a farm after each turn, counted anew from the ranges up.

import { rangeStates, type RangeState } from "../../services/driver/core/state/range-page.js";
import { canRun } from "../../services/driver/core/decide/can-run.js";
import {
  creditLeft,
  sessionKey,
  type FarmView,
  type SessionView,
} from "../../services/driver/core/state/farm.js";
import { isHolder } from "../../services/driver/core/state/holders.js";
import type { JobView } from "../../services/driver/core/state/job.js";
import type { MergeGroupView } from "../../services/driver/core/state/merge-group.js";
import { isKeptFree, pickRanges } from "../../services/driver/core/grant/pick-ranges.js";
import type { Bench } from "../../services/driver/core/bench.js";
import type { Turn } from "../../services/driver/core/turn.js";
import { present } from "../../services/shared/core/assert.js";
import { fateOfOutputs } from "../../services/shared/core/job-spec.js";
import { placesOf } from "../../services/shared/core/payload-needs.js";
import { eachRange, rangesIn, spansOfAscending } from "../../services/shared/core/spans.js";
import type { DriverPieces } from "./driver-pieces.js";

/** What is wrong with a turn and with the farm after it, each with the promise that it breaks. */
export function* flawsOf(
  turn: Turn,
  bench: Bench,
  { isLookedInto, mayBreak }: Pick<DriverPieces, "isLookedInto" | "mayBreak">,
): Generator<readonly [promise: string, flaw: string]> {
  for (const fact of turn.durable)
    if (fact.kind === "job-broken" && !mayBreak(fact.job))
      yield ["program", `job ${fact.job}: ${fact.trace}`];
  for (const { asked, error } of turn.refused) yield ["program", `${asked}: ${String(error)}`];
  const flaw = isLookedInto ? sanityFlawOf(bench) : undefined;
  if (flaw !== undefined) yield ["farm", flaw];
}

/** What does not hold, or undefined when all does. */
function sanityFlawOf(bench: Bench): string | undefined {
  const { farm } = bench;
  for (const job of farm.jobs.values()) {
    const flaw = flawOfJob(bench, job);
    if (flaw !== undefined) return `job ${job.number}: ${flaw}`;
  }
  return flawOfSessions(farm);
}

function flawOfJob(bench: Bench, job: JobView): string | undefined {
  return (
    flawOfCounts(job) ??
    flawOfSets(job) ??
    flawOfGrants(bench.farm, job) ??
    flawOfGroups(job) ??
    flawOfStage(bench, job)
  );
}

function rangesThatAre(job: JobView, state: RangeState): number[] {
  const ranges: number[] = [];
  for (let range = 0; range < job.table.ranges; range += 1)
    if (job.table.stateOf(range) === state) ranges.push(range);
  return ranges;
}

function flawOfCounts(job: JobView): string | undefined {
  for (const state of rangeStates) {
    const found = rangesThatAre(job, state).length;
    if (found !== job.table.counts[state])
      return `${found} ranges are ${state}, and ${job.table.counts[state]} are counted`;
  }
  const done = [...rangesThatAre(job, "done"), ...rangesThatAre(job, "merged")].sort((a, b) => a - b);
  const events = job.layout.eventsIn(spansOfAscending(done));
  return events === job.eventsDone
    ? undefined
    : `${events} events are done, and ${job.eventsDone} are counted`;
}

function flawOfSets(job: JobView): string | undefined {
  const unmerged = rangesThatAre(job, "done").filter((range) => job.table.groupOf(range) === undefined);
  const waiting = [...eachRange(job.ready.spans()), ...job.room.ranges()];
  const failed = [...job.failures.final.values()].flatMap((set) => [...eachRange(set.spans())]);
  return (
    difference(
      "ready",
      rangesThatAre(job, "ready"),
      waiting.sort((a, b) => a - b),
    ) ??
    difference("unmerged", unmerged, [...eachRange(job.unmerged.spans())]) ??
    difference(
      "failed",
      rangesThatAre(job, "failed"),
      failed.sort((a, b) => a - b),
    )
  );
}

function difference(what: string, table: readonly number[], set: readonly number[]): string | undefined {
  return table.join() === set.join()
    ? undefined
    : `${what} in the table are ${table.join()}, in the set ${set.join()}`;
}

function flawOfGrants(farm: FarmView, job: JobView): string | undefined {
  const flaw = flawOfHolders(job);
  if (flaw !== undefined) return flaw;
  for (const [number, grant] of job.grants) {
    const left = [...eachRange(grant.spans)].filter((range) => isHolder(job, range, number)).length;
    if (left !== grant.left || left === 0)
      return `grant ${number} holds ${left} ranges, and ${grant.left} are counted`;
    if (farm.sessions.get(grant.session)?.holds.get(job.number)?.has(number) !== true) {
      return `grant ${number} is of session ${grant.session}, which does not hold it`;
    }
  }
  return undefined;
}

function flawOfHolders(job: JobView): string | undefined {
  const holders = rangesThatAre(job, "held").map((range) => [range, job.table.holderOf(range)] as const);
  for (const [range, holder] of [...holders, ...job.copies]) {
    const grant = holder === undefined ? undefined : job.grants.get(holder);
    if (grant === undefined || ![...eachRange(grant.spans)].includes(range)) {
      return `range ${range} is held by grant ${holder ?? "none"}, which does not have it`;
    }
  }
  for (const [range, copy] of job.copies) {
    const holder = job.table.holderOf(range) ?? copy;
    if (job.grants.get(holder)?.session === job.grants.get(copy)?.session)
      return `range ${range} is copied, and not held by two sessions`;
  }
  return undefined;
}

function flawOfGroups(job: JobView): string | undefined {
  for (const group of job.groups.values()) {
    const flaw = flawOfGroup(job, group);
    if (flaw !== undefined) return `group ${group.number}: ${flaw}`;
  }
  return undefined;
}

function flawOfGroup(job: JobView, group: MergeGroupView): string | undefined {
  const { kind } = group.stage;
  const isPublished = kind === "published" || kind === "closed";
  const stray = [...eachRange(group.spans)].find(
    (range) =>
      job.table.groupOf(range) !== group.number ||
      job.table.stateOf(range) !== (isPublished ? "merged" : "done"),
  );
  if (stray !== undefined)
    return `its range ${stray} is ${job.table.stateOf(stray)}, in group ${job.table.groupOf(stray) ?? "none"}`;
  if (job.groupsWaiting.has(group.number) !== (kind === "waiting"))
    return `${kind}, and listed as waiting or not`;
  if (job.groupsOpen.has(group.number) !== (kind !== "closed" && kind !== "failed"))
    return `${kind}, and listed as open or not`;
  const size = rangesIn(group.spans);
  return size < 1 || size > job.spec.merge.everyOutputs ? `it has ${size} members` : undefined;
}

function flawOfStage(bench: Bench, job: JobView): string | undefined {
  const { farm } = bench;
  const isOver = job.stage.kind === "ended" || job.stage.kind === "reported";
  const { ready, held } = job.table.counts;
  const unmerged = fateOfOutputs(job.spec) === "merged" ? job.unmerged.size : 0;
  if (isOver && ready + held + unmerged + job.groupsOpen.size > 0)
    return `${job.stage.kind}, and not all is at its end`;
  if (farm.live.has(job.number) !== (job.stage.kind !== "reported" && job.stage.kind !== "broken"))
    return `${job.stage.kind}, and listed as live or not`;
  if (job.stage.kind === "running" && [...farm.sessions.values()].some((one) => isLeftOut(bench, job, one)))
    return "ranges and a free slot that may run them stand side by side";
  const idle = [...farm.sessions.values()].find(
    (one) => one.role === "merger" && isForgotten(farm, job, one),
  );
  return idle === undefined ? undefined : `merger ${idle.name} is hungry, and a group that it may have waits`;
}

/** Whether a group waits that the merger may have, and it asks for more. */
function isForgotten(
  { mergers }: FarmView,
  { groupsWaiting, groups }: JobView,
  merger: SessionView,
): boolean {
  if (creditLeft(merger) <= 0) return false;
  return [...groupsWaiting].some((number) => {
    const { failedOn } = present(groups.get(number), "group");
    return !failedOn.includes(merger.name) || [...mergers.keys()].every((name) => failedOn.includes(name));
  });
}

function isLeftOut(bench: Bench, job: JobView, session: SessionView): boolean {
  return (
    mayTake(bench.farm, session, job) &&
    !isKeptFree(bench.farm, session) &&
    (job.ready.size > 0 || pickRanges(bench, job, session, 1).spans.first.length > 0)
  );
}

function isWaiting(farm: FarmView, { number, role, kind }: SessionView): boolean {
  if (role === "merger") return farm.hungry.has(number);
  const known = farm.kinds.get(kind);
  return known?.hungry.has(number) === true || known?.sated.has(number) === true;
}

/** One whose slots wide ranges had is looked at again for narrow ones at the next tick. */
function mayTake(farm: FarmView, session: SessionView, job: JobView): boolean {
  const { held, slots, role, endsAtMs, kind, number } = session;
  if (held < slots && farm.kinds.get(kind)?.sated.has(number) === true) return false;
  return (
    role === "actor" &&
    creditLeft(session) > 0 &&
    held < placesOf(job.spec.payload.needs, slots) &&
    endsAtMs === undefined &&
    canRun(job, session)
  );
}

function flawOfSessions(farm: FarmView): string | undefined {
  for (const session of farm.sessions.values()) {
    const { number, role, name, attachment } = session;
    if (farm.names.get(sessionKey(role, name)) !== number) return `session ${number} is not known as ${name}`;
    if (isWaiting(farm, session) !== creditLeft(session) > 0)
      return `session ${number} is listed as hungry or not, and has credit or not`;
    if (attachment.kind === "attached" && farm.streams.get(attachment.stream) !== number)
      return `session ${number}'s stream is another's`;
    const flaw = flawOfHolds(farm, session.number);
    if (flaw !== undefined) return flaw;
  }
  const attached = [...farm.sessions.values()].filter(
    ({ attachment }) => attachment.kind === "attached",
  ).length;
  if (farm.streams.size !== attached)
    return `${farm.streams.size} streams and ${attached} sessions that have one`;
  return farm.names.size === farm.sessions.size ? undefined : "names of sessions that are gone";
}

function flawOfHolds(farm: FarmView, number: Parameters<FarmView["sessions"]["get"]>[0]): string | undefined {
  for (const [job, grants] of farm.sessions.get(number)?.holds ?? []) {
    for (const grant of grants) {
      const view = farm.jobs.get(job);
      const isRanges = view?.grants.get(grant)?.session === number;
      const isMerge = [...(view?.groups.values() ?? [])].some(
        ({ stage }) => stage.kind === "granted" && stage.grant === grant && stage.session === number,
      );
      if (!isRanges && !isMerge)
        return `session ${number} holds grant ${grant} of job ${job}, which is not its own`;
    }
  }
  return undefined;
}
