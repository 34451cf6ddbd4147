// How far merges are that run, as their mergers tell. None of it is durable.
//
//   E2. What a stream says of a merge goes with the stream, and with the merge: only of groups that are lent to it under that
//       grant anything is told.
//   E3. Of one stream no more is kept than a merger has slots (P7): the oldest news go first.

import type { Clock } from "../../shared/core/clock.js";
import type { JobNumber } from "../../shared/core/id.js";
import { systemClock } from "../../shared/io/system-clock.js";
import type { MergeGrant, StreamKey } from "../core/facts/fact.js";
import { sessionOfStream, type FarmView } from "../core/state/farm.js";
import type { MergeProgress } from "./heard.js";

/** A merge that runs. */
export interface RunningMerge {
  readonly merger: string;
  readonly group: number;
  readonly bytesRead: number;
  /** Of all its inputs; 0 when an older merger does not tell. */
  readonly bytesTotal: number;
  readonly runningMs: number;
}

/** What is told of the merges of a job. */
export interface RunningMerges {
  readonly mergesRunning: number;
  /** Those that run longest first, and so many at most. */
  readonly merging: readonly RunningMerge[];
}

/** Merges that a status names. */
const namedMax = 10;
/** As many slots as a merger may have. */
const mergesOfStreamMax = 256;

interface Told extends Omit<MergeProgress, "runningMs"> {
  readonly sinceMs: number;
}

export class MergeNews {
  /** By stream, and by job and grant. */
  readonly #told = new Map<StreamKey, Map<string, Told>>();
  readonly #onProgress: (job: JobNumber) => void;
  readonly #clock: Pick<Clock, "nowMs">;

  constructor(onProgress: (job: JobNumber) => void, clock: Pick<Clock, "nowMs"> = systemClock) {
    this.#onProgress = onProgress;
    this.#clock = clock;
  }

  hear(stream: StreamKey, { runningMs, ...progress }: MergeProgress): void {
    const told = this.#told.get(stream) ?? new Map<string, Told>();
    this.#told.set(stream, told);
    const key = keyOf(progress.merge);
    told.delete(key);
    told.set(key, { ...progress, sinceMs: this.#clock.nowMs() - runningMs });
    const [oldest] = told.keys();
    if (told.size > mergesOfStreamMax && oldest !== undefined) told.delete(oldest); // (E3)
    this.#onProgress(progress.merge.job);
  }

  forget(stream: StreamKey): void {
    this.#told.delete(stream);
  }

  /** The merges of a job that run for some seconds or longer. */
  of(farm: FarmView, job: JobNumber): RunningMerges {
    const merging: RunningMerge[] = [];
    for (const [stream, told] of this.#told) {
      const merger = sessionOfStream(farm, stream);
      for (const [key, { merge, sinceMs, bytesRead, bytesTotal }] of told) {
        if (merge.job !== job) continue;
        const stage = farm.jobs.get(job)?.groups.get(merge.group)?.stage;
        const isLent = stage?.kind === "granted" && stage.grant === merge.grant;
        if (!isLent || stage.session !== merger?.number)
          told.delete(key); // (E2)
        else {
          const runningMs = this.#clock.nowMs() - sinceMs;
          merging.push({ merger: merger.name, group: merge.group, bytesRead, bytesTotal, runningMs });
        }
      }
    }
    merging.sort((a, b) => b.runningMs - a.runningMs);
    return { mergesRunning: merging.length, merging: merging.slice(0, namedMax) };
  }
}

function keyOf({ job, grant }: MergeGrant): string {
  return `${job}/${grant}`;
}
