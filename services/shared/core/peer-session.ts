// What an actor or a merger says to the driver, and when.
//
//   L1. Each link begins with a hello that names all that is held, in pieces; until the welcome nothing else is said.
//   L2. Demand is credit counted from the hello on, and never shrinks. What the hello names does not count. Who is about
//       to leave wants nothing more.
//   L3. What has come of the work is said when the service says so, and again in the next session until it is acknowledged.
//   L4. Whoever said nothing for the heartbeat interval says something: what is still wanted, if the driver owes it, which
//       heals a demand that was lost; else that it lives.
//   L5. A driver of a lower epoch than one met before is not listened to, and its link is closed.
//   L6. Who finds its workdir serving another run leaves: its grants are not its own.

import { assert } from "./assert.js";
import type { Epoch } from "./id.js";
import { leave } from "./peer-leaving.js";
import type { PeerHello, PeerMessage, Welcome } from "./peer-message.js";
import type { OpenSession, PeerState } from "./peer-state.js";
import type { Out, PeerAction } from "./peer-step.js";

/** What a service has to say in a session, besides what all of them say. */
export interface Voice<Message> {
  /** What is due of what has come of the work (L3). */
  results(session: OpenSession): Iterable<Message>;
  /** All that it wants granted in the session, counted from the hello on; less than the credit means nothing (L2). */
  credit(session: OpenSession): number;
}

/** A new link: returns what each piece of its hello says, besides what is held (L1). */
export function beginGreeting(peer: PeerState, nowMs: number): Omit<PeerHello, "more"> {
  peer.link = { kind: "greeting", sinceMs: nowMs, received: 0 };
  const { incarnation, node, slots } = peer.settings;
  return { kind: "hello", incarnation, epoch: peer.epoch, node, slots };
}

/** The link is down. */
export function lose(peer: PeerState): void {
  peer.link = { kind: "down" };
}

/** Whether to listen to a driver of that epoch (L5). */
export function heeds(peer: PeerState, epoch: Epoch, out: Out<PeerAction>): boolean {
  if (peer.link.kind === "down") return false; // It was closed, and the rest of it is still coming in.
  if (peer.epoch !== undefined && epoch < peer.epoch) {
    const met = `one of epoch ${String(peer.epoch)} was met before`;
    closeLink(peer, `the driver of epoch ${String(epoch)} was replaced: ${met}`, out);
    return false;
  }
  peer.epoch = epoch;
  return true;
}

export function hearWelcome(peer: PeerState, welcome: Welcome, nowMs: number, out: Out<PeerAction>): void {
  const { session, run, flushIntervalMs, heartbeatIntervalMs } = welcome;
  if (peer.run !== undefined && peer.run !== run) {
    leave(peer, "fenced", `the workdir serves run ${run}, and this process run ${peer.run}`, out); // (L6)
    return;
  }
  if (peer.link.kind === "open") {
    // A repeat. It may tell new intervals.
    if (peer.link.session === session) Object.assign(peer.link, { flushIntervalMs, heartbeatIntervalMs });
    return;
  }
  assert(peer.link.kind === "greeting", "a welcome answers a hello");
  const { received } = peer.link;
  peer.run = run;
  peer.link = {
    kind: "open",
    session,
    flushIntervalMs,
    heartbeatIntervalMs,
    received,
    credit: 0,
    saidAtMs: nowMs,
    saidDraining: false,
  };
}

/** Counts what was granted in the session (L2). */
export function countReceived(peer: PeerState, count: number): void {
  if (peer.link.kind !== "down") peer.link.received += count;
}

type Said<Message> = PeerAction | { readonly kind: "send"; readonly message: PeerMessage | Message };

/** Says all that is due. */
export function speak<Message>(
  peer: PeerState,
  voice: Voice<Message>,
  nowMs: number,
  out: Out<Said<Message>>,
): void {
  const { link, leaving } = peer;
  if (link.kind === "greeting") giveUpWhenLate(peer, link.sinceMs, nowMs, out);
  if (link.kind !== "open") return; // (L1)
  const say = (message: PeerMessage | Message): void => {
    link.saidAtMs = nowMs;
    out.push({ kind: "send", message });
  };
  if (leaving.kind === "draining" && !link.saidDraining) {
    link.saidDraining = true;
    say({ kind: "draining", reason: leaving.reason });
  }
  for (const results of voice.results(link)) say(results); // (L3)
  const mayAsk = leaving.kind === "staying";
  const credit = mayAsk ? voice.credit(link) : 0;
  if (credit > link.credit) {
    link.credit = credit;
    say({ kind: "demand", credit }); // (L2)
  }
  if (nowMs < link.saidAtMs + link.heartbeatIntervalMs) return;
  const isOwed = mayAsk && link.received < link.credit;
  say(isOwed ? { kind: "demand", credit: link.credit } : { kind: "heartbeat" }); // (L4)
}

/** When something will be due to be said, if nothing happens before and no results wait. */
export function speakAtMs({ link, settings }: PeerState): number[] {
  switch (link.kind) {
    case "down":
      return [];
    case "greeting":
      return [link.sinceMs + settings.welcomeWaitMs];
    case "open":
      return [link.saidAtMs + link.heartbeatIntervalMs];
  }
}

function giveUpWhenLate(peer: PeerState, sinceMs: number, nowMs: number, out: Out<PeerAction>): void {
  const { welcomeWaitMs } = peer.settings;
  if (nowMs < sinceMs + welcomeWaitMs) return;
  const waited = `${String(Math.round(welcomeWaitMs / 1000))} s`;
  closeLink(peer, `the driver did not answer the hello within ${waited}`, out);
}

/** Breaks the link: the next hello says what is held. */
export function closeLink(peer: PeerState, reason: string, out: Out<PeerAction>): void {
  lose(peer);
  out.push({ kind: "close-link", reason });
}
