// What keeps an actor or a merger from being lent more, one by one and altogether. For explanations (explain.ts).
//
//   Q4. Each session is hindered by one thing, the one that must change first.

import { unreachable } from "../../../shared/core/assert.js";
import { formatDuration } from "../../../shared/core/duration.js";
import type { JobNumber } from "../../../shared/core/id.js";
import type { Bench } from "../bench.js";
import { canRun } from "../decide/can-run.js";
import { isAnotherAble } from "../decide/other-node.js";
import { unprovenForMs } from "../decide/unproven.js";
import { called, listed, quoted, verb } from "./explain-words.js";
import type { Cause } from "./explanation.js";
import type { SessionRole } from "../facts/fact.js";
import { creditLeft, type SessionView } from "../state/farm.js";
import type { JobView } from "../state/job.js";
import type { Drain, Quarantine } from "../state/node.js";
import { mayMerge } from "../grant/grant-merges.js";
import { isKeptFree, mayTry } from "../grant/pick-ranges.js";
import type { ShelfView } from "../state/waiting-room.js";
import { roomFor } from "../grant/wall-time.js";

/** What would be lent: ranges of a job, which are on a shelf of its waiting room, or else fresh ones; or a merge group. */
export interface Want {
  readonly job: JobView;
  readonly shelf?: Omit<ShelfView, "ranges">;
  /** Of a merge group: mergers that failed it. */
  readonly failedOn?: readonly string[];
}

/** Its stream broke. What it holds returns when its lease ends. */
export interface Away {
  readonly kind: "away";
  readonly silentMs: number;
  readonly returnsInMs: number;
}

export type Hindrance =
  /** A user had its node given nothing more. */
  | { readonly kind: "drained"; readonly drain: Drain }
  /** Its node is in quarantine. */
  | { readonly kind: "quarantined"; readonly quarantine: Quarantine }
  /** The ranges failed on its node before, or the merge group on it, and there is another one. */
  | { readonly kind: "avoided" }
  /** They failed on its node and on no other, there is none, and nothing was done there yet (unproven.ts). */
  | { readonly kind: "unproven"; readonly forMs: number }
  /** The last range that its node tried failed too, and there is a better witness (node.ts, N2). */
  | { readonly kind: "doubtful" }
  /** Its node has not all the labels that the job requires. */
  | { readonly kind: "lacks-labels"; readonly missing: readonly string[]; readonly has: readonly string[] }
  | Away
  /** It takes nothing more, and leaves when it holds nothing. */
  | { readonly kind: "draining" }
  /** What is left of its node's wall time is too short for more ranges of the job. */
  | { readonly kind: "no-time"; readonly endsInMs: number }
  /** What is done there can't be stored, so it asks for no more. */
  | { readonly kind: "stuck" }
  /** It holds all that it asked for. */
  | { readonly kind: "busy" }
  /** Its slots all have a range, and what it would keep waiting is for others that are faster (grant-ranges.ts, V3). */
  | { readonly kind: "sated" }
  /** It holds nothing, and has asked for nothing more. */
  | { readonly kind: "idle" }
  /** The ranges are to run alone and it holds others, or it holds one that runs alone. */
  | { readonly kind: "not-alone" }
  | { readonly kind: "none" };

/** What keeps a session from being lent more of that; or of anything, when nothing is named (Q4). */
export function hindranceOf(bench: Bench, session: SessionView, want?: Want): Hindrance {
  const ofActor = session.role === "actor" ? want : undefined;
  return (
    closure(bench, session) ??
    unfitnessOf(bench, session, want) ??
    absence(bench, session) ??
    fullness(bench, session, ofActor) ?? { kind: "none" }
  );
}

/** A user wants its node to be given nothing. */
function closure({ farm }: Bench, { node }: SessionView): Hindrance | undefined {
  const drain = farm.nodes.get(node)?.drain;
  return drain === undefined ? undefined : { kind: "drained", drain };
}

/** What keeps it from taking anything at all. */
function absence(bench: Bench, session: SessionView): Hindrance | undefined {
  const { attachment } = session;
  if (attachment.kind === "attached") return attachment.draining ? { kind: "draining" } : undefined;
  return awayOf(bench, session);
}

/** What keeps it from taking more than it has. */
function fullness(bench: Bench, session: SessionView, want: Want | undefined): Hindrance | undefined {
  if (want !== undefined && roomFor(want.job, session, bench.moment.nowMs) <= 0)
    return { kind: "no-time", endsInMs: endsInMs(bench, session) };
  if (creditLeft(session) <= 0 && session.waitsFor !== "") return { kind: "stuck" };
  if (creditLeft(session) <= 0) return { kind: session.holds.size > 0 ? "busy" : "idle" };
  if (isSated(bench, session)) return { kind: "sated" };
  const isTaken = want?.shelf?.solitary === true ? session.holds.size > 0 : isKeptFree(bench.farm, session);
  return isTaken ? { kind: "not-alone" } : undefined;
}

