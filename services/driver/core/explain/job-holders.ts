// Who holds ranges of a job, for explanations.

import type { Bench } from "../bench.js";
import type { SessionView } from "../state/farm.js";
import type { JobView } from "../state/job.js";

/** An actor, and how many ranges of the job it holds. */
export interface Holder {
  readonly session: SessionView;
  readonly held: number;
}

/** Who holds ranges of the job, the one that holds most first. */
export function holdersOf({ farm }: Bench, job: JobView): readonly Holder[] {
  const held = new Map<SessionView, number>();
  for (const { session: number, left } of job.grants.values()) {
    const session = farm.sessions.get(number);
    if (session !== undefined) held.set(session, (held.get(session) ?? 0) + left);
  }
  return [...held].map(([session, left]) => ({ session, held: left })).sort((a, b) => b.held - a.held);
}
