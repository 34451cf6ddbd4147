// What a merger says to the driver, and when: L1 to L6 of services/shared/core/peer-session.ts, and of its own
//
//   L2. So many groups are wanted as there are slots that nothing is held for, and what may wait: merges differ in length,
//       and a group that waits here waits for no other merger. But where they are short, asking takes as long as merging.
//   L3. Results are sent at once, each by itself.
//   L4. How far a merge is is said when that is news to the driver, as often as whoever runs it tells.

import { beginGreeting, speak, type Voice } from "../../shared/core/peer-session.js";
import type { OpenSession } from "../../shared/core/peer-state.js";
import { forgetIdleJobs } from "./groups.js";
import type { MergerMessage } from "./message.js";
import { heldBy, resultsOf, runsOf, type Merger } from "./state.js";
import type { MergerAction } from "./step.js";

/** What one hello names; with the node's facts it stays below 32 KB. */
const helloHeldMax = 1_000;

/** A new link: says who joins and what it holds. What was not acknowledged is to be sent again (L3). */
export function greet(merger: Merger, nowMs: number, out: MergerAction[]): void {
  merger.outbox.waiting = [...resultsOf(merger)];
  merger.outbox.inFlight.clear();
  merger.gathered = undefined;
  for (const run of runsOf(merger)) run.bytesSaid = undefined;
  forgetIdleJobs(merger);
  const who = { ...beginGreeting(merger, nowMs), merger: merger.settings.merger };
  const all = [...heldBy(merger)];
  for (let from = 0; from === 0 || from < all.length; from += helloHeldMax) {
    const held = all.slice(from, from + helloHeldMax);
    const more = from + helloHeldMax < all.length;
    out.push({ kind: "send", message: { ...who, held, more } }); // (L1)
  }
}

export function acknowledge(merger: Merger, numbers: readonly number[]): void {
  // A number that is not in flight was acknowledged before, or revoked.
  for (const number of numbers) merger.outbox.inFlight.delete(number);
}

export function sayDue(merger: Merger, nowMs: number, out: MergerAction[]): void {
  const voice: Voice<MergerMessage> = {
    results: () => newResults(merger),
    credit: (session) => wantedCredit(merger, session),
  };
  speak<MergerMessage>(merger, voice, nowMs, out);
}

/** (L3) */
function* newResults({ outbox }: Merger): Generator<MergerMessage> {
  for (const result of outbox.waiting) {
    const number = outbox.nextNumber;
    outbox.nextNumber += 1;
    outbox.inFlight.set(number, result);
    yield { kind: "result", number, ...result };
  }
  outbox.waiting = [];
}

/** (L2) */
function wantedCredit(merger: Merger, session: OpenSession): number {
  const { slots, prefetch, shortMergeMs } = merger.settings;
  const ahead = (merger.lastMergeMs ?? shortMergeMs) < shortMergeMs ? prefetch : 0;
  const held = merger.waiting.size + [...runsOf(merger)].length;
  return session.received + Math.max(0, slots + ahead - held);
}

/** (L4) */
export function sayProgress(merger: Merger, nowMs: number, out: MergerAction[]): void {
  if (merger.link.kind !== "open") return;
  for (const run of runsOf(merger)) {
    if (run.fate !== "wanted" || run.bytesRead === run.bytesSaid) continue;
    run.bytesSaid = run.bytesRead;
    const { merge, bytesRead, bytesTotal, beganAtMs } = run;
    const runningMs = Math.round(nowMs - beganAtMs);
    merger.link.saidAtMs = nowMs;
    out.push({ kind: "send", message: { kind: "progress", merge, bytesRead, bytesTotal, runningMs } });
  }
}
