// Why ranges of a job are ready and nobody is lent them: they wait for an actor, for their time, or for another node.

import { formatDuration } from "../../../shared/core/duration.js";
import type { Bench } from "../bench.js";
import { figure, listed, verb } from "./explain-words.js";
import type { Cause } from "./explanation.js";
import { whyNobody } from "./hindrance.js";
import type { JobView } from "../state/job.js";
import { roomMax } from "../grant/pick-ranges.js";
import type { ShelfView } from "../state/waiting-room.js";

/** Kinds of ranges that failed, told one by one. */
const shelvesShown = 3;

/** What the ready ranges of a job wait for, group by group; none when there are none. */
export function whyReady(bench: Bench, job: JobView): readonly Cause[] {
  const shelves = [...job.room.shelves()]
    .sort((a, b) => b.ranges.size - a.ranges.size)
    .slice(0, shelvesShown);
  const waits = [...whyFresh(bench, job), ...shelves.map((shelf) => whyShelved(bench, job, shelf))];
  return [...together(waits).map(causeOf), ...whyDelayed(bench, job)];
}

/** So many ranges wait for something, and why in vain. */
interface Wait {
  readonly size: number;
  readonly want: string;
  readonly why: string;
  readonly advice: string;
}

/** Those that wait for the same, for the same reason, are told of once. */
function together(waits: readonly Wait[]): readonly Wait[] {
  const told = new Map<string, Wait>();
  for (const wait of waits) {
    const key = `${wait.want} ${wait.why}`;
    told.set(key, { ...wait, size: wait.size + (told.get(key)?.size ?? 0) });
  }
  return [...told.values()];
}

function causeOf({ size, want, why, advice }: Wait): Cause {
  return { clause: `${figure(size)} ${verb(size, "waits", "wait")} ${want} (${why})`, advice };
}

function whyFresh(bench: Bench, job: JobView): readonly Wait[] {
  const { size } = job.ready;
  if (size === 0) return [];
  if (job.room.size >= roomMax)
    return [
      {
        size,
        want: `until fewer than ${figure(roomMax)} wait for another try`,
        why: "they were not tried yet",
        advice: "",
      },
    ];
  const { clause, advice } = whyNobody(bench, "actor", { job });
  return [{ size, want: "for an actor", why: clause, advice }];
}

/** Ranges that may be granted now, but not to anybody. */
function whyShelved(bench: Bench, job: JobView, shelf: ShelfView): Wait {
  const { clause, advice } = whyNobody(bench, "actor", { job, shelf });
  return { size: shelf.ranges.size, want: wantOf(shelf), why: clause, advice };
}

/** What kind of actor ranges wait for, after "wait". */
export function wantOf({ avoids, solitary }: Pick<ShelfView, "avoids" | "solitary">): string {
  const where = avoids.length === 0 ? "for an actor" : `for another node than ${listed(avoids)}`;
  return solitary ? `${where} that holds nothing else` : where;
}

function whyDelayed({ moment }: Bench, { room }: JobView): readonly Cause[] {
  const delayed = room.size - room.dueSize;
  const dueUnixMs = room.nextDueUnixMs();
  if (delayed === 0 || dueUnixMs === undefined) return [];
  const inMs = Math.max(0, dueUnixMs - moment.unixMs);
  const when = delayed === 1 ? " in" : ", the first in";
  return [
    {
      clause: `${figure(delayed)} failed and ${verb(delayed)} tried again${when} ${formatDuration(inMs)}`,
      advice: "",
    },
  ];
}
