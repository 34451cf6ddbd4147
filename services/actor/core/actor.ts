// The actor: what is told to it in, what it wants done out. No clock, no dice, no world.
//
//   A1. `step` leaves nothing undone that is due by `nowMs`: whoever drives an actor calls it at each event, and with a
//       `tick` at `wakeAtMs`.
//   A2. Messages that are repeated, late or out of order do no harm. (They come in order on one link; none is to be
//       handed in after its link went down.)
//   A3. Who drains begins nothing more, hands back what waits at once, and what still runs when the grace is over. It
//       leaves when all is acknowledged, and in any case `handInMs` after the grace (P10).
//   A4. An actor that was fenced, or whose workdir serves another run, leaves at once: its grants are not its own.
//   A5. After `exit` nothing follows.

import { unreachable } from "../../shared/core/assert.js";
import type { Welcome } from "../../shared/core/peer-message.js";
import type { ExitKind } from "../../shared/core/peer-step.js";
import type { DriverWord } from "./message.js";
import { acknowledge } from "./outbox.js";
import { beginSession, countReceived, greet, heeds, lose, speak, speakAtMs } from "./session.js";
import { heldBy, runsOf, type Actor } from "./state.js";
import type { ActorAction, ActorEvent } from "./step.js";
import {
  closeJob,
  endRange,
  fillSlots,
  forgetClosedJobs,
  freeSlot,
  openJob,
  removeSuperseded,
  returnRunning,
  returnWaiting,
  revoke,
  takeGrant,
} from "./work.js";

/** Tells the actor what happened, and returns what is to be done, in this order. */
export function step(actor: Actor, event: ActorEvent, nowMs: number): readonly ActorAction[] {
  if (actor.leaving.kind === "left") return []; // (A5)
  const out: ActorAction[] = [];
  take(actor, event, nowMs, out);
  settle(actor, nowMs, out);
  return out;
}

/** When the next `tick` is due, after the last `step` at `nowMs`; undefined when there is none (A1). */
export function wakeAtMs(actor: Actor, nowMs: number): number | undefined {
  if (actor.leaving.kind === "left") return undefined;
  const due = speakAtMs(actor);
  if (actor.leaving.kind === "draining") due.push(actor.leaving.abortAtMs, actor.leaving.exitAtMs);
  // What was due by now is done, or waits for an event.
  const later = due.filter((atMs) => atMs > nowMs);
  return later.length === 0 ? undefined : Math.min(...later);
}

function take(actor: Actor, event: ActorEvent, nowMs: number, out: ActorAction[]): void {
  switch (event.kind) {
    case "link-up":
      greet(actor, nowMs, out);
      break;
    case "link-down":
      lose(actor);
      if (event.fenced) leave(actor, "fenced", event.reason, out); // (A4)
      break;
    case "message":
      if (heeds(actor, event.message.epoch, out)) hear(actor, event.message.word, nowMs, out);
      break;
    case "payload-ended":
      freeSlot(actor, event.slot);
      break;
    case "range-ended":
      endRange(actor, event, nowMs, out);
      break;
    case "drain-requested":
      drain(actor, event, nowMs);
      break;
    case "tick":
      break;
    default:
      unreachable(event);
  }
}

function hear(actor: Actor, word: DriverWord, nowMs: number, out: ActorAction[]): void {
  switch (word.kind) {
    case "welcome":
      welcome(actor, word, nowMs, out);
      break;
    case "open-job":
      openJob(actor, word.job, word.spec);
      break;
    case "grant":
      countReceived(actor, takeGrant(actor, word.job, word.grant, word.spans));
      break;
    case "acknowledge":
      for (const number of word.numbers) acknowledge(actor.outbox, number);
      removeSuperseded(actor, word.superseded, out);
      break;
    case "revoke":
      revoke(actor, word.revoked, out);
      break;
    case "close-job":
      closeJob(actor, word.job, out);
      break;
    case "drain":
      drain(actor, word, nowMs);
      break;
    default:
      unreachable(word);
  }
}

function welcome(actor: Actor, word: Welcome, nowMs: number, out: ActorAction[]): void {
  if (actor.run === undefined || actor.run === word.run) beginSession(actor, word, nowMs);
  else leave(actor, "fenced", `the workdir serves run ${word.run}, and this actor run ${actor.run}`, out); // (A4)
}

/** Does what follows from the state as it is (A1). */
function settle(actor: Actor, nowMs: number, out: ActorAction[]): void {
  if (actor.leaving.kind === "draining") {
    returnWaiting(actor, nowMs);
    if (nowMs >= actor.leaving.abortAtMs) returnRunning(actor, out);
  } else if (actor.leaving.kind === "staying") fillSlots(actor, out);
  speak(actor, nowMs, out);
  forgetClosedJobs(actor);
  leaveIfDone(actor, nowMs, out);
}

/** A second request may shorten the grace of the first. */
function drain(
  actor: Actor,
  asked: { readonly reason: string; readonly graceMs: number },
  nowMs: number,
): void {
  const abortAtMs = nowMs + asked.graceMs;
  const { leaving } = actor;
  if (leaving.kind === "draining" && leaving.abortAtMs <= abortAtMs) return;
  const reason = leaving.kind === "draining" ? leaving.reason : asked.reason;
  actor.leaving = { kind: "draining", reason, abortAtMs, exitAtMs: abortAtMs + actor.settings.handInMs };
}

function leaveIfDone(actor: Actor, nowMs: number, out: ActorAction[]): void {
  const { leaving } = actor;
  if (leaving.kind !== "draining") return;
  const held = [...heldBy(actor)].length;
  const runs = [...runsOf(actor)].length;
  if (held === 0 && runs === 0) leave(actor, "drained", `${leaving.reason}; all is handed in`, out);
  else if (nowMs >= leaving.exitAtMs) {
    leave(actor, "left-behind", `${leaving.reason}; ${String(held)} ranges are not handed in`, out);
  }
}

function leave(actor: Actor, exit: ExitKind, reason: string, out: ActorAction[]): void {
  actor.leaving = { kind: "left" };
  out.push({ kind: "exit", exit, reason });
}
