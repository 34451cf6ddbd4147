// A range that is to be alone on its node gets one, though other work would keep every actor busy for ever.
//
//   H1. While such a range may be granted, the actor that holds least of those that may have it is lent nothing else, until
//       it holds nothing and has the range (pick-ranges.ts, K6).
//   H2. There is one such actor at a time: an actor that empties costs slots, and such ranges are rare.
//   H3. Asked at ticks only. It is chosen anew when it has left, or may not have any such range any more.

import type { Bench } from "../bench.js";
import { canRun } from "../decide/can-run.js";
import type { Fact, Reservation } from "../facts/fact.js";
import { creditLeft, jobViewOf, sessionViewOf, type FarmView, type SessionView } from "../state/farm.js";
import { insideJob } from "../state/fault.js";
import { isLendable } from "../state/fleet.js";
import type { JobView } from "../state/job.js";
import { holdsSolitary, mayTry } from "./pick-ranges.js";
import type { ShelfView } from "../state/waiting-room.js";
import { roomFor } from "./wall-time.js";

export function* reserve(bench: Bench): Generator<Fact, void, void> {
  const { farm } = bench;
  const reserved = reservation(bench);
  const { session, job } = farm.reserved ?? {};
  if (reserved?.session !== session || reserved?.job !== job) yield { kind: "actor-reserved", reserved };
}

function reservation(bench: Bench): Reservation | undefined {
  const { farm } = bench;
  for (const number of farm.live) {
    const job = jobViewOf(farm, number);
    if (job.stage.kind !== "running" || job.room.solitarySize === 0) continue;
    const session = insideJob(number, "an actor was looked for", () => emptiestOfAll(bench, job));
    if (session !== undefined) return { session: session.number, job: number };
  }
  return undefined;
}

function emptiestOfAll(bench: Bench, job: JobView): SessionView | undefined {
  for (const shelf of job.room.shelves()) {
    const session = shelf.solitary ? emptiest(bench, job, shelf) : undefined;
    if (session !== undefined) return session;
  }
  return undefined;
}

/** Whoever is reserved already, or else holds least, of those that may have ranges of the shelf (H1, H3). */
function emptiest(bench: Bench, job: JobView, shelf: ShelfView): SessionView | undefined {
  const { farm, moment } = bench;
  let best: SessionView | undefined;
  for (const session of actorsThatAsk(farm)) {
    if (!canRun(job, session) || roomFor(job, session, moment.nowMs) <= 0) continue;
    if (!mayTry(bench, job, session, shelf.avoids)) continue;
    if (session.number === farm.reserved?.session) return session;
    if (best === undefined || session.held < best.held) best = session;
  }
  return best;
}

/** Those that may come to be empty, and to ask for more. */
function* actorsThatAsk(farm: FarmView): Generator<SessionView, void, void> {
  for (const name of farm.able) {
    for (const number of farm.nodes.get(name)?.actors ?? []) {
      const session = sessionViewOf(farm, number);
      const isSilent = session.held === 0 && creditLeft(session) <= 0;
      if (isLendable(session) && !isSilent && !holdsSolitary(farm, session)) yield session;
    }
  }
}
