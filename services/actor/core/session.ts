// What is said to the driver, and when.
//
//   L1. Each link begins with a hello that names all that is held, in pieces; until the welcome nothing else is said.
//   L2. Demand is credit counted from the hello on, and never shrinks. Ranges that the hello names do not count. It is
//       raised in steps of half of what is to wait, so that an actor does not speak at each event.
//   L3. Results are sent when the first has waited for the flush interval, or are `resultsMax`, or nothing runs, or the
//       actor is about to leave.
//   L4. Whoever said nothing for the heartbeat interval says something: what is still wanted, if the driver owes it, which
//       heals a demand that was lost; else that it lives.
//   L5. A driver of a lower epoch than one met before is not listened to, and its link is closed.

import { assert } from "../../shared/core/assert.js";
import type { Epoch } from "../../shared/core/id.js";
import type { Welcome } from "../../shared/core/peer-message.js";
import { byGrant, inPieces } from "./held.js";
import type { ActorMessage } from "./message.js";
import { takeBack, takeMessage } from "./outbox.js";
import { waitingTarget } from "./prefetch.js";
import { heldBy, runsOf, type Actor, type OpenSession } from "./state.js";
import type { ActorAction } from "./step.js";
import { forgetTombstones } from "./work.js";

/** So many results are sent at once. */
const resultsMax = 100;
/** What one hello may name; with the node's facts it stays below 32 KB. */
const helloHeldBytesMax = 24_576;

export function greet(actor: Actor, nowMs: number, out: ActorAction[]): void {
  lose(actor);
  forgetTombstones(actor);
  actor.link = { kind: "greeting", sinceMs: nowMs, received: 0 };
  const { actor: name, incarnation, node, slots, allocationEndsAtMs } = actor.settings;
  const allocationLeftMs =
    allocationEndsAtMs === undefined ? undefined : Math.max(0, Math.round(allocationEndsAtMs - nowMs));
  const pieces = inPieces(byGrant(heldBy(actor)), helloHeldBytesMax);
  pieces.forEach((held, i) => {
    const more = i + 1 < pieces.length;
    const who = { actor: name, incarnation, epoch: actor.epoch, node, slots, allocationLeftMs };
    out.push({ kind: "send", message: { kind: "hello", ...who, held, more } }); // (L1)
  });
}

/** The link is down: what was not acknowledged is to be sent again. */
export function lose(actor: Actor): void {
  actor.link = { kind: "down" };
  takeBack(actor.outbox);
}

/** Whether to listen to a driver of that epoch (L5). */
export function heeds(actor: Actor, epoch: Epoch, out: ActorAction[]): boolean {
  if (actor.link.kind === "down") return false; // It was closed, and the rest of it is still coming in.
  if (actor.epoch !== undefined && epoch < actor.epoch) {
    lose(actor);
    const reason = `the driver of epoch ${String(epoch)} was replaced: one of epoch ${String(actor.epoch)} was met before`;
    out.push({ kind: "close-link", reason });
    return false;
  }
  actor.epoch = epoch;
  return true;
}

export function beginSession(actor: Actor, welcome: Welcome, nowMs: number): void {
  const { session, flushIntervalMs, heartbeatIntervalMs } = welcome;
  if (actor.link.kind === "open") {
    // A repeat. It may tell new intervals.
    if (actor.link.session === session) Object.assign(actor.link, { flushIntervalMs, heartbeatIntervalMs });
    return;
  }
  assert(actor.link.kind === "greeting", "a welcome answers a hello");
  actor.run = welcome.run;
  actor.link = {
    kind: "open",
    session,
    flushIntervalMs,
    heartbeatIntervalMs,
    received: actor.link.received,
    credit: 0,
    saidAtMs: nowMs,
    saidDraining: false,
  };
}

/** Counts ranges that were granted in the session (L2). */
export function countReceived(actor: Actor, ranges: number): void {
  if (actor.link.kind !== "down") actor.link.received += ranges;
}

/** Says all that is due. */
export function speak(actor: Actor, nowMs: number, out: ActorAction[]): void {
  const { link } = actor;
  if (link.kind === "greeting" && nowMs >= link.sinceMs + actor.settings.welcomeWaitMs) {
    lose(actor);
    const waited = `${String(Math.round(actor.settings.welcomeWaitMs / 1000))} s`;
    out.push({ kind: "close-link", reason: `the driver did not answer the hello within ${waited}` });
  }
  if (link.kind !== "open") return; // (L1)
  const say = (message: ActorMessage): void => {
    link.saidAtMs = nowMs;
    out.push({ kind: "send", message });
  };
  if (actor.leaving.kind === "draining" && !link.saidDraining) {
    link.saidDraining = true;
    say({ kind: "draining", reason: actor.leaving.reason });
  }
  sayResults(actor, link, nowMs, say);
  if (mayAsk(actor)) sayDemand(actor, link, say);
  if (nowMs < link.saidAtMs + link.heartbeatIntervalMs) return;
  const isOwed = mayAsk(actor) && link.received < link.credit;
  say(isOwed ? { kind: "demand", credit: link.credit } : { kind: "heartbeat" }); // (L4)
}

/** When something will be due to be said, if nothing happens before. */
export function speakAtMs(actor: Actor): number[] {
  const { link } = actor;
  if (link.kind === "down") return [];
  if (link.kind === "greeting") return [link.sinceMs + actor.settings.welcomeWaitMs];
  const first = actor.outbox.waiting[0];
  const heartbeatAtMs = link.saidAtMs + link.heartbeatIntervalMs;
  return first === undefined ? [heartbeatAtMs] : [heartbeatAtMs, first.doneAtMs + link.flushIntervalMs];
}

function sayResults(
  actor: Actor,
  link: OpenSession,
  nowMs: number,
  say: (message: ActorMessage) => void,
): void {
  const { outbox } = actor;
  const first = outbox.waiting[0];
  if (first === undefined) return;
  const isDue =
    nowMs >= first.doneAtMs + link.flushIntervalMs ||
    outbox.waiting.length >= resultsMax ||
    actor.leaving.kind === "draining" ||
    runsOf(actor).next().done === true;
  if (!isDue) return; // (L3)
  for (let results = takeMessage(outbox); results !== undefined; results = takeMessage(outbox)) say(results);
}

/** Who is about to leave wants nothing more. */
function mayAsk(actor: Actor): boolean {
  return actor.leaving.kind === "staying";
}

function sayDemand(actor: Actor, link: OpenSession, say: (message: ActorMessage) => void): void {
  const target = waitingTarget(actor.meanMs, actor.settings);
  const wanted = Math.max(0, target - actor.waiting.size);
  const credit = link.received + wanted;
  if (credit - link.credit < Math.ceil(target / 2)) return; // (L2)
  link.credit = credit;
  say({ kind: "demand", credit });
}
