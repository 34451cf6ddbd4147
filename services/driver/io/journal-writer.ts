// Writes one segment, so that each step can be asked for again where it failed for want of space.
//
//   G1. The header, and the folder's entry of the file, are durable before the first frame is written.
//   G2. A frame is written at its place, whatever an earlier try left there, and counts when all of it is synced.

import type { JournalFolder, WritableSegment } from "./journal-folder.js";
import { segmentName, type SegmentId } from "./journal-folder.js";
import { encodeSegmentHeader, segmentHeaderBytes } from "./journal-frames.js";

export class SegmentWriter {
  readonly name: string;
  readonly #folder: JournalFolder;
  readonly #id: SegmentId;
  #file: WritableSegment | undefined;
  #begun = false;
  #end = segmentHeaderBytes;

  constructor(folder: JournalFolder, id: SegmentId) {
    this.name = segmentName(id);
    this.#folder = folder;
    this.#id = id;
  }

  /** Makes the file, empty, unless that is done. Fails when there is one of the name that is not ours. */
  async create(): Promise<WritableSegment> {
    this.#file ??= await this.#folder.create(this.name);
    return this.#file;
  }

  /** Makes file and header durable, unless that is done (G1). */
  async begin(firstSequence: number): Promise<WritableSegment> {
    const file = await this.create();
    if (this.#begun) return file;
    await writeAll(file, encodeSegmentHeader({ ...this.#id, firstSequence }), 0);
    await file.sync();
    await this.#folder.sync();
    this.#begun = true;
    return file;
  }

  /** Makes a frame durable, in a segment that begins with it if it has none (G2). */
  async append(frame: Uint8Array, sequence: number): Promise<void> {
    const file = await this.begin(sequence);
    await writeAll(file, frame, this.#end);
    await file.sync();
    this.#end += frame.length;
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}

async function writeAll(file: WritableSegment, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const more = await file.write(bytes.subarray(written), position + written);
    if (more === 0)
      throw new Error(`expected to write ${bytes.length - written} bytes, found that none were written`);
    written += more;
  }
}
