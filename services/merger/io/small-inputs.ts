// Reads small inputs whole.
//
//   Q1. The loop reads them itself while that is quick, as it is for files that the system has in memory: there, having
//       other threads open, read and close a file takes four times as long as doing it.
//   Q2. After one that was not quick, some are read in the background, and twice as many each time: so a slow file system
//       holds up the loop for one file in hundreds, and opens several at a time.
//   Q3. Now and then one is read in the background anyhow, and the loop turns to other things meanwhile.

import { close, closeSync, constants, fstat, open, openSync, read, readSync } from "node:fs";
import { promisify } from "node:util";
import { errorCode } from "../../shared/io/error-code.js";
import { systemClock } from "../../shared/io/system-clock.js";
import { missing, sizeFlaw, type MergeInput } from "./merge-input.js";

/** What is read by the loop itself has at most so many bytes, */
const quickBytesMax = 1 << 18;
/** and takes at most so long. */
const quickMsMax = 0.25;
/** How many are read in the background after the first that was not quick, and at most. */
const pauseMin = 4;
const pauseMax = 512;
/** How many the loop reads before it turns to other things. */
const rowMax = 256;

/** Says which inputs the loop reads itself. */
export class QuickReading {
  readonly #nowMs: () => number;
  /** How many are read in the background before it is tried again. */
  #left = 0;
  #pause = pauseMin;
  #row = 0;

  constructor(nowMs: () => number = () => systemClock.nowMs()) {
    this.#nowMs = nowMs;
  }

  /** Whether the loop reads it. */
  mayRead({ sizeBytes }: MergeInput): boolean {
    if (this.#left > 0 || sizeBytes > quickBytesMax) return false;
    this.#row = (this.#row + 1) % rowMax;
    return this.#row !== 0; // (Q3)
  }

  /** What is in the input, at the beginning of the room; undefined when anything is odd: what it is, is found out in the background. */
  read(input: MergeInput, room: Buffer): Buffer | undefined {
    const beganAtMs = this.#nowMs();
    const bytes = readNow(input, room);
    if (this.#nowMs() - beganAtMs <= quickMsMax) {
      this.#pause = pauseMin;
    } else {
      this.#left = this.#pause; // (Q2)
      this.#pause = Math.min(pauseMax, this.#pause * 2);
    }
    return bytes;
  }

  /** Whether one more is to be read in the background ahead of its turn. */
  mayReadAhead({ sizeBytes }: MergeInput): boolean {
    if (sizeBytes > quickBytesMax) return true;
    if (this.#left === 0) return false;
    this.#left -= 1;
    return true;
  }
}

/** One byte more than was reported is enough to see that it is longer. */
function readNow({ path, sizeBytes }: MergeInput, room: Buffer): Buffer | undefined {
  try {
    const file = openSync(path, openFlags);
    try {
      const length = readSync(file, room, 0, sizeBytes + 1, null);
      return length === sizeBytes ? room.subarray(0, length) : undefined;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/**
 * What is in a small input, or what is wrong with it. In callbacks, since promises cost twice as much as opening, reading and
 * closing a small file.
 */
export function readInBackground(input: MergeInput): Promise<Buffer | string> {
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

/** Without file handles, which cost more than reading a small file. */
export const fs = {
  open: promisify(open),
  read: promisify(read),
  close: promisify(close),
  stat: promisify(fstat),
};

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

/** Neither follows a link, nor waits for the other end of a pipe (I1). */
export const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const notRegular = "is no regular file";

/** The flaw of a file that cannot be opened; other errors go on (I3). */
export function notOpened(error: unknown): string {
  return errorCode(error) === "ELOOP" ? notRegular : missing(error);
}

/** The flaw of a file that cannot be read; other errors go on (I3). */
export function notRead(error: unknown): string {
  if (errorCode(error) === "EISDIR") return notRegular;
  throw error;
}
