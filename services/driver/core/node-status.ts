// How a node stands, for whoever asks.

import type { NodeStatus } from "../../shared/core/node-status.js";
import { payloadFor } from "../../shared/core/payload-for.js";
import type { Bench } from "./bench.js";
import { awayOf, endsInMs, fateOf } from "./explain/hindrance.js";
import type { FarmView, SessionView } from "./state/farm.js";
import type { NodeView } from "./state/node.js";

/** Actors and mergers of a node that are named. */
const namedMax = 100;

/** The names of those that a client is shown, in no order: somebody is on them, or they are drained or in quarantine. */
export function* shownNodes({ nodes }: FarmView): Generator<string, void, void> {
  for (const { name, sessions, drain, quarantine } of nodes.values())
    if (sessions.size > 0 || drain !== undefined || quarantine !== undefined) yield name;
}

export function nodeStatus(bench: Bench, node: NodeView): NodeStatus {
  const sessions = [...node.sessions].flatMap((number) => bench.farm.sessions.get(number) ?? []);
  const actors = sessions.filter(({ role }) => role === "actor");
  const mergers = sessions.filter(({ role }) => role === "merger");
  const leftMs = Math.min(...sessions.map((session) => endsInMs(bench, session)));
  return {
    name: node.name,
    ...standingOf(bench, node, sessions),
    actors: actors.slice(0, namedMax).map(({ name }) => name),
    mergers: mergers.slice(0, namedMax).map(({ name }) => name),
    labels: (actors[0] ?? sessions[0])?.labels ?? {},
    slots: sum(actors, ({ slots }) => slots),
    slotsBusy: sum(actors, (actor) => busySlots(bench.farm, actor)),
    rangesHeld: sum(actors, ({ held }) => held),
    groupsHeld: sum(mergers, grantsOf),
    rangesDone: sum(actors, ({ done }) => done),
    failures: sum(actors, ({ failed }) => failed),
    groupsMerged: sum(mergers, ({ done }) => done),
    mergesFailed: sum(mergers, ({ failed }) => failed),
    allocationLeftMs: Number.isFinite(leftMs) ? leftMs : undefined,
    quarantine: node.quarantine?.reason,
    drain: node.drain?.reason,
  };
}

/** What a user wants of it comes before what the driver holds against it. */
function standingOf(
  bench: Bench,
  { drain, quarantine }: NodeView,
  sessions: readonly SessionView[],
): Pick<NodeStatus, "state" | "reason" | "sinceUnixMs"> {
  const isBusy = sessions.some((session) => grantsOf(session) > 0);
  if (drain !== undefined) return { state: isBusy ? "draining" : "drained", ...drain };
  if (quarantine !== undefined) return { state: "quarantined", ...quarantine };
  const here = sessions.filter(({ attachment }) => attachment.kind === "attached");
  if (here.length === 0) return awayStanding(bench, sessions[0]);
  const sinceUnixMs = Math.min(...sessions.map(({ joinedAtUnixMs }) => joinedAtUnixMs));
  if (here.every(isLeaving)) return { state: "draining", reason: "it is about to leave", sinceUnixMs };
  const waitsFor = sessions.find((session) => session.waitsFor !== "")?.waitsFor ?? "";
  return { state: isBusy ? "at work" : "idle", reason: waitsFor, sinceUnixMs };
}

function awayStanding(bench: Bench, session: SessionView | undefined): ReturnType<typeof standingOf> {
  const away = session === undefined ? undefined : awayOf(bench, session);
  if (away === undefined)
    return { state: "away", reason: "nobody is on it any more", sinceUnixMs: undefined };
  return { state: "away", reason: fateOf(away), sinceUnixMs: bench.moment.unixMs - away.silentMs };
}

function isLeaving({ attachment }: SessionView): boolean {
  return attachment.kind === "attached" && attachment.draining;
}

/** Slots that have a range, as far as the driver knows: a range may take several. */
export function busySlots({ jobs }: FarmView, { slots, labels, holds }: SessionView): number {
  let busy = 0;
  for (const [number, grants] of holds) {
    const job = jobs.get(number);
    if (job === undefined) continue;
    const { cores } = payloadFor(job.spec, labels).needs;
    for (const grant of grants) busy += (job.grants.get(grant)?.left ?? 0) * cores;
  }
  return Math.min(slots, busy);
}

function grantsOf({ holds }: SessionView): number {
  return sum([...holds.values()], ({ size }) => size);
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
