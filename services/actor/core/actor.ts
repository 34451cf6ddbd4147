// The actor: what is told to it in, what it wants done out. No clock, no dice, no world.
//
//   A1. `step` leaves nothing undone that is due by `nowMs`: whoever drives an actor calls it at each event, and with a
//       `tick` at `wakeAtMs`.
//   A2. Messages that are repeated, late or out of order do no harm. (They come in order on one link; none is to be
//       handed in after its link went down.)
//
// How it speaks with the driver is told in session.ts, how it leaves in services/shared/core/peer-leaving.ts.

import { unreachable } from "../../shared/core/assert.js";
import { drain, firstDueAtMs, leave, leaveIfDone } from "../../shared/core/peer-leaving.js";
import { closeLink, countReceived, hearWelcome, heeds, lose } from "../../shared/core/peer-session.js";
import { fillSlots, isStuck } from "./fill-slots.js";
import type { DriverWord } from "./message.js";
import { acknowledge, leftResults } from "./outbox.js";
import { recall } from "./recall.js";
import { dueAtMs, greet, sayDue } from "./session.js";
import { heldBy, runsOf, type Actor } from "./state.js";
import type { ActorAction, ActorEvent } from "./step.js";
import {
  closeJob,
  countSuperseded,
  endRange,
  extendJob,
  forgetClosedJobs,
  freeSlot,
  isTooMuch,
  openJob,
  removeSuperseded,
  returnRunning,
  returnWaiting,
  revoke,
  takeGrant,
} from "./work.js";

/** Tells the actor what happened, and returns what is to be done, in this order. */
export function step(actor: Actor, event: ActorEvent, nowMs: number): readonly ActorAction[] {
  if (actor.leaving.kind === "left") return []; // (E3)
  const out: ActorAction[] = [];
  take(actor, event, nowMs, out);
  settle(actor, nowMs, out);
  return out;
}

/** When the next `tick` is due, after the last `step` at `nowMs`; undefined when there is none (A1). */
export function wakeAtMs(actor: Actor, nowMs: number): number | undefined {
  return firstDueAtMs(actor, dueAtMs(actor), nowMs);
}

function take(actor: Actor, event: ActorEvent, nowMs: number, out: ActorAction[]): void {
  switch (event.kind) {
    case "link-up":
      greet(actor, nowMs, out);
      break;
    case "link-down":
      lose(actor);
      if (event.fenced) leave(actor, "fenced", event.reason, out); // (E2)
      break;
    case "message":
      if (heeds(actor, event.message.epoch, out)) hear(actor, event.message.word, nowMs, out);
      break;
    case "payload-ended":
      freeSlot(actor, event.held, nowMs);
      break;
    case "range-ended":
      endRange(actor, event, nowMs, out);
      break;
    case "runs-told":
      for (const told of event.events) take(actor, told, nowMs, out);
      break;
    case "storage-told":
      actor.isStorageWaiting = event.isWaiting;
      break;
    case "wall-time-told":
      actor.allocationEndsAtMs = event.endsAtMs;
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
  if (isTooMuch(actor, word))
    return closeLink(actor, "the driver names more ranges than were asked for", out);
  switch (word.kind) {
    case "welcome":
      hearWelcome(actor, word, nowMs, out);
      break;
    case "open-job":
      openJob(actor, word.job, word.spec);
      break;
    case "extend-job":
      extendJob(actor, word.job, word);
      break;
    case "grant":
      countReceived(actor, takeGrant(actor, word));
      break;
    case "acknowledge":
      countSuperseded(actor, word, out);
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
    case "hand-back":
      returnWaiting(actor, nowMs);
      break;
    default:
      unreachable(word);
  }
}

/** Does what follows from the state as it is (A1). */
function settle(actor: Actor, nowMs: number, out: ActorAction[]): void {
  const { leaving } = actor;
  if (leaving.kind === "left") return; // (E3)
  if (leaving.kind === "draining") {
    returnWaiting(actor, nowMs);
    if (nowMs >= leaving.abortAtMs) returnRunning(actor, out);
  } else if (isStuck(actor)) returnWaiting(actor, nowMs);
  else {
    fillSlots(actor, nowMs, out);
    recall(actor, nowMs, out);
  }
  sayDue(actor, nowMs, out);
  forgetClosedJobs(actor, out);
  if (leaving.kind !== "draining") return; // As a rule: what is unfinished need not be asked for.
  const unfinished = {
    held: heldBy(actor),
    runs: runsOf(actor),
    thing: "range",
    saveRest: () => handIn(actor, out),
  };
  leaveIfDone(actor, unfinished, nowMs, out);
}

/** Leaves for the next driver what none has acknowledged (P6). Whoever holds something has met a run. */
function handIn(actor: Actor, out: ActorAction[]): void {
  const jobs = leftResults(actor.outbox);
  if (jobs.length > 0 && actor.run !== undefined) out.push({ kind: "hand-in", run: actor.run, jobs });
}
