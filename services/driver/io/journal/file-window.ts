// A file read in windows: it may be larger than the memory.

import type { ReadableSegment } from "./journal-folder.js";

/** How much is read at once, unless one frame is longer. */
export const windowBytes = 256 * 1024;

/** A part of the file. What it gave out is overwritten when it moves. */
export class FileWindow {
  readonly #file: ReadableSegment;
  readonly #signal: AbortSignal;
  #buffer = Buffer.allocUnsafe(windowBytes);
  #from = 0;
  #length = 0;

  constructor(file: ReadableSegment, signal: AbortSignal) {
    this.#file = file;
    this.#signal = signal;
  }

  /** So many bytes from byte `at` on, if the window has all of them. */
  peek(at: number, bytes: number): Buffer | undefined {
    const from = at - this.#from;
    return from >= 0 && from + bytes <= this.#length ? this.#buffer.subarray(from, from + bytes) : undefined;
  }

  /** So many bytes from byte `at` on, fewer only where the file ends. */
  async view(at: number, bytes: number): Promise<Buffer> {
    const there = this.peek(at, bytes);
    if (there !== undefined) return there;
    this.#signal.throwIfAborted();
    if (this.#buffer.length < bytes) this.#buffer = Buffer.allocUnsafe(bytes);
    this.#from = at;
    this.#length = await this.#file.read(this.#buffer, at);
    return this.#buffer.subarray(0, Math.min(bytes, this.#length));
  }
}
