// Reads the inputs of a merge, each once, in their order.
//
//   C1. Those of at most `smallBytesMax` are read ahead, several at a time, since it is opening them that takes long; larger
//       ones in blocks.
//   C2. An input that is not what was reported is told as flawed (merge-input.ts, I1 and I3), and the others are read on.

import { close, constants, fstat, open, read } from "node:fs";
import { promisify } from "node:util";
import { emptySum, joinedSum } from "../../shared/core/adler32.js";
import { checksumStream, type Checksum, type ChecksumStream } from "../../shared/io/checksum.js";
import { errorCode } from "../../shared/io/error-code.js";
import { contentFlaw, missing, sizeFlaw, type Flaw, type Look, type MergeInput } from "./merge-input.js";

/** Bytes, and what they sum up to. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly sum: Checksum;
}

const smallBytesMax = 1 << 20;
/** Small inputs that are read at a time, and their bytes. */
const aheadMax = 32;
const aheadBytesMax = 8 << 20;
const blockBytes = 1 << 20;

/** Callbacks, since file handles cost three times as much as reading a small file. */
const fs = { open: promisify(open), read: promisify(read), close: promisify(close), stat: promisify(fstat) };

export class InputReader {
  readonly #inputs: readonly MergeInput[];
  readonly #stream: ChecksumStream;
  /** Of small inputs that are read already: what is in each, or what is wrong with it. */
  readonly #ahead = new Map<MergeInput, Promise<Buffer | string>>();
  #aheadBytes = 0;
  /** The first input that is not looked at. */
  #next = 0;

  private constructor(inputs: readonly MergeInput[], stream: ChecksumStream) {
    this.#inputs = inputs;
    this.#stream = stream;
  }

  static async of(inputs: readonly MergeInput[]): Promise<InputReader> {
    return new InputReader(inputs, await checksumStream());
  }

  /** Gives the next input's bytes away, piece by piece. Resolves with what is wrong with it, or undefined when nothing is. */
  async read(
    input: MergeInput,
    take: (piece: Piece) => Promise<void>,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    this.#readAhead();
    const whole = this.#ahead.get(input);
    if (whole === undefined) return this.#readLarge(input, take, signal);
    const found = await whole;
    this.#ahead.delete(input);
    this.#aheadBytes -= input.sizeBytes;
    if (typeof found === "string") return found;
    const piece = this.#summed(found);
    const flaw = contentFlaw(input, piece.sum);
    if (flaw === undefined) await take(piece);
    return flaw;
  }

  /** Resolves when nothing is being read. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#ahead.values());
  }

  /** (C1) Large inputs are passed by: whoever asks for one reads it then. */
  #readAhead(): void {
    for (;;) {
      const input = this.#inputs[this.#next];
      if (input === undefined) return;
      if (input.sizeBytes <= smallBytesMax) {
        const isRoom = this.#ahead.size < aheadMax && this.#aheadBytes + input.sizeBytes <= aheadBytesMax;
        if (!isRoom) return;
        const reading = readSmall(input);
        reading.catch(() => undefined); // Whoever reads that input is told.
        this.#ahead.set(input, reading);
        this.#aheadBytes += input.sizeBytes;
      }
      this.#next += 1;
    }
  }

  async #readLarge(
    input: MergeInput,
    take: (piece: Piece) => Promise<void>,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const file = await openInput(input);
    if (typeof file === "string") return file;
    try {
      const { size } = await fs.stat(file);
      if (size !== input.sizeBytes) return sizeFlaw(input, size);
      let all = emptySum;
      for (;;) {
        signal.throwIfAborted();
        const bytes = await readBlock(file, blockBytes);
        if (typeof bytes === "string") return bytes;
        if (bytes.byteLength === 0) return contentFlaw(input, all);
        const piece = this.#summed(bytes);
        all = joinedSum(all, piece.sum);
        await take(piece);
      }
    } finally {
      await fs.close(file);
    }
  }

  #summed(bytes: Buffer): Piece {
    this.#stream.restart();
    this.#stream.update(bytes);
    return { bytes, sum: this.#stream.value() };
  }
}

/** Reads inputs to their end, and tells the flawed ones. `onBytes` is told of what was read. */
export function lookByReading(signal: AbortSignal, onBytes: (bytes: number) => void): Look {
  return async (inputs) => {
    const reader = await InputReader.of(inputs);
    const flaws: Flaw[] = [];
    const take = ({ bytes }: Piece): Promise<void> => {
      onBytes(bytes.byteLength);
      return Promise.resolve();
    };
    try {
      for (const input of inputs) {
        signal.throwIfAborted();
        const found = await reader.read(input, take, signal);
        if (found !== undefined) flaws.push({ input, found });
      }
    } finally {
      await reader.close();
    }
    return flaws;
  };
}

/** What is in a small input, or what is wrong with it. One byte more than was reported is enough to see that it is longer. */
async function readSmall(input: MergeInput): Promise<Buffer | string> {
  const file = await openInput(input);
  if (typeof file === "string") return file;
  try {
    const buffer = Buffer.allocUnsafe(input.sizeBytes + 1);
    let length = 0;
    while (length < buffer.byteLength) {
      const bytes = await readInto(file, buffer.subarray(length));
      if (typeof bytes === "string") return bytes;
      length += bytes;
      // A regular file gives less than it was asked for only at its end.
      if (bytes === 0 || length === input.sizeBytes) break;
    }
    if (length === input.sizeBytes) return buffer.subarray(0, length);
    return sizeFlaw(input, (await fs.stat(file)).size);
  } finally {
    await fs.close(file);
  }
}

async function readBlock(file: number, bytes: number): Promise<Buffer | string> {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  const found = await readInto(file, buffer);
  return typeof found === "string" ? found : buffer.subarray(0, found);
}

async function readInto(file: number, buffer: Buffer): Promise<number | string> {
  try {
    return (await fs.read(file, buffer, 0, buffer.byteLength, null)).bytesRead;
  } catch (error) {
    if (errorCode(error) === "EISDIR") return notRegular;
    throw error;
  }
}

const notRegular = "is no regular file";

/** Neither follows a link, nor waits for the other end of a pipe. */
async function openInput(input: MergeInput): Promise<number | string> {
  try {
    return await fs.open(input.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return errorCode(error) === "ELOOP" ? notRegular : missing(error);
  }
}