/** What makes it unfit, however free it is. */
function unfitnessOf(bench: Bench, session: SessionView, want: Want | undefined): Hindrance | undefined {
  if (session.role === "actor") return unfitnessOfNode(bench, session, want);
  return mayMerge(bench.farm, want?.failedOn ?? [], session.name) ? undefined : { kind: "avoided" };
}

function unfitnessOfNode(bench: Bench, session: SessionView, want: Want | undefined): Hindrance | undefined {
  if (want !== undefined && !canRun(want.job, session)) return lackOf(want.job, session);
  const { farm } = bench;
  const quarantine = farm.nodes.get(session.node)?.quarantine;
  if (quarantine !== undefined) return { kind: "quarantined", quarantine };
  const avoids = want?.shelf?.avoids ?? [];
  if (want === undefined || mayTry(bench, want.job, session, avoids)) return undefined;
  if (!avoids.includes(session.node)) return { kind: "doubtful" };
  if (isAnotherAble(farm, want.job, avoids)) return { kind: "avoided" };
  return { kind: "unproven", forMs: unprovenForMs(bench, session.node) };
}

function isSated({ farm }: Bench, session: SessionView): boolean {
  return farm.kinds.get(session.kind)?.sated.has(session.number) === true;
}

/** Until the wall time of its node ends; infinite when nobody knows. */
export function endsInMs({ moment }: Bench, { endsAtMs }: SessionView): number {
  return endsAtMs === undefined ? Number.POSITIVE_INFINITY : Math.max(0, endsAtMs - moment.nowMs);
}

/** Undefined while it is attached. */
export function awayOf({ moment, rules }: Bench, session: SessionView): Away | undefined {
  if (session.attachment.kind !== "away") return undefined;
  const silentMs = Math.max(0, moment.nowMs - session.heardAtMs);
  return { kind: "away", silentMs, returnsInMs: Math.max(0, rules.leaseMs - silentMs) };
}

/** Labels that the job requires and the session's node has not, and what it has instead. */
function lackOf({ spec }: JobView, { labels }: SessionView): Hindrance {
  const missing = Object.entries(spec.requires).filter(([key, value]) => labels[key] !== value);
  return {
    kind: "lacks-labels",
    missing: missing.map(([key, value]) => `${key}=${value}`),
    has: missing.map(([key]) => (labels[key] === undefined ? `no ${key}` : `${key}=${labels[key]}`)),
  };
}

/** All sessions of a role, in the order in which they joined. */
export function sessionsOf({ farm }: Bench, role: SessionRole): readonly SessionView[] {
  return [...farm.sessions.values()].filter((session) => session.role === role);
}

/** A session, and what hinders it. */
interface Hindered {
  readonly session: SessionView;
  readonly hindrance: Hindrance;
}

/**
 * Why nobody takes more of a job: "no actor has joined", "actor a has lost its connection and 12 actors are busy with
 * job 2".
 */
export function whyNobody(bench: Bench, role: SessionRole, want: Want): Cause {
  const groups = new Map<Hindrance["kind"], Hindered[]>();
  for (const session of sessionsOf(bench, role)) {
    const hindrance = hindranceOf(bench, session, want);
    const group = groups.get(hindrance.kind);
    if (group === undefined) groups.set(hindrance.kind, [{ session, hindrance }]);
    else group.push({ session, hindrance });
  }
  if (groups.size > 1) groups.delete("avoided"); // That another is waited for was said already.
  if (groups.size === 0) return { clause: `no ${role} has joined`, advice: startAdvice(role, want.job) };
  const clauses = [...groups].map(([kind, some]) => clauseOf(role, kind, some));
  if (clauses.length === 1) clauses[0] = clauses[0]?.replace(/^(\d+ )/, "all $1") ?? "";
  const isForLong = [...groups.keys()].every((kind) => lasting.has(kind));
  const advice = undrainAdvice(groups.get("drained") ?? []) ?? startAdvice(role, want.job);
  return { clause: listed(clauses, clauses.length), advice: isForLong ? advice : "" };
}

/** What does not pass by itself. */
const lasting: ReadonlySet<Hindrance["kind"]> = new Set([
  "away",
  "draining",
  "no-time",
  "lacks-labels",
  "drained",
  "quarantined",
  "avoided",
  "doubtful",
]);

