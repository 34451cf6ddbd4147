// The merger: what is told to it in, what it wants done out. No clock, no dice, no world.
//
//   M1. `step` leaves nothing undone that is due by `nowMs`: whoever drives a merger calls it at each event, and with a
//       `tick` at `wakeAtMs`.
//   M2. Messages that are repeated, late or out of order do no harm. (They come in order on one link; none is to be
//       handed in after its link went down.)
//
// How it speaks with the driver is told in session.ts, how it leaves in services/shared/core/peer-leaving.ts.

import { unreachable } from "../../shared/core/assert.js";
import { drain, firstDueAtMs, leave, leaveIfDone } from "../../shared/core/peer-leaving.js";
import {
  closeLink,
  countReceived,
  hearWelcome,
  heeds,
  lose,
  speakAtMs,
} from "../../shared/core/peer-session.js";
import {
  closeJob,
  endMerge,
  extendJob,
  fillSlots,
  isTooMuch,
  noteProgress,
  openJob,
  returnRunning,
  returnWaiting,
  revoke,
  takeGroup,
} from "./groups.js";
import type { DriverWord, GroupPart } from "./message.js";
import { gatherPart } from "./parts.js";
import { acknowledge, greet, sayDue, sayProgress } from "./session.js";
import { heldBy, runsOf, type Merger } from "./state.js";
import type { MergerAction, MergerEvent } from "./step.js";

/** Tells the merger what happened, and returns what is to be done, in this order. */
export function step(merger: Merger, event: MergerEvent, nowMs: number): readonly MergerAction[] {
  if (merger.leaving.kind === "left") return []; // (E3)
  const out: MergerAction[] = [];
  take(merger, event, nowMs, out);
  settle(merger, nowMs, out);
  return out;
}

/** When the next `tick` is due, after the last `step` at `nowMs`; undefined when there is none (M1). */
export function wakeAtMs(merger: Merger, nowMs: number): number | undefined {
  return firstDueAtMs(merger, speakAtMs(merger), nowMs);
}

function take(merger: Merger, event: MergerEvent, nowMs: number, out: MergerAction[]): void {
  switch (event.kind) {
    case "link-up":
      greet(merger, nowMs, out);
      break;
    case "link-down":
      lose(merger);
      if (event.fenced) leave(merger, "fenced", event.reason, out); // (E2)
      break;
    case "message":
      if (heeds(merger, event.message.epoch, out)) hear(merger, event.message.word, nowMs, out);
      break;
    case "merge-progressed":
      noteProgress(merger, event.slot, event.bytesRead);
      sayProgress(merger, nowMs, out);
      break;
    case "merge-ended":
      endMerge(merger, event, nowMs, out);
      break;
    case "drain-requested":
      drain(merger, event, nowMs);
      break;
    case "tick":
      break;
    default:
      unreachable(event);
  }
}

function hear(merger: Merger, word: DriverWord, nowMs: number, out: MergerAction[]): void {
  if (isTooMuch(merger, word)) return closeLink(merger, "the driver lends more than was asked for", out);
  switch (word.kind) {
    case "welcome":
      hearWelcome(merger, word, nowMs, out);
      break;
    case "open-job":
      openJob(merger, word.job, word.spec);
      break;
    case "extend-job":
      extendJob(merger, word.job, word);
      break;
    case "lend":
      if (takeGroup(merger, word.lent)) countReceived(merger, 1);
      break;
    case "lend-part":
      hearPart(merger, word.part, out);
      break;
    case "acknowledge":
      acknowledge(merger, word.numbers);
      break;
    case "revoke":
      for (const merge of word.merges) revoke(merger, merge, out);
      break;
    case "close-job":
      closeJob(merger, word.job, out);
      break;
    case "drain":
      drain(merger, word, nowMs);
      break;
    case "hand-back":
      returnWaiting(merger, word.reason);
      break;
    default:
      unreachable(word);
  }
}

function hearPart(merger: Merger, part: GroupPart, out: MergerAction[]): void {
  const gathered = gatherPart(merger, part);
  if (gathered === "more") return;
  if (gathered === "missing") closeLink(merger, "a part of a merge group did not come", out);
  else if (takeGroup(merger, gathered)) countReceived(merger, 1);
}

/** Does what follows from the state as it is (M1). */
function settle(merger: Merger, nowMs: number, out: MergerAction[]): void {
  const { leaving } = merger;
  if (leaving.kind === "left") return; // (E3)
  if (leaving.kind === "draining") {
    returnWaiting(merger, leaving.reason);
    if (nowMs >= leaving.abortAtMs) returnRunning(merger, out);
  } else fillSlots(merger, nowMs, out);
  sayDue(merger, nowMs, out);
  const unfinished = {
    held: heldBy(merger),
    runs: runsOf(merger),
    thing: "merge group",
    saveRest: () => undefined, // They are merged anew, by others.
  };
  leaveIfDone(merger, unfinished, nowMs, out);
}
