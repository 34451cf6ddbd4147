// Reads the inputs of a merge, each once, in their order.
//
//   C1. Those of at most `smallBytesMax` are read whole, and where that is not quick (small-inputs.ts) ahead, several at a
//       time, since it is opening them that takes long; larger ones in blocks.
//   C2. An input that is not what was reported is told as flawed (merge-input.ts, I1 and I3), and the others are read on.

import { emptySum, joinedSum } from "../../shared/core/adler32.js";
import { checksummer, type Checksum } from "../../shared/io/checksum.js";
import { contentFlaw, flawsMax, sizeFlaw, type Flaw, type MergeInput } from "./merge-input.js";
import { fs, notOpened, notRead, openFlags, QuickReading, readInBackground } from "./small-inputs.js";

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

export class InputReader {
  readonly #inputs: Iterator<MergeInput>;
  readonly #sumOf: (bytes: Uint8Array) => Checksum;
  readonly #quick = new QuickReading();
  /** Inputs that were passed by or are read already, and come next, */
  readonly #passed: MergeInput[] = [];
  /** and the one behind them, when it is known. */
  #behind: MergeInput | undefined;
  /** Of small inputs that are read already: what is in each, or what is wrong with it. */
  readonly #ahead = new Map<MergeInput, Promise<Buffer | string>>();
  #aheadBytes = 0;

  private constructor(inputs: Iterable<MergeInput>, sumOf: (bytes: Uint8Array) => Checksum) {
    this.#inputs = inputs[Symbol.iterator]();
    this.#sumOf = sumOf;
  }

  static async of(inputs: Iterable<MergeInput>): Promise<InputReader> {
    return new InputReader(inputs, await checksummer());
  }

  /** The next input, to be read before one more is asked for; undefined behind the last. */
  next(): MergeInput | undefined {
    const passed = this.#passed.shift();
    if (passed !== undefined) return passed;
    const next = this.#peek();
    this.#behind = undefined;
    return next;
  }

  /** Gives the input's bytes away, piece by piece. Resolves with what is wrong with it, or undefined when nothing is. */
  async read(input: MergeInput, take: Take, signal: AbortSignal): Promise<string | undefined> {
    const begun = input.sizeBytes > smallBytesMax ? undefined : this.#readWhole(input);
    this.#readAhead();
    if (begun === undefined) return this.#readLarge(input, take, signal);
    const found = begun instanceof Promise ? await begun : begun;
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

  #readWhole(input: MergeInput): Promise<Buffer | string> | Buffer {
    const ahead = this.#ahead.get(input);
    if (ahead === undefined) return this.#quick.read(input) ?? readInBackground(input);
    this.#ahead.delete(input);
    this.#aheadBytes -= input.sizeBytes;
    return ahead;
  }

  #peek(): MergeInput | undefined {
    if (this.#behind === undefined) {
      const next = this.#inputs.next();
      if (next.done !== true) this.#behind = next.value;
    }
    return this.#behind;
  }

  /** (C1) Large inputs are passed by: whoever asks for one reads it then. */
  #readAhead(): void {
    while (this.#passed.length < aheadMax) {
      const input = this.#peek();
      if (input === undefined) return;
      if (input.sizeBytes <= smallBytesMax) {
        if (this.#aheadBytes + input.sizeBytes > aheadBytesMax || !this.#quick.mayReadAhead(input)) return;
        const reading = readInBackground(input);
        reading.catch(() => undefined); // Whoever reads that input is told.
        this.#ahead.set(input, reading);
        this.#aheadBytes += input.sizeBytes;
      }
      this.#passed.push(input);
      this.#behind = undefined;
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
export function lookByReading(
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): (inputs: Iterable<MergeInput>) => Promise<readonly Flaw[]> {
  return async (inputs) => {
    const reader = await InputReader.of(inputs);
    const flaws: Flaw[] = [];
    const take: Take = ({ bytes }) => {
      onBytes(bytes.byteLength);
      return undefined;
    };
    try {
      for (let input = reader.next(); input !== undefined; input = reader.next()) {
        signal.throwIfAborted();
        const found = await reader.read(input, take, signal);
        if (found !== undefined) flaws.push({ input, found });
        if (flaws.length === flawsMax) break; // (I4)
      }
    } finally {
      await reader.close();
    }
    return flaws;
  };
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

async function openInput(input: MergeInput): Promise<number | string> {
  try {
    return await fs.open(input.path, openFlags);
  } catch (error) {
    return notOpened(error);
  }
}
