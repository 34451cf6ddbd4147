// Writes one segment, so that each step can be asked for again where it failed for want of space.
//
//   G1. The header, and the folder's entry of the file, are durable before the first frame is written.
//   G2. A frame is written at its place, whatever an earlier try left there, and counts when all of it is synced.

import { segmentName, type JournalFolder, type WritableSegment } from "./journal-folder.js";
import {
  encodeSegmentHeader,
  segmentHeaderBytes,
  type SegmentHeader,
  type SegmentId,
} from "./journal-frames.js";

/** What a segment goes on from. */
export type SegmentStart = Omit<SegmentHeader, "id">;

export class SegmentWriter {
  readonly id: SegmentId;
  readonly name: string;
  readonly #folder: JournalFolder;
  #file: WritableSegment | undefined;
  #start: SegmentStart | undefined;
  #end = segmentHeaderBytes;

  constructor(folder: JournalFolder, id: SegmentId) {
    this.id = id;
    this.name = segmentName(id);
    this.#folder = folder;
  }

  /** What it begins with, from the moment when its header is durable: from then on others may go on from it. */
  get start(): SegmentStart | undefined {
    return this.#start;
  }

  /** Of its header and its durable frames. */
  get bytes(): number {
    return this.#end;
  }

  /** Makes the file, empty, unless that is done. Fails when there is one of the name that is not ours. */
  async create(): Promise<WritableSegment> {
    this.#file ??= await this.#folder.create(this.name, "each-synced");
    return this.#file;
  }

  /** Makes file and header durable, unless that is done (G1). */
  async begin(start: SegmentStart): Promise<WritableSegment> {
    const file = await this.create();
    if (this.#start !== undefined) return file;
    await writeAll(file, encodeSegmentHeader({ id: this.id, ...start }), 0);
    await file.sync();
    await this.#folder.sync();
    this.#start = start;
    return file;
  }

  /** Makes a frame durable; in a segment that has not begun, `start` says with what it begins (G2). */
  async append(frame: Uint8Array, start: SegmentStart): Promise<void> {
    const file = await this.begin(start);
    await writeAll(file, frame, this.#end);
    await file.sync();
    this.#end += frame.length;
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}

/** Writes all of the bytes, in as many writes as it takes. */
export async function writeAll(file: WritableSegment, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const more = await file.write(bytes.subarray(written), position + written);
    if (more === 0)
      throw new Error(`expected to write ${bytes.length - written} bytes, found that none were written`);
    written += more;
  }
}
