// Writes the report of a job: its lists, and then `report.json`, which speaks of them.
//
//   W1. One report of a job is written at a time, so that the last one stays.
//   W2. Each file is there whole or not at all; `report.json` comes last, so that a report that is over has its lists.
//   W3. What is begun while the job is at work is given up as soon as the job has ended: the last report need not wait for it.
//   W4. A driver that was replaced gives no file its name any more.

import type { Clock } from "../../shared/core/clock.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { LatencySummary } from "../../shared/core/latencies.js";
import { jobFolder } from "../../shared/core/names.js";
import { reportLists, reportSchema, type ReportHead, type ReportTimes } from "../../shared/core/report.js";
import { lastFates, reportBasics, type ReportBasics } from "../core/report.js";
import { jobViewOf } from "../core/state/farm.js";
import { isAtWork } from "../core/state/job.js";
import type { JobFiles } from "./job-files.js";
import { nothingTallied, type Tallied } from "./job-tallies.js";
import { ReportLists, type EndsOfFailures, type ReadFarm } from "./report-lists.js";

export interface ReportParts {
  readonly files: Pick<JobFiles, "writeWhole">;
  /** The farm as it is committed, to be read at once and not kept. */
  readonly read: ReadFarm;
  readonly clock: Pick<Clock, "unixMs">;
  /** What is known of how long things take; default: nothing. */
  readonly latencies?: () => readonly LatencySummary[];
  /** What else is known of a job; default: nothing. */
  readonly tallied?: (job: JobNumber) => Promise<Tallied>;
  /** How failures ended of which the farm does not know it; default: nothing. */
  readonly failureEnds?: EndsOfFailures;
  /** Whether this driver is the run's (W4); default: it is. */
  readonly isCurrent?: () => Promise<boolean>;
}

/** What the job is expected to be, all the while that it is reported. */
type Standing = "ended" | "at-work";

/** Nobody wants this report any more. */
class Overtaken extends Error {}

export class ReportWriter {
  readonly #parts: ReportParts;
  /** By job, the report that is being written, or the last of those that wait (W1). */
  readonly #writing = new Map<JobNumber, Promise<void>>();

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  /** Of a job that has ended. May be repeated. */
  writeLast(job: JobNumber): Promise<void> {
    return this.inTurn(job, () => this.#write(job, "ended"));
  }

  /** Of a job that is at work; nothing of any other (W3). Given up when told to stop. */
  update(job: JobNumber, signal: AbortSignal): Promise<void> {
    return this.inTurn(job, () => this.#write(job, "at-work", signal));
  }

  /** What is no longer the last word of a job is written before, or not at all (W1). */
  async inTurn(job: JobNumber, write: () => Promise<void>): Promise<void> {
    const before = this.#writing.get(job) ?? Promise.resolve();
    const writing = before.catch(() => undefined).then(write); // Who asked for that one is told of its failure.
    this.#writing.set(job, writing);
    try {
      await writing;
    } finally {
      if (this.#writing.get(job) === writing) this.#writing.delete(job);
    }
  }

  /** Of a job of which nothing is known but how it stood last. */
  async emptyHead(job: JobNumber): Promise<ReportHead> {
    const lists = new ReportLists(this.#parts.read, job);
    const [basics, { ranges, events }] = await this.#parts.read((farm) => {
      const view = jobViewOf(farm, job);
      return [reportBasics(farm, view), lastFates(view)] as const;
    });
    return { ...this.#head(basics, nothingTallied, lists), ranges, events };
  }

  async #write(job: JobNumber, expected: Standing, signal?: AbortSignal): Promise<void> {
    try {
      await this.#writeAll(job, this.#readWhile(job, expected, signal));
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error; // Else there is nothing to say, or another report says it (W3).
    }
  }

  /** Rejects with `Overtaken` when the job stands otherwise, or when told to stop. */
  #readWhile(job: JobNumber, expected: Standing, signal?: AbortSignal): ReadFarm {
    return (question) =>
      this.#parts.read((farm) => {
        const stands = isAtWork(jobViewOf(farm, job)) === (expected === "at-work");
        if (!stands || signal?.aborted === true) throw new Overtaken();
        return question(farm);
      });
  }

  async #writeAll(job: JobNumber, read: ReadFarm): Promise<void> {
    const { files } = this.#parts;
    const lists = new ReportLists(read, job, this.#parts.failureEnds);
    const folder = jobFolder(job);
    await read(() => undefined);
    for (const list of reportLists) {
      await files.writeWhole(`${folder}/${list}.jsonl`, this.#asClaimed(lists.write(list)));
    }
    const tallied = (await this.#parts.tallied?.(job)) ?? nothingTallied;
    const basics = await read((farm) => reportBasics(farm, jobViewOf(farm, job)));
    const head = this.#head(basics, tallied, lists);
    await this.#checkClaim();
    await files.writeWhole(`${folder}/report.json`, `${JSON.stringify(head, undefined, 1)}\n`); // (W2)
  }

  /** Ends with an error where the file would be whole, and this driver was replaced meanwhile (W4). */
  async *#asClaimed(pieces: AsyncIterable<string>): AsyncGenerator<string> {
    await this.#checkClaim();
    yield* pieces;
    await this.#checkClaim();
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
      schema: reportSchema,
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