/** What a user did can be undone; undefined where there is nothing to undo. */
function undrainAdvice(drained: readonly Hindered[]): string | undefined {
  const nodes = new Set(drained.map(({ session }) => session.node));
  const [first] = nodes;
  if (first === undefined) return undefined;
  const which = nodes.size === 1 ? first : "NODE...";
  return `Give drained nodes work again: noctua undrain ${which} --workdir <workdir>.`;
}

function startAdvice(role: SessionRole, { spec }: JobView): string {
  if (role === "merger") return "Start a merger: noctua merger --workdir <workdir> --name NAME.";
  const labels = Object.entries(spec.requires).map(([key, value]) => ` --label ${key}=${value}`);
  return `Start an actor: noctua actor --workdir <workdir> --name NAME --slots NUMBER${labels.join("")}.`;
}

/** What helps those of the sessions that can't store what is done; empty when all can. */
export function roomAdviceFor(sessions: readonly SessionView[]): string {
  const advice = "Make room there, or mend the file system: they go on by themselves, and nothing is lost.";
  return sessions.some(({ waitsFor }) => waitsFor !== "") ? advice : "";
}

/** What helps when an actor is away. */
export const awayAdvice =
  "Start it again under its name, and what it held is granted anew at once; if its node is gone, start another actor.";

function clauseOf(role: SessionRole, kind: Hindrance["kind"], some: readonly Hindered[]): string {
  const count = some.length;
  const sessions = some.map(({ session }) => session);
  const who = called(
    role,
    sessions.map(({ name }) => name),
  );
  switch (kind) {
    case "lacks-labels":
      return `${who} ${verb(count, "lacks", "lack")} ${lackClause(some)}`;
    case "drained":
      return `${who} ${verb(count, "is on a node", "are on nodes")} that ${verb(count)} drained`;
    case "quarantined":
      return `${who} ${verb(count, "is on a node", "are on nodes")} in quarantine`;
    case "avoided":
      return `${who} ${verb(count)} no other`;
    case "unproven":
      return `no range was done yet by ${who}, which ${verb(count, "tries", "try")} again in ${formatDuration(waitOf(some))}`;
    case "doubtful":
      return `the last range that ${who} tried failed too`;
    case "not-alone":
      return `${who} ${verb(count, "holds", "hold")} others, or ${verb(count)} kept free for a range that is to be alone`;
    case "away":
      return `${who} ${verb(count, "has lost its", "have lost their")} connection`;
    case "draining":
      return `${who} ${verb(count)} about to leave`;
    case "no-time":
      return `the wall time of ${who} is too short for more (${endsClause(some)})`;
    case "stuck":
      return `${who} ${verb(count, "waits", "wait")} for room (${quoted(sessions[0]?.waitsFor ?? "")})`;
    case "busy":
      return `${who} ${verb(count)} busy with ${jobsOf(sessions)}`;
    case "sated":
      return `${who} ${verb(count, "has", "have")} no free slot`;
    case "idle":
      return `${who} ${verb(count, "has", "have")} asked for no more`;
    case "none":
      return `${who} ${verb(count)} about to be given some`;
    default:
      return unreachable(kind);
  }
}

/** How long it takes until one of them is unproven no more. */
function waitOf(some: readonly Hindered[]): number {
  return Math.min(...some.map(({ hindrance }) => (hindrance.kind === "unproven" ? hindrance.forMs : 0)));
}

/** "it ends in 5m", "they end in 5m at the earliest". */
function endsClause(some: readonly Hindered[]): string {
  const ends = some.flatMap(({ hindrance }) => (hindrance.kind === "no-time" ? [hindrance.endsInMs] : []));
  const first = formatDuration(Math.min(...ends));
  return ends.length === 1 ? `it ends in ${first}` : `the first ends in ${first}`;
}

/** "gpu=a100 (it has no gpu)". */
function lackClause(some: readonly Hindered[]): string {
  const missing = new Set<string>();
  const has = new Set<string>();
  for (const { hindrance } of some) {
    if (hindrance.kind !== "lacks-labels") continue;
    for (const label of hindrance.missing) missing.add(label);
    for (const label of hindrance.has) has.add(label);
  }
  return `${listed([...missing])} (${verb(some.length, "it has", "they have")} ${listed([...has])})`;
}

/** "job 2", "jobs 2 and 3". */
function jobsOf(sessions: readonly SessionView[]): string {
  const jobs = new Set<JobNumber>(sessions.flatMap(({ holds }) => [...holds.keys()]));
  return called("job", [...jobs].sort((a, b) => a - b).map(String));
}

/** What becomes of a session that lost its connection, as the end of a sentence. */
export function fateOf({ silentMs, returnsInMs }: Away): string {
  const silence = `nothing was heard of it for ${formatDuration(silentMs)}`;
  return `${silence}, and what it holds returns in ${formatDuration(returnsInMs)} unless it comes back`;
}
