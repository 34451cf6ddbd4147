// What an actor says to the driver, and when: L1 to L6 of services/shared/core/peer-session.ts, and of its own
//
//   L2. The credit is raised in steps of half of what is to wait, so that an actor does not speak at each event.
//   L3. Results are sent when the first has waited for the flush interval, or are `resultsMax`, or nothing runs, or the
//       actor is about to leave.
//   L7. When the node's wall time is known to end at another time than was said in the session, that is said. Who tells us
//       counts in seconds, and takes some to answer: so some are no difference.

import { beginGreeting, speak, speakAtMs, type Voice } from "../../shared/core/peer-session.js";
import type { OpenSession } from "../../shared/core/peer-state.js";
import { isStuck } from "./fill-slots.js";
import { byGrant, inPieces } from "./held.js";
import type { ActorMessage, RangeResults, WallTime } from "./message.js";
import { takeBack, takeMessage } from "./outbox.js";
import { waitingTarget } from "./prefetch.js";
import { recallAtMs } from "./recall.js";
import { heldBy, runsOf, type Actor } from "./state.js";
import type { ActorAction } from "./step.js";
import { forgetIdleJobs } from "./work.js";

/** So many results are sent at once. */
const resultsMax = 100;
/** (L7) */
const sameEndMs = 15_000;
/** What one hello may name; with the node's facts it stays below 32 KB. */
const helloHeldBytesMax = 24_576;

/** A new link: says who joins and what it holds. What was not acknowledged is to be sent again. */
export function greet(actor: Actor, nowMs: number, out: ActorAction[]): void {
  takeBack(actor.outbox);
  forgetIdleJobs(actor);
  const endsAtMs = (actor.toldEndsAtMs = actor.allocationEndsAtMs);
  const allocationLeftMs = endsAtMs === undefined ? undefined : leftMs(endsAtMs, nowMs);
  const who = { ...beginGreeting(actor, nowMs), actor: actor.settings.actor, allocationLeftMs };
  const pieces = inPieces(byGrant(heldBy(actor)), helloHeldBytesMax);
  pieces.forEach((held, i) => {
    out.push({ kind: "send", message: { ...who, held, more: i + 1 < pieces.length } }); // (L1)
  });
}

export function sayDue(actor: Actor, nowMs: number, out: ActorAction[]): void {
  const voice: Voice<ActorMessage> = {
    results: (session) => dueWords(actor, session, nowMs),
    credit: (session) => wantedCredit(actor, session),
  };
  speak<ActorMessage>(actor, voice, nowMs, out);
}

/** When something will be due to be said, if nothing happens before. */
export function dueAtMs(actor: Actor): readonly number[] {
  const due = [...speakAtMs(actor), ...recallAtMs(actor)];
  const [first] = actor.outbox.waiting;
  if (actor.link.kind === "open" && first !== undefined)
    due.push(first.doneAtMs + actor.link.flushIntervalMs);
  return due;
}

function* dueWords(actor: Actor, session: OpenSession, nowMs: number): Generator<ActorMessage> {
  yield* dueWallTime(actor, nowMs);
  yield* dueResults(actor, session, nowMs);
}

/** (L7) */
function* dueWallTime(actor: Actor, nowMs: number): Generator<WallTime> {
  const { allocationEndsAtMs: endsAtMs, toldEndsAtMs } = actor;
  if (endsAtMs === undefined) return;
  if (toldEndsAtMs !== undefined && Math.abs(endsAtMs - toldEndsAtMs) < sameEndMs) return;
  actor.toldEndsAtMs = endsAtMs;
  yield { kind: "wall-time", leftMs: leftMs(endsAtMs, nowMs) };
}

function leftMs(endsAtMs: number, nowMs: number): number {
  return Math.max(0, Math.round(endsAtMs - nowMs));
}

/** (L3) */
function* dueResults(actor: Actor, session: OpenSession, nowMs: number): Generator<RangeResults> {
  const { outbox } = actor;
  const [first] = outbox.waiting;
  if (first === undefined) return;
  const isDue =
    nowMs >= first.doneAtMs + session.flushIntervalMs ||
    outbox.waiting.length >= resultsMax ||
    actor.leaving.kind === "draining" ||
    runsOf(actor).next().done === true;
  if (!isDue) return;
  for (let results = takeMessage(outbox); results !== undefined; results = takeMessage(outbox)) yield results;
}

/** (L2) */
function wantedCredit(actor: Actor, session: OpenSession): number {
  if (isStuck(actor)) return session.credit; // (W5)
  const target = waitingTarget(actor.meanMs, actor.settings, actor.meanCores);
  const credit = session.received + Math.max(0, target - actor.waiting.size);
  return credit - session.credit < Math.ceil(target / 2) ? session.credit : credit;
}
