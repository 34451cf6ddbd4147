// How payloads ended whose ranges failed for good, for the report and for clients. The farm keeps it of the first failures of a job
// (`failureRecordsMax`); of all later ones it lies in a file beside the report, line by line, as they happened.
//
//   E1. Nobody waits for a line to be written, save a report that is about to read the file. What waits is limited, and so is
//       the file: what is beyond, what can't be written, and what a crash costs, the report tells without its end (P7).
//   E2. The file is not trusted: a line that was torn is passed over, and whoever reads it asks the farm whether the
//       failure still counts.

import { open, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { grantNumber, type GrantNumber, type JobNumber } from "../../shared/core/id.js";
import { jobFolder } from "../../shared/core/names.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";
import type { DurableFact } from "../core/facts/fact.js";
import { failureLine } from "../core/report-failures.js";
import { jobViewOf, type FarmView } from "../core/state/farm.js";
import { failureRecordsMax } from "../core/state/job.js";
import { makeFolder } from "../../shared/io/make-folder.js";

/** A failure by which a range failed for good, and its line of the report. */
export interface EndedFailure {
  readonly range: number;
  readonly grant: GrantNumber;
  readonly line: string;
}

interface FailureEndsParts {
  readonly workdir: string;
  readonly log: Pick<Logger, "warn">;
  /** Default: 1 GiB, a quarter of a million failures with all of 4 KiB of stderr. */
  readonly fileBytesMax?: number;
  /** Of all jobs. Default: 16 Mi. */
  readonly pendingCharsMax?: number;
}

/** So many failures are read at a time. */
const readAtOnce = 64;

export class FailureEnds {
  readonly #parts: Required<FailureEndsParts>;
  readonly #pending = new Map<JobNumber, string[]>();
  #pendingChars = 0;
  #writing: Promise<void> | undefined;
  /** Jobs of which it was said that something is left out. */
  readonly #warned = new Set<JobNumber>();

  constructor(parts: FailureEndsParts) {
    this.#parts = { fileBytesMax: 1 << 30, pendingCharsMax: 1 << 24, ...parts };
  }

  observe(facts: readonly DurableFact[], farm: FarmView): void {
    for (const fact of facts) {
      if (fact.kind === "range-given-up" || (fact.kind === "range-tried" && fact.final)) {
        const line = lineOf(fact, farm);
        if (line !== undefined) this.#keep(fact.job, line);
      }
    }
    if (this.#pending.size > 0) this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
  }

  /** When all that was told is written, or given up. */
  async written(): Promise<void> {
    await this.#writing;
  }

  /** All that was kept of the job, some at a time, as they happened; a range may be there several times (E2). */
  async *of(job: JobNumber): AsyncGenerator<readonly EndedFailure[]> {
    await this.written();
    let file: FileHandle | undefined;
    try {
      file = await open(endsPath(this.#parts.workdir, job));
      let some: EndedFailure[] = [];
      for await (const text of file.readLines({ end: (await file.stat()).size })) {
        const ended = endedIn(text);
        if (ended === undefined) continue; // (E2)
        some.push(ended);
        if (some.length < readAtOnce) continue;
        yield some;
        some = [];
      }
      yield some;
    } catch (error) {
      if (errorCode(error) !== "ENOENT") this.#warn(job, errorMessage(error));
    } finally {
      await file?.close();
    }
  }

  #keep(job: JobNumber, line: string): void {
    if (this.#pendingChars + line.length > this.#parts.pendingCharsMax) {
      this.#warn(job, "they come faster than they can be written");
      return;
    }
    const lines = this.#pending.get(job) ?? [];
    this.#pending.set(job, lines);
    lines.push(line);
    this.#pendingChars += line.length;
  }

  /** Never rejects (E1). */
  async #writeAll(): Promise<void> {
    for (let [next] = this.#pending; next !== undefined; [next] = this.#pending) {
      const [job, lines] = next;
      this.#pending.delete(job);
      try {
        await this.#append(job, `\n${lines.join("")}`); // What stands before may be torn.
      } catch (error) {
        this.#warn(job, errorMessage(error));
      }
      this.#pendingChars -= lines.reduce((sum, { length }) => sum + length, 0);
    }
  }

  async #append(job: JobNumber, text: string): Promise<void> {
    const path = endsPath(this.#parts.workdir, job);
    const bytes = Buffer.from(text);
    await makeFolder(dirname(path));
    const file = await open(path, "a");
    try {
      const { size } = await file.stat();
      if (size + bytes.length <= this.#parts.fileBytesMax) await file.appendFile(bytes);
      else this.#warn(job, `${path} has grown to its limit of ${this.#parts.fileBytesMax} bytes`);
    } finally {
      await file.close();
    }
  }

  #warn(job: JobNumber, reason: string): void {
    if (this.#warned.has(job)) return;
    this.#warned.add(job);
    this.#parts.log.warn("the report tells some failures without the end of stderr", { job, reason });
  }
}

/** Where they are kept of a job. */
export function endsPath(workdir: string, job: JobNumber): string {
  return join(workdir, jobFolder(job), "failures.ends");
}

/** What a line of the file says; undefined when it is torn (E2). */
export function endedIn(text: string): EndedFailure | undefined {
  const [, range, grant, line] = /^(\d+) (\d+) (\{.*\})$/.exec(text) ?? [];
  return line === undefined ? undefined : { range: Number(range), grant: grantNumber(Number(grant)), line };
}

type FinalFact = Extract<DurableFact, { kind: "range-tried" | "range-given-up" }>;

/** Undefined when the farm itself keeps it, or nothing is known of how it ended. */
function lineOf({ job: number, range, grant, node, failure }: FinalFact, farm: FarmView): string | undefined {
  const job = jobViewOf(farm, number);
  const { exitCode, signal, stderrTail } = failure;
  const isKnown = exitCode !== undefined || signal !== "" || stderrTail !== "";
  if (!isKnown || job.failures.counted <= failureRecordsMax) return undefined;
  const attempt = job.table.creditUsed(range);
  const under = grant ?? grantNumber(job.lastGrant);
  const record = { range, grant: under, node, attempt, final: true, failure };
  return `${range} ${under} ${JSON.stringify(failureLine(job, record))}\n`;
}
