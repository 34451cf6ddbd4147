// Writes the report of a job: its lists, and then `report.json`, which speaks of them.
//
//   W1. One report of a job is written at a time, so that the last one stays.
//   W2. Each file is there whole or not at all; `report.json` comes last, so that a report that is over has its lists.
//   W3. What is begun while the job is at work is given up when the job has ended meanwhile: the last report follows.
//   W4. A driver that was replaced writes nothing any more.

import type { Clock } from "../../shared/core/clock.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { LatencySummary } from "../../shared/core/latencies.js";
import { jobFolder } from "../../shared/core/names.js";
import { reportLists, type ReportHead, type ReportTimes } from "../../shared/core/report.js";
import { reportBasics, type ReportBasics } from "../core/report.js";
import { jobViewOf } from "../core/state/farm.js";
import { isAtWork } from "../core/state/job.js";
import type { JobFiles } from "./job-files.js";
import { nothingTallied, type Tallied } from "./job-tallies.js";
import { ReportLists, type ReadFarm } from "./report-lists.js";

export interface ReportParts {
  readonly files: Pick<JobFiles, "writeWhole">;
  /** The farm as it is committed, to be read at once and not kept. */
  readonly read: ReadFarm;
  readonly clock: Pick<Clock, "unixMs">;
  /** What is known of how long things take; default: nothing. */
  readonly latencies?: () => readonly LatencySummary[];
  /** What else is known of a job; default: nothing. */
  readonly tallied?: (job: JobNumber) => Promise<Tallied>;
  /** Whether this driver is the run's (W4); default: it is. */
  readonly isCurrent?: () => Promise<boolean>;
}

export class ReportWriter {
  readonly #parts: ReportParts;
  /** By job, the report that is being written, or the last of those that wait (W1). */
  readonly #writing = new Map<JobNumber, Promise<void>>();

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  /** Of a job that has ended. May be repeated. */
  writeLast(job: JobNumber): Promise<void> {
    return this.#inTurn(job, () => this.#write(job, "ended"));
  }

  /** Of a job that is at work; nothing of any other (W3). */
  update(job: JobNumber): Promise<void> {
    return this.#inTurn(job, () => this.#write(job, "at-work"));
  }

  async #inTurn(job: JobNumber, write: () => Promise<void>): Promise<void> {
    const before = this.#writing.get(job) ?? Promise.resolve();
    const writing = before.catch(() => undefined).then(write); // Who asked for that one is told of its failure.
    this.#writing.set(job, writing);
    try {
      await writing;
    } finally {
      if (this.#writing.get(job) === writing) this.#writing.delete(job);
    }
  }

  async #write(job: JobNumber, expected: "ended" | "at-work"): Promise<void> {
    const { files, read } = this.#parts;
    const stands = (): Promise<boolean> =>
      read((farm) => isAtWork(jobViewOf(farm, job)) === (expected === "at-work"));
    if (!(await stands())) return;
    const lists = new ReportLists(read, job);
    const folder = jobFolder(job);
    for (const list of reportLists) {
      await this.#checkClaim();
      await files.writeWhole(`${folder}/${list}.jsonl`, lists.write(list));
    }
    const tallied = (await this.#parts.tallied?.(job)) ?? nothingTallied;
    const basics = await read((farm) => reportBasics(farm, jobViewOf(farm, job)));
    if (!(await stands())) return;
    await this.#checkClaim();
    const head = this.#head(basics, tallied, lists);
    await files.writeWhole(`${folder}/report.json`, `${JSON.stringify(head, undefined, 1)}\n`); // (W2)
  }

  async #checkClaim(): Promise<void> {
    if ((await this.#parts.isCurrent?.()) === false)
      throw new Error("another driver has taken over this workdir"); // (W4)
  }

  #head(basics: ReportBasics, { times, utilisation }: Tallied, lists: ReportLists): ReportHead {
    const { clock, latencies } = this.#parts;
    const { submittedAtUnixMs, endedAtUnixMs, failuresCounted, quarantinedNodes, spec, ...rest } = basics;
    const { lines, ranges, mergedFiles } = lists;
    return {
      version: 1,
      ...rest,
      times: {
        submitted: isoTime(submittedAtUnixMs),
        ...timeOf("firstDone", times.firstDone),
        ...timeOf("lastDone", times.lastDone),
        ...timeOf("lastMerged", times.lastMerged),
        ...timeOf("ended", endedAtUnixMs),
        updated: isoTime(clock.unixMs()),
      },
      ranges: ranges.ranges,
      events: ranges.events,
      mergedFiles,
      failed: ranges.reasons,
      failures: { counted: failuresCounted, told: lines.failures },
      quarantinedNodes: quarantinedNodes.map(({ sinceUnixMs, ...node }) => {
        return { ...node, since: isoTime(sinceUnixMs) };
      }),
      utilisation,
      latencies: latencies?.() ?? [],
      lists: lines,
      spec,
    };
  }
}

/** Nothing when it is not known. */
function timeOf(name: keyof ReportTimes, unixMs: number | undefined): Partial<ReportTimes> {
  return unixMs === undefined ? {} : { [name]: isoTime(unixMs) };
}

/** Times are for people here. */
function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
