// Why a node is not at work, or not with more (explain.ts).

import { unreachable } from "../../../shared/core/assert.js";
import { nearestName } from "../../../shared/core/nearest-name.js";
import { formatDuration } from "../../../shared/core/duration.js";
import { fateOfOutputs } from "../../../shared/core/job-spec.js";
import type { Bench } from "../bench.js";
import { counted, listed, nameOf, quoted, sentence } from "./explain-words.js";
import { whyReady } from "./explain-ready.js";
import type { Explanation, Unknown } from "./explanation.js";
import type { SessionView } from "../state/farm.js";
import { endsInMs, fateOf, hindranceOf, roomAdviceFor } from "./hindrance.js";
import type { JobView } from "../state/job.js";
import { blameOf, type Drain, type NodeView, type Quarantine } from "../state/node.js";

/** Jobs at work that are told one by one. */
const jobsShown = 10;
/** Names of nodes that are offered when one is not known. */
const namesShown = 10;
/** Actors and mergers of one node that are told one by one. */
const sessionsShown = 20;

export function explainNode(bench: Bench, name: string): Explanation | Unknown {
  const all = [...bench.farm.sessions.values()];
  const sessions = all.filter((session) => session.node === name || session.name === name);
  const main = sessions.find(({ role }) => role === "actor") ?? sessions[0];
  const node = bench.farm.nodes.get(main?.node ?? name);
  if (main === undefined) return node === undefined ? unknownNode(bench, name) : emptyNode(bench, node);
  const others = sessions.filter((session) => session !== main).slice(0, sessionsShown);
  const details = [
    ...others.map((session) => sentence(standingOfPeer(bench, session))),
    ...waitLines(bench, main),
    ...(main.role === "actor" ? workLines(bench, main) : []),
    ...(node === undefined ? [] : blameLines(bench, node)),
  ];
  const advice = adviceOn(node) ?? roomAdviceFor([main]);
  return { sentence: sentence(standingOfPeer(bench, main)), details, advice };
}

/** What is done waits to be stored, and that keeps it from nothing yet. */
function waitLines(bench: Bench, session: SessionView): readonly string[] {
  if (session.waitsFor === "" || hindranceOf(bench, session).kind === "stuck") return [];
  return [sentence(`what is done there waits for room: ${quoted(session.waitsFor)}`)];
}

function adviceOn(node: NodeView | undefined): string | undefined {
  if (node?.drain !== undefined)
    return `Give it work again: noctua undrain ${node.name} --workdir <workdir>.`;
  if (node?.quarantine === undefined) return undefined;
  return "Mend the node, and start its actor anew: that ends the quarantine.";
}

function unknownNode({ farm }: Bench, name: string): Unknown {
  const sessions = [...farm.sessions.values()].flatMap(({ node, name: own }) => [node, own]);
  const known = [...new Set([...sessions, ...farm.nodes.keys()])].sort();
  const expected = `expected the name of a node, actor or merger that is joined, found ${JSON.stringify(name)}`;
  if (known.length === 0) return { unknown: `${expected}: none is` };
  const nearest = nearestName(name, known);
  const guess = nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
  return { unknown: `${expected}${guess}: there are ${listed(known, namesShown)}` };
}

/** A node of which only what is held against it is known. */
function emptyNode(bench: Bench, node: NodeView): Explanation {
  const { name, quarantine, drain } = node;
  const gone = `node ${name} has no actor any more`;
  const clauses = [
    ...(drain === undefined ? [] : [drainClause(bench, drain)]),
    ...(quarantine === undefined ? [] : [quarantineClause(bench, quarantine)]),
  ];
  const clause = [gone, ...clauses].join(", and ");
  return { sentence: sentence(clause), details: blameLines(bench, node), advice: adviceOn(node) ?? "" };
}

function drainClause({ moment }: Bench, { reason, sinceUnixMs }: Drain): string {
  const since = `was drained by a user ${formatDuration(Math.max(0, moment.unixMs - sinceUnixMs))} ago`;
  const words = quoted(reason);
  return words === "" ? since : `${since}: ${words}`;
}

function quarantineClause({ moment }: Bench, { reason, sinceUnixMs }: Quarantine): string {
  return `has been in quarantine for ${formatDuration(moment.unixMs - sinceUnixMs)}: ${quoted(reason)}`;
}

function blameLines({ rules }: Bench, node: NodeView): readonly string[] {
  const blame = blameOf(node);
  const doubt = node.isDoubtful ? ["The last that came of a range there was a failure."] : [];
  if (blame === 0) return doubt;
  const rule =
    node.quarantine === undefined ? `; with ${rules.quarantineAfter} it may be put in quarantine` : "";
  return [
    `${counted(blame, "range")} failed there since the last success, and on no other node${rule}.`,
    ...doubt,
  ];
}

