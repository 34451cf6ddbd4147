// Reads the inputs of a merge, each once, in their order.
//
//   C1. Those of at most `smallBytesMax` are read whole, and where that is not quick (small-inputs.ts) ahead, several at a
//       time, since it is opening them that takes long; larger ones in blocks.
//   C2. An input that is not what was reported is told as flawed (merge-input.ts, I1 and I3), and the others are read on.

import { emptySum, joinedSum } from "../../shared/core/adler32.js";
import { checksummer, type Checksum } from "../../shared/io/checksum.js";
import { contentFlaw, flawsMax, sizeFlaw, type Flaw, type MergeInput } from "./merge-input.js";
import { fs, notOpened, notRead, openFlags, QuickReading, readInBackground } from "./small-inputs.js";

/** Where the bytes of inputs go. */
export interface Sink {
  /** For so many bytes at least, which are `roomBytesMax` at most. What is put there is kept when it is added. */
  room(bytes: number): Buffer | Promise<Buffer>;
  /** Keeps the first bytes of the room that was given last: so many, which sum up to that. */
  add(sum: Checksum): void;
}

export const roomBytesMax = 1 << 20;
const smallBytesMax = roomBytesMax;
/** Small inputs that are read at a time, and their bytes. */
const aheadMax = 32;
const aheadBytesMax = 8 << 20;

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

  /** Puts the input's bytes into the sink. What is wrong with it, or undefined when nothing is. */
  read(input: MergeInput, sink: Sink, signal: AbortSignal): string | undefined | Promise<string | undefined> {
    if (input.sizeBytes > smallBytesMax) return this.#readLarge(input, sink, signal);
    const ahead = this.#takeAhead(input);
    if (ahead !== undefined) return this.#readWhole(input, ahead, sink);
    if (!this.#quick.mayRead(input)) return this.#readWhole(input, readInBackground(input), sink);
    const room = sink.room(input.sizeBytes + 1);
    return room instanceof Promise
      ? room.then((empty) => this.#readNow(input, empty, sink))
      : this.#readNow(input, room, sink);
  }

  /** Resolves when nothing is being read. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#ahead.values());
  }

  #readNow(input: MergeInput, room: Buffer, sink: Sink): string | undefined | Promise<string | undefined> {
    const bytes = this.#quick.read(input, room);
    if (bytes === undefined) return this.#readWhole(input, readInBackground(input), sink);
    return this.#add(input, bytes, sink);
  }

  async #readWhole(
    input: MergeInput,
    reading: Promise<Buffer | string>,
    sink: Sink,
  ): Promise<string | undefined> {
    this.#readAhead();
    const found = await reading;
    if (typeof found === "string") return found;
    const room = await sink.room(found.byteLength);
    room.set(found);
    return this.#add(input, found, sink);
  }

  /** Of bytes that are in the sink's room. */
  #add(input: MergeInput, bytes: Uint8Array, sink: Sink): string | undefined {
    const sum = this.#sumOf(bytes);
    const flaw = contentFlaw(input, sum);
    if (flaw === undefined) sink.add(sum);
    return flaw;
  }

  #takeAhead(input: MergeInput): Promise<Buffer | string> | undefined {
    const ahead = this.#ahead.get(input);
    if (this.#ahead.delete(input)) this.#aheadBytes -= input.sizeBytes;
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

  async #readLarge(input: MergeInput, sink: Sink, signal: AbortSignal): Promise<string | undefined> {
    this.#readAhead();
    const file = await openInput(input);
    if (typeof file === "string") return file;
    try {
      const { size } = await fs.stat(file);
      if (size !== input.sizeBytes) return sizeFlaw(input, size);
      let all = emptySum;
      for (;;) {
        signal.throwIfAborted();
        const room = await sink.room(roomBytesMax);
        const length = await readInto(file, room);
        if (typeof length === "string") return length;
        if (length === 0) return contentFlaw(input, all);
        const sum = this.#sumOf(room.subarray(0, length));
        all = joinedSum(all, sum);
        sink.add(sum);
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
    const room = Buffer.allocUnsafeSlow(roomBytesMax);
    const sink: Sink = { room: () => room, add: ({ sizeBytes }) => onBytes(sizeBytes) };
    try {
      for (let input = reader.next(); input !== undefined; input = reader.next()) {
        signal.throwIfAborted();
        const found = await reader.read(input, sink, signal);
        if (found !== undefined) flaws.push({ input, found });
        if (flaws.length === flawsMax) break; // (I4)
      }
    } finally {
      await reader.close();
    }
    return flaws;
  };
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
