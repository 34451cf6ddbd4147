// What keeps an actor or a merger from being lent more, one by one and altogether. For explanations (explain.ts).
//
//   Q4. Each session is hindered by one thing, the one that must change first.

import { unreachable } from "../../shared/core/assert.js";
import { formatDuration } from "../../shared/core/duration.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { Bench } from "./bench.js";
import { called, listed, verb } from "./explain-words.js";
import type { Cause } from "./explanation.js";
import type { SessionRole } from "./fact.js";
import { creditLeft, type SessionView } from "./farm.js";

export type Hindrance =
  /** Its stream broke. What it holds returns when its lease ends. */
  | { readonly kind: "away"; readonly silentMs: number; readonly returnsInMs: number }
  /** It takes nothing more, and leaves when it holds nothing. */
  | { readonly kind: "draining" }
  /** It holds all that it asked for. */
  | { readonly kind: "busy" }
  /** It holds nothing, and has asked for nothing more. */
  | { readonly kind: "idle" }
  | { readonly kind: "none" };

/** (Q4) */
export function hindranceOf({ moment, rules }: Bench, session: SessionView): Hindrance {
  const { attachment } = session;
  if (attachment.kind === "away") {
    const silentMs = Math.max(0, moment.nowMs - session.heardAtMs);
    return { kind: "away", silentMs, returnsInMs: Math.max(0, rules.leaseMs - silentMs) };
  }
  if (attachment.draining) return { kind: "draining" };
  if (creditLeft(session) > 0) return { kind: "none" };
  return { kind: session.holds.size > 0 ? "busy" : "idle" };
}

/** All sessions of a role, in the order in which they joined. */
export function sessionsOf({ farm }: Bench, role: SessionRole): readonly SessionView[] {
  return [...farm.sessions.values()].filter((session) => session.role === role);
}

/** Why nobody takes more: "no actor has joined", "actor a has lost its connection and 12 actors are busy with job 2". */
export function whyNobody(bench: Bench, role: SessionRole): Cause {
  const groups = new Map<Hindrance["kind"], SessionView[]>();
  for (const session of sessionsOf(bench, role)) {
    const { kind } = hindranceOf(bench, session);
    const group = groups.get(kind);
    if (group === undefined) groups.set(kind, [session]);
    else group.push(session);
  }
  if (groups.size === 0) return { clause: `no ${role} has joined`, advice: startAdvice[role] };
  const clauses = [...groups].map(([kind, sessions]) => clauseOf(role, kind, sessions));
  if (clauses.length === 1) clauses[0] = clauses[0]?.replace(/^(\d+ )/, "all $1") ?? "";
  const isForLong = [...groups.keys()].every((kind) => kind === "away" || kind === "draining");
  return { clause: listed(clauses, clauses.length), advice: isForLong ? startAdvice[role] : "" };
}

/** What helps when an actor is away. */
export const awayAdvice =
  "Start it again under its name, and what it held is granted anew at once; if its node is gone, start another actor.";

const startAdvice = {
  actor: "Start an actor: noctua actor --workdir <workdir> --name NAME --slots NUMBER.",
  merger: "Start a merger: noctua merger --workdir <workdir> --name NAME.",
} as const satisfies Record<SessionRole, string>;

function clauseOf(role: SessionRole, kind: Hindrance["kind"], sessions: readonly SessionView[]): string {
  const count = sessions.length;
  const who = called(
    role,
    sessions.map(({ name }) => name),
  );
  switch (kind) {
    case "away":
      return `${who} ${verb(count, "has lost its", "have lost their")} connection`;
    case "draining":
      return `${who} ${verb(count)} about to leave`;
    case "busy":
      return `${who} ${verb(count)} busy with ${jobsOf(sessions)}`;
    case "idle":
      return `${who} ${verb(count, "has", "have")} asked for no more`;
    case "none":
      return `${who} ${verb(count)} about to be given some`;
    default:
      return unreachable(kind);
  }
}

/** "job 2", "jobs 2 and 3". */
function jobsOf(sessions: readonly SessionView[]): string {
  const jobs = new Set<JobNumber>(sessions.flatMap(({ holds }) => [...holds.keys()]));
  return called("job", [...jobs].sort((a, b) => a - b).map(String));
}

/** What becomes of a session that lost its connection, as the end of a sentence. */
export function fateOf({ silentMs, returnsInMs }: Extract<Hindrance, { kind: "away" }>): string {
  const silence = `nothing was heard of it for ${formatDuration(silentMs)}`;
  return `${silence}, and what it holds returns in ${formatDuration(returnsInMs)} unless it comes back`;
}
