// What is said to the driver, and when.
//
//   L1. Each link begins with a hello that names all that is held, in pieces; until the welcome nothing else is said.
//   L2. Demand is credit counted from the hello on, and never shrinks. Groups that the hello names do not count. So many
//       are wanted as there are slots that nothing is held for, and what may wait.
//   L3. Results are sent at once, each by itself, and again in the next session until they are acknowledged.
//   L4. Whoever said nothing for the heartbeat interval says something: how far its merges are; or what is still wanted, if
//       the driver owes it, which heals a demand that was lost; else that it lives.
//   L5. A driver of a lower epoch than one met before is not listened to, and its link is closed.

import { assert } from "../../shared/core/assert.js";
import type { Epoch } from "../../shared/core/id.js";
import type { Welcome } from "../../shared/core/peer-message.js";
import { forgetClosedJobs } from "./groups.js";
import type { MergerMessage } from "./message.js";
import { heldBy, resultsOf, runsOf, type Merger, type OpenSession } from "./state.js";
import type { MergerAction } from "./step.js";

/** What one hello names; with the node's facts it stays below 32 KB. */
const helloHeldMax = 1_000;

export function greet(merger: Merger, nowMs: number, out: MergerAction[]): void {
  lose(merger);
  forgetClosedJobs(merger);
  merger.link = { kind: "greeting", sinceMs: nowMs, received: 0 };
  const { merger: name, incarnation, node, slots } = merger.settings;
  const who = { merger: name, incarnation, epoch: merger.epoch, node, slots };
  const all = [...heldBy(merger)];
  for (let from = 0; from === 0 || from < all.length; from += helloHeldMax) {
    const held = all.slice(from, from + helloHeldMax);
    const more = from + helloHeldMax < all.length;
    out.push({ kind: "send", message: { kind: "hello", ...who, held, more } }); // (L1)
  }
}

/** The link is down: what was not acknowledged is to be sent again (L3). */
export function lose(merger: Merger): void {
  merger.link = { kind: "down" };
  merger.outbox.waiting = [...resultsOf(merger)];
  merger.outbox.inFlight.clear();
}

/** Whether to listen to a driver of that epoch (L5). */
export function heeds(merger: Merger, epoch: Epoch, out: MergerAction[]): boolean {
  if (merger.link.kind === "down") return false; // It was closed, and the rest of it is still coming in.
  if (merger.epoch !== undefined && epoch < merger.epoch) {
    lose(merger);
    const reason = `the driver of epoch ${String(epoch)} was replaced: one of epoch ${String(merger.epoch)} was met before`;
    out.push({ kind: "close-link", reason });
    return false;
  }
  merger.epoch = epoch;
  return true;
}

export function beginSession(merger: Merger, welcome: Welcome, nowMs: number): void {
  const { session, heartbeatIntervalMs } = welcome;
  if (merger.link.kind === "open") {
    // A repeat. It may tell a new interval.
    if (merger.link.session === session) merger.link.heartbeatIntervalMs = heartbeatIntervalMs;
    return;
  }
  assert(merger.link.kind === "greeting", "a welcome answers a hello");
  merger.run = welcome.run;
  merger.link = {
    kind: "open",
    session,
    heartbeatIntervalMs,
    received: merger.link.received,
    credit: 0,
    saidAtMs: nowMs,
    saidDraining: false,
  };
}

/** Counts a group that was lent in the session (L2). */
export function countReceived(merger: Merger): void {
  if (merger.link.kind !== "down") merger.link.received += 1;
}

export function acknowledge(merger: Merger, numbers: readonly number[]): void {
  // A number that is not in flight was acknowledged before, or revoked.
  for (const number of numbers) merger.outbox.inFlight.delete(number);
}

/** Says all that is due. */
export function speak(merger: Merger, nowMs: number, out: MergerAction[]): void {
  const { link } = merger;
  if (link.kind === "greeting" && nowMs >= link.sinceMs + merger.settings.welcomeWaitMs) {
    lose(merger);
    const waited = `${String(Math.round(merger.settings.welcomeWaitMs / 1000))} s`;
    out.push({ kind: "close-link", reason: `the driver did not answer the hello within ${waited}` });
  }
  if (link.kind !== "open") return; // (L1)
  const say = (message: MergerMessage): void => {
    link.saidAtMs = nowMs;
    out.push({ kind: "send", message });
  };
  if (merger.leaving.kind === "draining" && !link.saidDraining) {
    link.saidDraining = true;
    say({ kind: "draining", reason: merger.leaving.reason });
  }
  sayResults(merger, say);
  sayDemand(merger, link, say);
  if (nowMs >= link.saidAtMs + link.heartbeatIntervalMs) sayAlive(merger, link, say);
}

/** When something will be due to be said, if nothing happens before. */
export function speakAtMs(merger: Merger): readonly number[] {
  const { link } = merger;
  switch (link.kind) {
    case "down":
      return [];
    case "greeting":
      return [link.sinceMs + merger.settings.welcomeWaitMs];
    case "open":
      return [link.saidAtMs + link.heartbeatIntervalMs];
  }
}

type Say = (message: MergerMessage) => void;

function sayResults({ outbox }: Merger, say: Say): void {
  for (const result of outbox.waiting) {
    const number = outbox.nextNumber;
    outbox.nextNumber += 1;
    outbox.inFlight.set(number, result);
    say({ kind: "result", number, ...result }); // (L3)
  }
  outbox.waiting = [];
}

function sayDemand(merger: Merger, link: OpenSession, say: Say): void {
  if (merger.leaving.kind !== "staying") return; // Who is about to leave wants nothing more.
  const { slots, prefetch } = merger.settings;
  const held = merger.waiting.size + [...runsOf(merger)].length;
  const credit = link.received + Math.max(0, slots + prefetch - held);
  if (credit <= link.credit) return; // (L2)
  link.credit = credit;
  say({ kind: "demand", credit });
}

/** (L4) */
function sayAlive(merger: Merger, link: OpenSession, say: Say): void {
  const isOwed = merger.leaving.kind === "staying" && link.received < link.credit;
  say(isOwed ? { kind: "demand", credit: link.credit } : { kind: "heartbeat" });
  for (const run of runsOf(merger)) {
    if (run.fate !== "wanted" || run.bytesRead === run.bytesSaid) continue;
    run.bytesSaid = run.bytesRead;
    say({ kind: "progress", merge: run.merge, bytesRead: run.bytesRead });
  }
}
