// A merged file while it is written: what is appended is gathered, written in large pieces, and summed.
//
//   O1. At most one write is under way, while the next piece is gathered. What was appended is not to be changed any more.
//   O2. A write that fails names the file, and fails the next append or `finish`.

import { open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { emptySum, joinedSum } from "../../shared/core/adler32.js";
import { syncFolder } from "../../shared/io/atomic-file.js";
import type { Checksum } from "../../shared/io/checksum.js";
import type { Piece } from "./input-reader.js";
import { writeError } from "./merge-error.js";

/** Gathered before it is written. */
const pieceBytes = 1 << 20;
/** Pieces of one write: what Linux takes at a time. */
const partsMax = 1_024;

export class OutputFile {
  readonly #path: string;
  readonly #file: FileHandle;
  #sum: Checksum = emptySum;
  #parts: Uint8Array[] = [];
  #gathered = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Makes a new file. */
  static async create(path: string): Promise<OutputFile> {
    try {
      return new OutputFile(path, await open(path, "wx"));
    } catch (error) {
      throw writeError(path, error);
    }
  }

  /** Resolves when the next may be appended; undefined: at once. */
  append({ bytes, sum }: Piece): Promise<void> | undefined {
    if (bytes.byteLength === 0) return undefined;
    this.#sum = joinedSum(this.#sum, sum);
    this.#parts.push(bytes);
    this.#gathered += bytes.byteLength;
    return this.#gathered >= pieceBytes || this.#parts.length === partsMax ? this.#flush() : undefined;
  }

  /** Writes all and fsyncs it, with its folder (P2); what the whole file sums up to. */
  async finish(): Promise<Checksum> {
    await this.#flush();
    await this.#writing;
    await this.#guarded(() => Promise.all([this.#file.sync(), syncFolder(dirname(this.#path))]));
    return this.#sum;
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => undefined); // It was told, or nobody wants to know.
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    await this.#writing; // (O1)
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    this.#gathered = 0;
    this.#writing = this.#guarded(() => this.#writeWhole(parts));
    this.#writing.catch(() => undefined); // (O2) Whoever comes next is told.
  }

  /** A write may take less than it was given. */
  async #writeWhole(parts: readonly Uint8Array[]): Promise<void> {
    let left = parts;
    while (left.length > 0) {
      const { bytesWritten } = await this.#file.writev(left);
      left = behind(left, bytesWritten);
    }
  }

  /** (O2) */
  async #guarded(write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      throw writeError(this.#path, error);
    }
  }
}

/** What is left of the parts behind so many bytes. */
function behind(parts: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let from = bytes;
  for (const [i, part] of parts.entries()) {
    if (from < part.byteLength) return [part.subarray(from), ...parts.slice(i + 1)];
    from -= part.byteLength;
  }
  return [];
}
