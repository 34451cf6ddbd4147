// The long lists of a job's report, line by line. The farm is read some items at a time, so that a job of a hundred million
// ranges, or one with a million failures, costs neither much memory nor anybody's turn.

import type { GroupNumber, JobNumber } from "../../shared/core/id.js";
import type { ReportList } from "../../shared/core/report.js";
import { keptLine, mergedLine } from "../core/report.js";
import {
  failedByThemselves,
  failureLine,
  isLatest,
  otherFailures,
  ToldRanges,
} from "../core/report-failures.js";
import { outputLines, RangeLines } from "../core/report-ranges.js";
import { jobViewOf, type FarmView } from "../core/state/farm.js";
import type { JobView } from "../core/state/job.js";
import type { FailureEnds } from "./failure-ends.js";

/** Of the failures of which the farm does not know how they ended. */
export type EndsOfFailures = Pick<FailureEnds, "of">;

export type ReadFarm = <Answer>(question: (farm: FarmView) => Answer) => Promise<Answer>;

/** Of each kind, what is read at a time. */
const rangesAtOnce = 16_384;
const groupsAtOnce = 64;
const outputsAtOnce = 2_048; // Ranges that may have one; so too ranges that may have failed.
const failuresAtOnce = 64;

/** The lists of one report. Each is written once, and what was counted in it stays. */
export class ReportLists {
  readonly ranges = new RangeLines();
  readonly mergedFiles = { files: 0, sizeBytes: 0, events: 0 };
  #kept = 0;
  #outputs = 0;
  #failures = 0;
  readonly #readFarm: ReadFarm;
  readonly #job: JobNumber;
  readonly #ends: EndsOfFailures | undefined;

  constructor(readFarm: ReadFarm, job: JobNumber, ends?: EndsOfFailures) {
    this.#readFarm = readFarm;
    this.#job = job;
    this.#ends = ends;
  }

  /** How many lines each list has. */
  get lines(): Readonly<Record<ReportList, number>> {
    const { lines } = this.ranges;
    const merged = this.mergedFiles.files;
    return { ranges: lines, merged, kept: this.#kept, outputs: this.#outputs, failures: this.#failures };
  }

  /** In pieces of whole lines, some of them empty. */
  write(list: ReportList): AsyncGenerator<string> {
    return {
      ranges: () => this.#rangeLines(),
      merged: () => this.#groupLines((job, group) => this.#mergedLine(job, group)),
      kept: () => this.#groupLines((job, group) => this.#keptLine(job, group)),
      outputs: () => this.#outputLines(),
      failures: () => this.#failureLines(),
    }[list]();
  }

  async *#rangeLines(): AsyncGenerator<string> {
    const tellSome = (job: JobView): { readonly text: string; readonly isLast: boolean } => {
      const text = this.ranges.tell(job, rangesAtOnce);
      return { text, isLast: this.ranges.next === job.table.ranges };
    };
    for (let isLast = false; !isLast;) {
      const told = await this.#read(tellSome);
      yield told.text;
      isLast = told.isLast;
    }
    yield this.ranges.end();
  }

  async *#groupLines(lineOf: (job: JobView, group: GroupNumber) => string): AsyncGenerator<string> {
    const groups = await this.#read((job) => [...job.groups.keys()].sort((one, other) => one - other));
    for (let i = 0; i < groups.length; i += groupsAtOnce) {
      const some = groups.slice(i, i + groupsAtOnce);
      yield await this.#read((job) => some.map((group) => lineOf(job, group)).join(""));
    }
  }

  #mergedLine(job: JobView, group: GroupNumber): string {
    const line = mergedLine(job, group);
    if (line === undefined) return "";
    const { mergedFiles } = this;
    mergedFiles.files += 1;
    mergedFiles.sizeBytes += line.sizeBytes;
    mergedFiles.events += line.events;
    return textOf(line);
  }

  #keptLine(job: JobView, group: GroupNumber): string {
    const line = keptLine(job, group);
    if (line === undefined) return "";
    this.#kept += 1;
    return textOf(line);
  }

  async *#outputLines(): AsyncGenerator<string> {
    const ranges = await this.#read(({ table }) => (table.counts.done > 0 ? table.ranges : 0));
    for (let first = 0; first < ranges; first += outputsAtOnce) {
      const span = { first, count: Math.min(outputsAtOnce, ranges - first) };
      const lines = await this.#read((job) => [...outputLines(job, span)]);
      this.#outputs += lines.length;
      yield lines.map(textOf).join("");
    }
  }

  async *#failureLines(): AsyncGenerator<string> {
    const told = new ToldRanges();
    yield* this.#recordLines(told);
    yield* this.#endedLines(told);
    const [ranges, failed] = await this.#read((job) => [job.table.ranges, failedByThemselves(job)]);
    let left = failed - told.size; // As a rule none is left, and then no node's ranges are looked through.
    for (let first = 0; first < ranges && left > 0; first += outputsAtOnce) {
      const span = { first, count: Math.min(outputsAtOnce, ranges - first) };
      const lines = await this.#read((job) => otherFailures(job, span, told));
      this.#failures += lines.length;
      left -= lines.length;
      yield lines.map(textOf).join("");
    }
  }

  /** Those of which all is known; `told` takes the ranges that failed for good in them. */
  async *#recordLines(told: ToldRanges): AsyncGenerator<string> {
    const tellSome = (job: JobView): readonly string[] => {
      const some = job.failures.records.slice(this.#failures, this.#failures + failuresAtOnce);
      for (const record of some) if (record.final && isLatest(job, record)) told.add(job, record.range);
      return some.map((record) => textOf(failureLine(job, record)));
    };
    for (;;) {
      const lines = await this.#read(tellSome);
      if (lines.length === 0) return;
      this.#failures += lines.length;
      yield lines.join("");
    }
  }

  /** Those that are final and were not told, of which all is known too. */
  async *#endedLines(told: ToldRanges): AsyncGenerator<string> {
    for await (const some of this.#ends?.of(this.#job) ?? []) {
      yield await this.#read((job) => {
        const fresh = some.filter((failure) => {
          const isFresh = !told.has(failure.range) && isFinal(job, failure.range) && isLatest(job, failure);
          if (isFresh) told.add(job, failure.range);
          return isFresh;
        });
        this.#failures += fresh.length;
        return fresh.map(({ line }) => `${line}\n`).join("");
      });
    }
  }

  #read<Answer>(question: (job: JobView) => Answer): Promise<Answer> {
    return this.#readFarm((farm) => question(jobViewOf(farm, this.#job)));
  }
}

function isFinal({ table }: JobView, range: number): boolean {
  return range < table.ranges && table.stateOf(range) === "failed";
}

function textOf(line: unknown): string {
  return `${JSON.stringify(line)}\n`;
}
