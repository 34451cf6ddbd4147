// The merger: what is told to it in, what it wants done out. No clock, no dice, no world.
//
//   M1. `step` leaves nothing undone that is due by `nowMs`: whoever drives a merger calls it at each event, and with a
//       `tick` at `wakeAtMs`.
//   M2. Messages that are repeated, late or out of order do no harm. (They come in order on one link; none is to be
//       handed in after its link went down.)
//   M3. Who drains begins nothing more, hands back what waits at once, and what still runs when the grace is over. It
//       leaves when all is acknowledged, and in any case `handInMs` after the grace (P10).
//   M4. A merger that was fenced, or whose workdir serves another run, leaves at once: its grants are not its own.
//   M5. After `exit` nothing follows.

import { unreachable } from "../../shared/core/assert.js";
import type { Welcome } from "../../shared/core/peer-message.js";
import type { ExitKind } from "../../shared/core/peer-step.js";
import {
  closeJob,
  endMerge,
  fillSlots,
  noteProgress,
  openJob,
  returnRunning,
  returnWaiting,
  revoke,
  takeGroup,
} from "./groups.js";
import type { DriverWord } from "./message.js";
import { acknowledge, beginSession, countReceived, greet, heeds, lose, speak, speakAtMs } from "./session.js";
import { heldBy, runsOf, type Merger } from "./state.js";
import type { MergerAction, MergerEvent } from "./step.js";

/** Tells the merger what happened, and returns what is to be done, in this order. */
export function step(merger: Merger, event: MergerEvent, nowMs: number): readonly MergerAction[] {
  if (merger.leaving.kind === "left") return []; // (M5)
  const out: MergerAction[] = [];
  take(merger, event, nowMs, out);
  settle(merger, nowMs, out);
  return out;
}

/** When the next `tick` is due, after the last `step` at `nowMs`; undefined when there is none (M1). */
export function wakeAtMs(merger: Merger, nowMs: number): number | undefined {
  const { leaving } = merger;
  if (leaving.kind === "left") return undefined;
  const due = [...speakAtMs(merger)];
  if (leaving.kind === "draining") due.push(leaving.abortAtMs, leaving.exitAtMs);
  // What was due by now is done, or waits for an event.
  const later = due.filter((atMs) => atMs > nowMs);
  return later.length === 0 ? undefined : Math.min(...later);
}

function take(merger: Merger, event: MergerEvent, nowMs: number, out: MergerAction[]): void {
  switch (event.kind) {
    case "link-up":
      greet(merger, nowMs, out);
      break;
    case "link-down":
      lose(merger);
      if (event.fenced) leave(merger, "fenced", event.reason, out); // (M4)
      break;
    case "message":
      if (heeds(merger, event.message.epoch, out)) hear(merger, event.message.word, nowMs, out);
      break;
    case "merge-progressed":
      noteProgress(merger, event.slot, event.bytesRead);
      break;
    case "merge-ended":
      endMerge(merger, event, out);
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
  switch (word.kind) {
    case "welcome":
      welcome(merger, word, nowMs, out);
      break;
    case "open-job":
      openJob(merger, word.job, word.spec);
      break;
    case "lend":
      if (takeGroup(merger, word.lent)) countReceived(merger);
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
    default:
      unreachable(word);
  }
}

function welcome(merger: Merger, word: Welcome, nowMs: number, out: MergerAction[]): void {
  if (merger.run === undefined || merger.run === word.run) beginSession(merger, word, nowMs);
  else leave(merger, "fenced", `the workdir serves run ${word.run}, and this merger run ${merger.run}`, out); // (M4)
}

/** Does what follows from the state as it is (M1). */
function settle(merger: Merger, nowMs: number, out: MergerAction[]): void {
  const { leaving } = merger;
  if (leaving.kind === "left") return;
  if (leaving.kind === "draining") {
    returnWaiting(merger, leaving.reason);
    if (nowMs >= leaving.abortAtMs) returnRunning(merger, out);
  } else fillSlots(merger, out);
  speak(merger, nowMs, out);
  leaveIfDone(merger, nowMs, out);
}

/** A second request may shorten the grace of the first. */
function drain(
  merger: Merger,
  asked: { readonly reason: string; readonly graceMs: number },
  nowMs: number,
): void {
  const { leaving, settings } = merger;
  const abortAtMs = nowMs + asked.graceMs;
  if (leaving.kind === "draining" && leaving.abortAtMs <= abortAtMs) return;
  const reason = leaving.kind === "draining" ? leaving.reason : asked.reason;
  merger.leaving = { kind: "draining", reason, abortAtMs, exitAtMs: abortAtMs + settings.handInMs };
}

function leaveIfDone(merger: Merger, nowMs: number, out: MergerAction[]): void {
  const { leaving } = merger;
  if (leaving.kind !== "draining") return;
  const held = [...heldBy(merger)].length;
  const runs = [...runsOf(merger)].length;
  if (held === 0 && runs === 0) leave(merger, "drained", `${leaving.reason}; all is handed in`, out);
  else if (nowMs >= leaving.exitAtMs) {
    leave(merger, "left-behind", `${leaving.reason}; ${String(held)} merge groups are not handed in`, out);
  }
}

function leave(merger: Merger, exit: ExitKind, reason: string, out: MergerAction[]): void {
  merger.leaving = { kind: "left" };
  out.push({ kind: "exit", exit, reason });
}
