// Shows what payloads write while they write it, until their job is over.
//
//   L1. It looks at most twice a second, and rests four times as long as a look took: a large farm is not slowed down by it.
//   L2. A log that is put aside is read to its end under its new name.
//   L3. Where there are too many logs those are followed that were written last, and it is said so (P7).

import { stat } from "node:fs/promises";
import type { JobNumber } from "../../shared/core/id.js";
import { sleep, systemClock } from "../../shared/io/system-clock.js";
import { isOver } from "../core/job-status.js";
import { actorsWithLogs, findLogs, type FoundLog } from "../io/log-folders.js";
import { LogReader, openLog } from "../io/log-lines.js";
import type { LogPrinter } from "../io/log-printer.js";
import { mayBeWanted, type LogSearch } from "../io/log-search.js";
import { readState, reportPath } from "../io/report-file.js";
import type { Terminal } from "../io/terminal.js";

export interface FollowLogsOptions extends LogSearch {
  readonly workdir: string;
  /** How far the logs were read that were shown already. */
  readonly readers: ReadonlyMap<string, LogReader>;
  /** All that were there then: of what else is in them, only what is written from now on is shown. */
  readonly known: ReadonlySet<string>;
}

const restMsMin = 500;
const restsPerLook = 4;
/** (L3) */
const logsMax = 1_000;
/** A payload that is ended with its job may have last words; clocks of nodes differ. */
const lastWordsMs = 10_000;

/** Returns when the job is over, or when told to stop. */
export async function followLogs(
  options: FollowLogsOptions,
  out: { readonly printer: LogPrinter; readonly terminal: Terminal },
  signal: AbortSignal,
): Promise<void> {
  const { workdir, question } = options;
  const follower = new Follower(options, out.printer);
  let quietSinceMs = systemClock.nowMs();
  let isToldOfMany = false;
  try {
    for (;;) {
      const beganAtMs = systemClock.nowMs();
      const endedAtMs = await endOf(workdir, question.job);
      const { isNews, newestMs, logs } = await follower.look(signal);
      if (logs > logsMax && !isToldOfMany) {
        out.terminal.note(`(of ${logs} logs, the ${logsMax} that were written last are followed)`); // (L3)
        isToldOfMany = true;
      }
      const nowMs = systemClock.nowMs();
      if (isNews) quietSinceMs = nowMs;
      // A report that is older than the logs is of a job that was taken up again, unless they fell silent.
      const isLast = endedAtMs !== undefined && newestMs <= endedAtMs + lastWordsMs;
      if (isLast || (endedAtMs !== undefined && nowMs - quietSinceMs >= lastWordsMs)) break;
      await sleep(Math.max(restMsMin, restsPerLook * (nowMs - beganAtMs)), signal); // (L1)
    }
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  out.terminal.note(`job ${question.job} is over`);
}

/** When its last report was written; undefined while it is at work. */
async function endOf(workdir: string, job: JobNumber): Promise<number | undefined> {
  const state = await readState(workdir, job);
  return state === undefined || !isOver(state) ? undefined : (await stat(reportPath(workdir, job))).mtimeMs;
}

interface Look {
  readonly isNews: boolean;
  readonly newestMs: number;
  /** How many there are. */
  readonly logs: number;
}

class Follower {
  readonly #options: FollowLogsOptions;
  readonly #printer: LogPrinter;
  /** By the key of each log. */
  readonly #readers: Map<string, LogReader>;
  readonly #beganAt = new Date(systemClock.unixMs()).toISOString();

  constructor(options: FollowLogsOptions, printer: LogPrinter) {
    this.#options = options;
    this.#printer = printer;
    this.#readers = new Map(options.readers);
  }

  /** Shows what is new. */
  async look(signal: AbortSignal): Promise<Look> {
    const { workdir, question } = this.#options;
    const actors = await actorsWithLogs(workdir, question.job);
    const found = await findLogs(workdir, { job: question.job, actors }, signal);
    const newestMs = found[0]?.modifiedMs ?? 0;
    // What was put aside comes before what took its place, and the older before the newer (L2).
    const inOrder = found.slice(0, logsMax).reverse();
    inOrder.sort((a, b) => Number(b.isOld) - Number(a.isOld));
    let isNews = false;
    for (const file of inOrder) {
      const reader = this.#readers.get(file.key) ?? new LogReader(file);
      this.#readers.set(file.key, reader);
      if (file.sizeBytes > reader.at && (await this.#show(file, reader, signal))) isNews = true;
    }
    const there = new Set(found.map(({ key }) => key));
    for (const key of this.#readers.keys()) if (!there.has(key)) this.#readers.delete(key);
    return { isNews, newestMs, logs: found.length };
  }

  async #show(file: FoundLog, reader: LogReader, signal: AbortSignal): Promise<boolean> {
    const handle = await openLog(file.path, file.key);
    if (handle === undefined) return false;
    const before = reader.at;
    const isUnread = this.#options.known.has(file.key) && !this.#options.readers.has(file.key);
    try {
      for await (const item of reader.read(handle, { to: file.sizeBytes, isGrowing: true }, signal)) {
        if (isUnread && item.head.at < this.#beganAt) continue;
        if (mayBeWanted(this.#options, item.head)) this.#printer.printItem(item);
      }
    } finally {
      await handle.close();
    }
    return reader.at > before;
  }
}
