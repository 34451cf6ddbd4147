// How an actor or a merger leaves.
//
//   E1. Who drains begins nothing more, hands back what waits at once, and what still runs when the grace is over. It
//       leaves when all is acknowledged, and in any case `handInMs` after the grace (P10); or, when there is no driver to
//       acknowledge anything, `handInMs` after the last run: whoever stops it may not wait for the end of the grace.
//   E2. Who was fenced, since another process of its name took over, leaves at once: its grants are not its own.
//   E3. After `exit` nothing follows.

import { counted } from "./counted.js";
import type { Draining, PeerState } from "./peer-state.js";
import type { ExitKind, Out, PeerAction } from "./peer-step.js";

/** Begins to leave (E1). A second request may shorten the grace of the first. */
export function drain(
  peer: PeerState,
  asked: { readonly reason: string; readonly graceMs: number },
  nowMs: number,
): void {
  const { leaving, settings } = peer;
  const abortAtMs = nowMs + asked.graceMs;
  if (leaving.kind === "draining" && leaving.abortAtMs <= abortAtMs) return;
  const reason = leaving.kind === "draining" ? leaving.reason : asked.reason;
  const exitAtMs = abortAtMs + settings.handInMs;
  peer.leaving = { kind: "draining", reason, abortAtMs, exitAtMs, unheardSinceMs: undefined };
}

/** What there is to be done before a peer may leave; `thing` is what one that is held is called. */
export interface Unfinished {
  readonly held: Iterable<unknown>;
  readonly runs: Iterable<unknown>;
  readonly thing: string;
  /** Saves what can be saved of what is held, when it is left behind. */
  readonly saveRest: () => void;
}

/** Leaves when it drains and nothing is held or runs any more, or the time is up (E1). */
export function leaveIfDone(
  peer: PeerState,
  unfinished: Unfinished,
  nowMs: number,
  out: Out<PeerAction>,
): void {
  const { leaving } = peer;
  if (leaving.kind !== "draining") return;
  const held = [...unfinished.held].length;
  const runs = [...unfinished.runs].length;
  if (held === 0 && runs === 0) leave(peer, "drained", `${leaving.reason}; all is handed in`, out);
  else if (nowMs >= leaveAtMs(peer, leaving, runs, nowMs)) {
    const { thing, saveRest } = unfinished;
    saveRest();
    const reason = `${leaving.reason}; no driver has acknowledged ${counted(held, thing)} that it holds`;
    leave(peer, "left-behind", reason, out);
  }
}

/** When to leave whatever is held; looks after since when nobody hears what is held. */
function leaveAtMs(peer: PeerState, leaving: Draining, runs: number, nowMs: number): number {
  const isUnheard = runs === 0 && peer.link.kind !== "open";
  leaving.unheardSinceMs = isUnheard ? (leaving.unheardSinceMs ?? nowMs) : undefined;
  return Math.min(leaving.exitAtMs, unheardUntilMs(peer, leaving));
}

function unheardUntilMs({ settings }: PeerState, { unheardSinceMs }: Draining): number {
  return unheardSinceMs === undefined ? Number.POSITIVE_INFINITY : unheardSinceMs + settings.handInMs;
}

export function leave(peer: PeerState, exit: ExitKind, reason: string, out: Out<PeerAction>): void {
  peer.leaving = { kind: "left" };
  out.push({ kind: "exit", exit, reason });
}

/** The first moment after `nowMs` at which something is due, of what is said to be and of leaving. */
export function firstDueAtMs(peer: PeerState, dueAtMs: readonly number[], nowMs: number): number | undefined {
  const { leaving } = peer;
  if (leaving.kind === "left") return undefined; // (E3)
  const ends =
    leaving.kind === "draining" ? [leaving.abortAtMs, leaving.exitAtMs, unheardUntilMs(peer, leaving)] : [];
  // What was due by now is done, or waits for an event.
  const later = [...dueAtMs, ...ends].filter((atMs) => atMs > nowMs && Number.isFinite(atMs));
  return later.length === 0 ? undefined : Math.min(...later);
}
