// What a session holds, in the order in which its actor begins it: by job, grant, range.

import type { GrantNumber, JobNumber } from "../../../shared/core/id.js";
import { eachRange, SpansBuilder } from "../../../shared/core/spans.js";
import type { GrantedSpans } from "../facts/fact.js";
import type { FarmView, SessionView } from "./farm.js";
import { insideJob } from "./fault.js";
import { isHolder } from "./holders.js";
import type { JobView } from "./job.js";

/**
 * Of each job, the ranges that may run: as many of the oldest as the session has slots. An actor begins them in this order,
 * and tells nobody which it has begun.
 */
export function mayRun(farm: FarmView, session: SessionView): GrantedSpans[] {
  return heldIn(farm, session, (place) => place < session.slots);
}

/** The others: they wait on the node. */
export function mustWaitThere(farm: FarmView, session: SessionView): GrantedSpans[] {
  return heldIn(farm, session, (place) => place >= session.slots);
}

function heldIn(farm: FarmView, session: SessionView, isMeant: (place: number) => boolean): GrantedSpans[] {
  const meant: GrantedSpans[] = [];
  for (const [number, grants] of session.holds) {
    const job = farm.jobs.get(number);
    if (job === undefined) continue;
    meant.push(
      ...insideJob(number, "what is held was looked at", () => heldOfJob(job, [...grants], isMeant)),
    );
  }
  return meant;
}

function heldOfJob(
  job: JobView,
  grants: readonly GrantNumber[],
  isMeant: (place: number) => boolean,
): GrantedSpans[] {
  const meant: GrantedSpans[] = [];
  let place = 0;
  for (const grant of [...grants].sort((one, other) => one - other)) {
    const spans = new SpansBuilder();
    for (const range of eachRange(job.grants.get(grant)?.spans ?? spans)) {
      if (!isHolder(job, range, grant)) continue;
      if (isMeant(place)) spans.add(range);
      place += 1;
    }
    if (!spans.isEmpty) meant.push(entryOf(job.number, grant, spans));
  }
  return meant;
}

function entryOf(job: JobNumber, grant: GrantNumber, { first, count }: SpansBuilder): GrantedSpans {
  return { job, grant, spans: { first, count } };
}
