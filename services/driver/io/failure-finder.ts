// Finds in the file of failure-ends.ts how payloads ended whose ranges are asked for, without reading the rest of it.
//
//   N1. A file is looked through once, a piece at a time, and from then on what was added. Of a range its last line counts: it
//       failed anew only after a retry.
//   N2. One search is made at a time, and only so many wait; files of a few jobs are known, and of each so many lines. Who asks
//       for more finds nothing, and so does who asks for what is not yet written: nobody waits for a line (P7, E1 there).

import { open, type FileHandle } from "node:fs/promises";
import type { JobNumber } from "../../shared/core/id.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";
import { endedIn, endsPath, type EndedFailure } from "./failure-ends.js";

interface FinderParts {
  readonly workdir: string;
  readonly log: Pick<Logger, "warn">;
  /** Of one job. Default: half a million, of some 40 bytes each. */
  readonly linesMax?: number;
  /** Bytes that are looked through at once. Default: 1 MiB. */
  readonly pieceBytes?: number;
}

/** (N2) */
const jobsMax = 4;
const waitingMax = 64;
/** The longest line that is written takes less: 4 KiB of stderr, a message and a path, each letter escaped. */
const lineBytesMax = 128 * 1024;
/** Most lines are shorter. */
const firstReadBytes = 8 * 1024;

export type FoundEnds = ReadonlyMap<number, EndedFailure>;

export class FailureFinder {
  readonly #parts: Required<Omit<FinderParts, "pieceBytes">>;
  /** The job that was asked about last stands last. */
  readonly #known = new Map<JobNumber, LineStarts>();
  readonly #piece: Buffer;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ pieceBytes = 1 << 20, ...parts }: FinderParts) {
    this.#parts = { linesMax: 500_000, ...parts };
    this.#piece = Buffer.alloc(pieceBytes);
  }

  /** What is known of these ranges of the job. Never rejects. */
  async find(job: JobNumber, ranges: readonly number[]): Promise<FoundEnds> {
    if (this.#waiting >= waitingMax) return new Map();
    this.#waiting += 1;
    const finding = this.#last.then(() => this.#search(job, ranges)).finally(() => (this.#waiting -= 1));
    this.#last = finding;
    return finding;
  }

  async #search(job: JobNumber, ranges: readonly number[]): Promise<FoundEnds> {
    const found = new Map<number, EndedFailure>();
    let file: FileHandle | undefined;
    try {
      file = await open(endsPath(this.#parts.workdir, job));
      const starts = this.#startsOf(job);
      await starts.look(file, this.#piece);
      for (const range of ranges) {
        const at = starts.of(range);
        const ended = at === undefined ? undefined : endedIn(await readLine(file, at));
        if (ended?.range === range) found.set(range, ended);
      }
    } catch (error) {
      if (errorCode(error) !== "ENOENT")
        this.#parts.log.warn("how payloads ended can't be read", { job, error: errorMessage(error) });
    } finally {
      await file?.close().catch(() => undefined); // All that is asked for is read.
    }
    return found;
  }

  #startsOf(job: JobNumber): LineStarts {
    const starts = this.#known.get(job) ?? new LineStarts(this.#parts.linesMax);
    this.#known.delete(job);
    this.#known.set(job, starts);
    const [oldest] = this.#known.keys();
    if (this.#known.size > jobsMax && oldest !== undefined) this.#known.delete(oldest);
    return starts;
  }
}

const newline = 10;

/** Where in the file of one job the last line of each range begins (N1). */
class LineStarts {
  readonly #linesMax: number;
  readonly #starts = new Map<number, number>();
  #lookedTo = 0;

  constructor(linesMax: number) {
    this.#linesMax = linesMax;
  }

  of(range: number): number | undefined {
    return this.#starts.get(range);
  }

  /** Takes up whole lines that were added, in pieces that are read into the buffer. */
  async look(file: FileHandle, buffer: Buffer): Promise<void> {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#lookedTo);
      const whole = buffer.subarray(0, bytesRead).lastIndexOf(newline) + 1;
      if (whole === 0 && bytesRead < buffer.length) return;
      this.#takeUp(buffer.subarray(0, whole));
      this.#lookedTo += whole === 0 ? bytesRead : whole; // No line of ours is that long.
    }
  }

  #takeUp(lines: Buffer): void {
    for (let start = 0; start < lines.length; start = lines.indexOf(newline, start) + 1) {
      const [, range] = /^(\d{1,10}) /.exec(lines.toString("latin1", start, start + 11)) ?? [];
      if (range === undefined) continue;
      if (this.#starts.size < this.#linesMax || this.#starts.has(Number(range)))
        this.#starts.set(Number(range), this.#lookedTo + start);
    }
  }
}

/** Without its end; empty when it has none. */
async function readLine(file: FileHandle, at: number): Promise<string> {
  for (const bytesMax of [firstReadBytes, lineBytesMax]) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytesMax), 0, bytesMax, at);
    const end = buffer.subarray(0, bytesRead).indexOf(newline);
    if (end !== -1) return buffer.toString("utf8", 0, end);
  }
  return "";
}
