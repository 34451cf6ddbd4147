// How far merges are that run, as their mergers tell. None of it is durable.
//
//   E2. What a stream says of a merge goes with the stream, and with the merge: only of groups that are lent to it under that
//       grant anything is told.
//   E3. Of one stream no more is kept than a merger has slots (P7): the oldest news go first.
//   E4. Who asks for a job is told of its merges without a look at those of others: they may be many, and jobs are asked for at
//       every change.

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
  readonly stream: StreamKey;
  readonly sinceMs: number;
}

export class MergeNews {
  /** By stream, and by job and grant. */
  readonly #told = new Map<StreamKey, Map<string, Told>>();
  /** The same (E4). */
  readonly #ofJob = new Map<JobNumber, Set<Told>>();
  readonly #onProgress: (job: JobNumber) => void;
  readonly #clock: Pick<Clock, "nowMs">;

  constructor(onProgress: (job: JobNumber) => void, clock: Pick<Clock, "nowMs"> = systemClock) {
    this.#onProgress = onProgress;
    this.#clock = clock;
  }

  hear(stream: StreamKey, { runningMs, ...progress }: MergeProgress): void {
    const { job } = progress.merge;
    const before = this.#told.get(stream)?.get(keyOf(progress.merge));
    if (before !== undefined) this.#drop(before);
    const told = { ...progress, stream, sinceMs: this.#clock.nowMs() - runningMs };
    const ofStream = this.#told.get(stream) ?? new Map<string, Told>();
    this.#told.set(stream, ofStream.set(keyOf(told.merge), told));
    this.#ofJob.set(job, (this.#ofJob.get(job) ?? new Set()).add(told));
    const [oldest] = ofStream.values();
    if (ofStream.size > mergesOfStreamMax && oldest !== undefined) this.#drop(oldest); // (E3)
    this.#onProgress(job);
  }

  forget(stream: StreamKey): void {
    for (const told of this.#told.get(stream)?.values() ?? []) this.#drop(told);
  }

  /** The merges of a job that run for some seconds or longer. */
  of(farm: FarmView, job: JobNumber): RunningMerges {
    const merging: RunningMerge[] = [];
    for (const told of this.#ofJob.get(job) ?? []) {
      const { stream, merge, sinceMs, bytesRead, bytesTotal } = told;
      const merger = sessionOfStream(farm, stream);
      const stage = farm.jobs.get(job)?.groups.get(merge.group)?.stage;
      const isLent = stage?.kind === "granted" && stage.grant === merge.grant;
      if (!isLent || stage.session !== merger?.number)
        this.#drop(told); // (E2)
      else {
        const runningMs = this.#clock.nowMs() - sinceMs;
        merging.push({ merger: merger.name, group: merge.group, bytesRead, bytesTotal, runningMs });
      }
    }
    merging.sort((a, b) => b.runningMs - a.runningMs);
    return { mergesRunning: merging.length, merging: merging.slice(0, namedMax) };
  }

  #drop(told: Told): void {
    const { stream, merge } = told;
    const ofStream = this.#told.get(stream);
    ofStream?.delete(keyOf(merge));
    if (ofStream?.size === 0) this.#told.delete(stream);
    const ofJob = this.#ofJob.get(merge.job);
    ofJob?.delete(told);
    if (ofJob?.size === 0) this.#ofJob.delete(merge.job);
  }
}

function keyOf({ job, grant }: MergeGrant): string {
  return `${job}/${grant}`;
}