/** How an actor or merger stands, as a clause. */
function standingOfPeer(bench: Bench, session: SessionView): string {
  const { role, name, node, slots } = session;
  const who = `node ${node} (${role} ${name})`;
  const held = heldBy(session);
  const hindrance = hindranceOf(bench, session);
  switch (hindrance.kind) {
    case "lacks-labels": // Of no job is this asked, nor the next.
    case "no-time":
    case "avoided":
    case "unproven":
    case "doubtful":
    case "not-alone":
    case "sated":
    case "none": {
      const more = role === "actor" ? whyNoRanges(bench, session) : "no merge group is ready";
      return held.count > 0
        ? `${who} is at work: it holds ${held.words} for ${counted(slots, "slot")}, and gets no more now, since ${more}`
        : `${who} waits for work: ${more}`;
    }
    case "drained": {
      const rest =
        held.count === 0
          ? "it holds nothing, and can be taken away"
          : `it finishes or hands back ${held.words}`;
      return `${who} ${drainClause(bench, hindrance.drain)}; ${rest}`;
    }
    case "quarantined":
      return `${who} gets no more ranges, since it ${quarantineClause(bench, hindrance.quarantine)}`;
    case "away":
      return `${who} has lost its connection and holds ${held.words}: ${fateOf(hindrance)}`;
    case "draining": {
      const rest = held.count === 0 ? "and holds nothing" : `and finishes or hands back ${held.words}`;
      return `${who} is about to leave${endOf(bench, session)}: it takes no more, ${rest}`;
    }
    case "stuck":
      return `${who} waits for room: ${quoted(session.waitsFor)}; it holds ${held.words}, and asks for no more now`;
    case "busy":
      return `${who} is at work: it holds ${held.words} for ${counted(slots, "slot")}, and asks for no more now`;
    case "idle":
      return `${who} waits: it has joined, holds nothing, and has asked for nothing more`;
    default:
      return unreachable(hindrance);
  }
}

/** When the wall time of its node ends, as the middle of a sentence. */
function endOf(bench: Bench, session: SessionView): string {
  const ms = endsInMs(bench, session);
  return Number.isFinite(ms) ? `, since its wall time ends in ${formatDuration(ms)}` : "";
}

/** What a session holds of all jobs. */
function heldBy({ role, held, holds }: SessionView): { readonly count: number; readonly words: string } {
  if (role === "actor") return { count: held, words: counted(held, "range") };
  let groups = 0;
  for (const grants of holds.values()) groups += grants.size;
  return { count: groups, words: counted(groups, "merge group") };
}

/** Why there are no ranges for an actor that asks for them. */
function whyNoRanges(bench: Bench, session: SessionView): string {
  const [first, ...others] = jobsAtWork(bench);
  if (first === undefined) return "no job is at work";
  return others.length === 0
    ? whyNoneOf(bench, first, session)
    : `none of the ${others.length + 1} jobs at work has any for it`;
}

function workLines(bench: Bench, session: SessionView): readonly string[] {
  const jobs = jobsAtWork(bench);
  return jobs.length < 2
    ? []
    : jobs.slice(0, jobsShown).map((job) => sentence(whyNoneOf(bench, job, session)));
}

function jobsAtWork({ farm }: Bench): readonly JobView[] {
  return [...farm.live].flatMap((number) => farm.jobs.get(number) ?? []);
}

/** Why a job has no range to grant, or that it has, as a clause. */
function whyNoneOf(bench: Bench, job: JobView, session: SessionView): string {
  const { stage, table, spec } = job;
  const name = nameOf(job);
  const hindrance = hindranceOf(bench, session, { job });
  switch (stage.kind) {
    case "running":
      if (hindrance.kind === "lacks-labels") {
        const requires = `requires ${listed(hindrance.missing)}`;
        return `${name} ${requires}, and this node has ${listed(hindrance.has)}`;
      }
      if (hindrance.kind === "no-time")
        return `${name} needs more time than is left: the wall time of this node ends in ${formatDuration(hindrance.endsInMs)}`;
      if (hindrance.kind === "sated") return `other nodes will be done with the rest of ${name} sooner`;
      if (job.ready.size > 0) return `${name} has ${counted(table.counts.ready, "range")} ready`;
      if (job.room.size > 0) {
        const clauses = whyReady(bench, job).map(({ clause }) => clause);
        return `of ${name} only ranges that failed are left: ${clauses.join(", ")}`;
      }
      if (table.counts.held > 0) return `all ranges of ${name} that are left are held already`;
      return fateOfOutputs(spec) === "merged"
        ? `${name} has only merges left to do`
        : `all ranges of ${name} are done`;
    case "suspended":
      return `${name} is paused`;
    case "stopping":
    case "ended":
    case "reported":
      return `${name} is ending`;
    case "broken":
      return `${name} is out of service`;
    default:
      return unreachable(stage);
  }
}
