// Reads the inputs of a merge, each once, in their order.
//
//   C1. Those of at most `smallBytesMax` are read ahead, several at a time, since it is opening them that takes long; larger
//       ones in blocks.
//   C2. An input that is not what was reported is told as flawed (merge-input.ts, I1 and I3), and the others are read on.

import { close, constants, fstat, open, read } from "node:fs";
import { promisify } from "node:util";
import { emptySum, joinedSum } from "../../shared/core/adler32.js";
import { checksummer, type Checksum } from "../../shared/io/checksum.js";
import { errorCode } from "../../shared/io/error-code.js";
import { contentFlaw, missing, sizeFlaw, type Flaw, type Look, type MergeInput } from "./merge-input.js";

/** Bytes, and what they sum up to. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly sum: Checksum;
}

/** Takes a piece; the next one comes when it has resolved, if there is something to wait for. */
export type Take = (piece: Piece) => Promise<void> | undefined;

const smallBytesMax = 1 << 20;
/** Small inputs that are read at a time, and their bytes. */
const aheadMax = 32;
const aheadBytesMax = 8 << 20;
const blockBytes = 1 << 20;

/** Without file handles, which cost more than reading a small file. */
const fs = { open: promisify(open), read: promisify(read), close: promisify(close), stat: promisify(fstat) };

export class InputReader {
  readonly #inputs: readonly MergeInput[];
  readonly #sumOf: (bytes: Uint8Array) => Checksum;
  /** Of small inputs that are read already: what is in each, or what is wrong with it. */
  readonly #ahead = new Map<MergeInput, Promise<Buffer | string>>();
  #aheadBytes = 0;
  /** The first input that is not looked at. */
  #next = 0;

  private constructor(inputs: readonly MergeInput[], sumOf: (bytes: Uint8Array) => Checksum) {
    this.#inputs = inputs;
    this.#sumOf = sumOf;
  }

  static async of(inputs: readonly MergeInput[]): Promise<InputReader> {
    return new InputReader(inputs, await checksummer());
  }

  /** Gives the next input's bytes away, piece by piece. Resolves with what is wrong with it, or undefined when nothing is. */
  async read(input: MergeInput, take: Take, signal: AbortSignal): Promise<string | undefined> {
    this.#readAhead();
    const whole = this.#ahead.get(input);
    if (whole === undefined) return this.#readLarge(input, take, signal);
    const found = await whole;
    this.#ahead.delete(input);
    this.#aheadBytes -= input.sizeBytes;
    if (typeof found === "string") return found;
    const piece = { bytes: found, sum: this.#sumOf(found) };
    const flaw = contentFlaw(input, piece.sum);
    const taken = flaw === undefined ? take(piece) : undefined;
    if (taken !== undefined) await taken;
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

  async #readLarge(input: MergeInput, take: Take, signal: AbortSignal): Promise<string | undefined> {
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
        const piece = { bytes, sum: this.#sumOf(bytes) };
        all = joinedSum(all, piece.sum);
        await take(piece);
      }
    } finally {
      await fs.close(file);
    }
  }
}

/** Reads inputs to their end, and tells the flawed ones. `onBytes` is told of what was read. */
export function lookByReading(signal: AbortSignal, onBytes: (bytes: number) => void): Look {
  return async (inputs) => {
    const reader = await InputReader.of(inputs);
    const flaws: Flaw[] = [];
    const take: Take = ({ bytes }) => {
      onBytes(bytes.byteLength);
      return undefined;
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

/**
 * What is in a small input, or what is wrong with it. One byte more than was reported is enough to see that it is longer.
 * In callbacks, since promises cost twice as much as opening, reading and closing a small file.
 */
function readSmall(input: MergeInput): Promise<Buffer | string> {
  const buffer = Buffer.allocUnsafe(input.sizeBytes + 1);
  return new Promise((resolve) => {
    open(input.path, openFlags, (openError, file) => {
      if (openError !== null) {
        resolve(Promise.reject(openError).catch(notOpened));
        return;
      }
      read(file, buffer, 0, buffer.byteLength, null, (readError, length) => {
        if (readError === null && length === input.sizeBytes) {
          close(file, () => resolve(buffer.subarray(0, length)));
          return;
        }
        resolve(lookAtOdd(input, file, readError).finally(() => fs.close(file)));
      });
    });
  });
}

/** Of a file that did not give what it should have given: what is wrong with it, or what it gives when it is read on. */
async function lookAtOdd(input: MergeInput, file: number, readError: Error | null): Promise<Buffer | string> {
  if (readError !== null) return notRead(readError);
  const { size } = await fs.stat(file);
  if (size !== input.sizeBytes) return sizeFlaw(input, size);
  const buffer = Buffer.allocUnsafe(size);
  for (let length = 0; length < size;) {
    const { bytesRead } = await fs.read(file, buffer, length, size - length, length);
    if (bytesRead === 0) return sizeFlaw(input, length);
    length += bytesRead;
  }
  return buffer;
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
    return notRead(error);
  }
}

/** Neither follows a link, nor waits for the other end of a pipe (I1). */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const notRegular = "is no regular file";

async function openInput(input: MergeInput): Promise<number | string> {
  try {
    return await fs.open(input.path, openFlags);
  } catch (error) {
    return notOpened(error);
  }
}

/** The flaw of a file that cannot be opened; other errors go on (I3). */
function notOpened(error: unknown): string {
  return errorCode(error) === "ELOOP" ? notRegular : missing(error);
}

/** The flaw of a file that cannot be read; other errors go on (I3). */
function notRead(error: unknown): string {
  if (errorCode(error) === "EISDIR") return notRegular;
  throw error;
}
