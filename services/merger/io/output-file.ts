// A merged file while it is written: bytes are put where they are gathered, written in large pieces, and summed.
//
//   O1. There are two buffers: at most one is being written, while the other fills. No byte is copied between them.
//   O2. A write that fails names the file, and fails what needs room next, or `finish`.

import { open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { adler32Of, emptySum, joinedSum } from "../../shared/core/adler32.js";
import { syncFolder } from "../../shared/io/atomic-file.js";
import type { Checksum } from "../../shared/io/checksum.js";
import { roomBytesMax, type Sink } from "./input-reader.js";
import { writeError } from "./merge-error.js";

export class OutputFile implements Sink {
  readonly #path: string;
  readonly #file: FileHandle;
  #sum: Checksum = emptySum;
  #filling: Buffer = Buffer.allocUnsafeSlow(roomBytesMax);
  #gathered = 0;
  #other: Buffer | undefined;
  /** Of the other. */
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

  room(bytes: number): Buffer | Promise<Buffer> {
    if (this.#gathered + bytes > roomBytesMax) return this.#flush();
    return this.#filling.subarray(this.#gathered);
  }

  add(sum: Checksum): void {
    this.#sum = joinedSum(this.#sum, sum);
    this.#gathered += sum.sizeBytes;
  }

  /** Resolves when these few bytes are appended; undefined: they are. */
  append(bytes: Uint8Array): Promise<void> | undefined {
    if (bytes.byteLength === 0) return undefined;
    const put = (room: Buffer): void => {
      room.set(bytes);
      this.add({ sizeBytes: bytes.byteLength, adler32: adler32Of(bytes) });
    };
    const room = this.room(bytes.byteLength);
    if (room instanceof Promise) return room.then(put);
    put(room);
    return undefined;
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

  /** Resolves with an empty buffer, when what was gathered is being written. */
  async #flush(): Promise<Buffer> {
    await this.#writing; // (O1)
    const bytes = this.#filling.subarray(0, this.#gathered);
    if (bytes.byteLength === 0) return this.#filling;
    const empty = this.#other ?? Buffer.allocUnsafeSlow(roomBytesMax);
    this.#other = this.#filling;
    this.#filling = empty;
    this.#gathered = 0;
    this.#writing = this.#guarded(() => this.#writeWhole(bytes));
    this.#writing.catch(() => undefined); // (O2) Whoever comes next is told.
    return empty;
  }

  /** A write may take less than it was given. */
  async #writeWhole(bytes: Buffer): Promise<void> {
    for (let from = 0; from < bytes.byteLength;) {
      const { bytesWritten } = await this.#file.write(bytes, from);
      from += bytesWritten;
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
