// Which of a job's ready ranges a session is lent.
//
//   K4. First those that waited in the room and that this session may have; then those that come first in the job.
//   K5. A range avoids nodes only while there is another that could take it; then one that is sound (node.ts, N2), where
//       there is one: whoever failed last is no witness. A node that is unheard is not given again what avoids it (unproven.ts,
//       U2).
//   K6. A solitary range is given to a session that holds nothing, and that session gets nothing beside it; nor does one
//       that is reserved for such a range (reserve.ts) get anything else.
//   K7. While too many ranges wait in the room, no fresh ones are given (P7).

import { noSpans, type Spans } from "../../../shared/core/spans.js";
import type { Bench } from "../bench.js";
import type { FarmView, SessionView } from "../state/farm.js";
import type { JobView } from "../state/job.js";
import { isAnotherAble, isAnotherSound } from "../decide/other-node.js";
import { isUnheard } from "../decide/unproven.js";
import type { ShelfView } from "../state/waiting-room.js";

export interface Pick {
  readonly spans: Spans;
  readonly alone: boolean;
}

/** In one job's waiting room. */
export const roomMax = 1_000_000;

const nothing: Pick = { spans: noSpans, alone: false };

/** At most so many ranges for the session; none when there are none for it. */
export function pickRanges(bench: Bench, job: JobView, session: SessionView, most: number): Pick {
  const { farm } = bench;
  if (holdsSolitary(farm, session)) return nothing; // (K6)
  const isReserved = farm.reserved?.session === session.number;
  if (job.room.dueSize > 0) {
    for (const shelf of job.room.shelves()) {
      if (!mayHave(bench, job, session, shelf) || (isReserved && !shelf.solitary)) continue;
      return { spans: shelf.ranges.front(shelf.alone ? 1 : most), alone: shelf.alone };
    }
  }
  if (isReserved) return nothing;
  return job.room.size < roomMax ? { spans: job.ready.front(most), alone: false } : nothing; // (K7)
}

/** How many ranges may be granted now, each to whoever may have it. */
export function grantable({ ready, room }: JobView): number {
  return room.dueSize + (room.size < roomMax ? ready.size : 0);
}

/** (K5, K6) */
function mayHave(bench: Bench, job: JobView, session: SessionView, { avoids, solitary }: ShelfView): boolean {
  return !(solitary && session.holds.size > 0) && mayTry(bench, job, session, avoids);
}

/** Whether the session's node may try ranges of the job that avoid those nodes (K5). */
export function mayTry(bench: Bench, job: JobView, session: SessionView, avoids: readonly string[]): boolean {
  if (avoids.length === 0) return true;
  const { farm } = bench;
  const { node } = session;
  if (!avoids.includes(node)) return farm.sound.has(node) || !isAnotherSound(farm, job, avoids);
  return !isAnotherAble(farm, job, avoids) && !isUnheard(bench, job, node);
}

/** Whether the session gets nothing that is not solitary (K6). */
export function isKeptFree(farm: FarmView, session: SessionView): boolean {
  return farm.reserved?.session === session.number || holdsSolitary(farm, session);
}

/** Such a grant is the only one of its session, and of one range. */
export function holdsSolitary(farm: FarmView, { held, holds }: SessionView): boolean {
  if (held !== 1) return false;
  for (const [number, grants] of holds) {
    const job = farm.jobs.get(number);
    for (const grant of grants) {
      const [range = -1] = job?.grants.get(grant)?.spans.first ?? [];
      if (job?.grants.get(grant)?.alone === true) return job.trials.get(range)?.solitary === true;
    }
  }
  return false;
}
