// What payloads write to stdout and stderr: one log a slot and job, jobs/<job>/logs/<actor>/slot<n>.log.
//
//   G1. A log is bounded: of each run the first `runBytesMax` are kept and the rest is counted; a log of `logBytesMax` is
//       put aside as <name>.1, over the one before. So a slot has at most twice that.
//   G2. A payload that writes nothing makes no file.
//   G3. A log that cannot be written costs lines, and is said once; it never costs a result.

import { appendFile, mkdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { JobNumber } from "../../shared/core/id.js";
import { jobFolder } from "../../shared/core/names.js";
import { errorCode } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";

export interface SlotLogLimits {
  readonly runBytesMax: number;
  readonly logBytesMax: number;
}

const defaultLimits: SlotLogLimits = { runBytesMax: 65_536, logBytesMax: 1_048_576 };

/** Takes in what one run writes. */
export interface RunLog {
  write(piece: Buffer): void;
  /** Resolves when all is written, or given up. */
  end(): Promise<void>;
}

export class SlotLogs {
  readonly #folderOf: (job: JobNumber) => string;
  readonly #log: Logger;
  readonly #limits: SlotLogLimits;
  /** The last write to each log: the next one waits for it. */
  readonly #writes = new Map<string, Promise<void>>();
  #isFlawSaid = false;

  constructor(
    options: { readonly workdir: string; readonly actor: string; readonly log: Logger },
    limits = defaultLimits,
  ) {
    this.#folderOf = (job) => join(options.workdir, jobFolder(job), "logs", options.actor);
    this.#log = options.log;
    this.#limits = limits;
  }

  /** The log of a run; `title` is its first line, written when the run writes anything (G2). */
  begin(job: JobNumber, slot: number, title: string): RunLog {
    const path = join(this.#folderOf(job), `slot${slot + 1}.log`);
    let bytes = 0;
    let leftOut = 0;
    return {
      write: (piece) => {
        const kept = piece.subarray(0, Math.max(0, this.#limits.runBytesMax - bytes)); // (G1)
        leftOut += piece.byteLength - kept.byteLength;
        if (kept.byteLength === 0) return;
        if (bytes === 0) this.#append(path, `--- ${title}\n`);
        bytes += kept.byteLength;
        this.#append(path, Buffer.from(kept));
      },
      end: async () => {
        if (leftOut > 0) this.#append(path, `\n--- ${leftOut} more bytes are left out\n`);
        await this.#writes.get(path);
      },
    };
  }

  /** Resolves when all is written, or given up. */
  async flush(): Promise<void> {
    await Promise.all(this.#writes.values());
  }

  #append(path: string, text: string | Buffer): void {
    const before = this.#writes.get(path) ?? Promise.resolve();
    const write = before.then(() => this.#appendNow(path, text));
    this.#writes.set(path, write);
    void write.then(() => {
      if (this.#writes.get(path) === write) this.#writes.delete(path);
    });
  }

  /** Never rejects (G3). */
  async #appendNow(path: string, text: string | Buffer): Promise<void> {
    try {
      const size = await sizeOf(path);
      if (size === undefined) await mkdir(dirname(path), { recursive: true });
      else if (size >= this.#limits.logBytesMax) await rename(path, `${path}.1`);
      await appendFile(path, text);
    } catch (error) {
      if (this.#isFlawSaid) return;
      this.#isFlawSaid = true;
      this.#log.warn("what payloads write cannot be logged", { path, error });
    }
  }
}

/** Undefined when there is no such file. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
