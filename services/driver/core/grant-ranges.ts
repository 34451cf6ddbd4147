// Who is lent which ranges.
//
//   V1. Actors ask, and get at most what they asked for (P7); a ready range and a hungry actor never stand beside each other.
//   V2. When less is ready than is asked for, all who ask get an equal share, by turns: whoever was given something
//       stands last among the hungry (session-book.ts).

import { grantNumber } from "../../shared/core/id.js";
import type { Fact } from "./fact.js";
import { creditLeft, sessionViewOf, type FarmView } from "./farm.js";
import { firstOf } from "./first-of.js";
import type { JobView } from "./job.js";
import { pickRanges } from "./pick-ranges.js";

export function* grantRanges(
  farm: FarmView,
  job: JobView,
  grantRangesMax: number,
): Generator<Fact, void, void> {
  if (job.stage.kind !== "running") return;
  let unserved = 0;
  while (job.ready.size > 0 && farm.hungry.actor.size > 0) {
    if (unserved === 0) unserved = farm.hungry.actor.size; // A round begins.
    const number = firstOf(farm.hungry.actor);
    const session = sessionViewOf(farm, number);
    const share = Math.ceil(job.ready.size / unserved);
    unserved -= 1;
    const spans = pickRanges(job, session, Math.min(creditLeft(session), share, grantRangesMax));
    const grant = grantNumber(job.lastGrant + 1);
    yield { kind: "ranges-granted", job: job.number, grant, session: number, spans };
  }
}
