// Reads all segments of a journal, in the order in which they were written.
//
// Sequence numbers run on through all segments without a gap. A driver goes on from the last whole frame that it finds,
// and says in the header of its own segment which sequence that segment begins with. So it settles for all time what its
// predecessors left unsettled:
//
//   V1. What an earlier segment has from the first sequence of a later one on is void, whether torn or whole: a frame cut
//       off by a crash; the first write of a batch that was written again in a new segment; a frame of a predecessor
//       that was paused, replaced, and woke up late. None of it was acknowledged, since a driver reads its claim between
//       sync and acknowledgement, and its successor claims before it reads. None of it may come back to life either,
//       since the successor's facts were decided without it. So torn tails stay as they are: nobody has to cut them
//       off, and no driver ever writes into another one's segment.
//   V2. Frames that a driver builds on are durable before it says so: it syncs them itself, since a predecessor that was
//       killed between write and sync left them in the memory of the machine only.
//   V3. A segment whose header is not whole holds nothing: header and folder are synced before the first frame is
//       written. If there is anything behind such a header, it is damage.

import { join } from "node:path";
import { decodeSegmentHeader, formatVersion, segmentHeaderBytes } from "./journal-frames.js";
import type { SegmentHeader } from "./journal-frames.js";
import { parseSegmentName, segmentName, type JournalFolder, type SegmentId } from "./journal-folder.js";
import { frameAt, JournalDamage, walkSegment, type SegmentEnd } from "./journal-segment.js";

/** What was found in the segments of earlier epochs. */
export interface Recovery {
  /** The sequence to go on with. */
  readonly nextSequence: number;
  readonly segments: number;
  readonly frames: number;
  readonly bytes: number;
  /** The frame that the last driver had in flight when it died, if there is a part of it: where, and what is wrong. */
  readonly tornTail: string | undefined;
}

export interface RecoveryOptions {
  /** Of the driver that recovers: all others are earlier. */
  readonly epoch: number;
  /** Each frame's payload, whose bytes are used again; `where` names the frame in words. */
  readonly onFrame: (payload: Uint8Array, sequence: number, where: () => string) => void;
}

/** A segment, and where it stops to count (V1). */
interface Part {
  readonly name: string;
  readonly header: SegmentHeader;
  readonly end: number | undefined;
}

/** Reads every frame that counts. Throws `JournalDamage`. */
export async function recover(
  folder: JournalFolder,
  options: RecoveryOptions,
  signal: AbortSignal,
): Promise<Recovery> {
  const parts = partsThatCount(await readHeaders(folder, options.epoch, signal));
  let nextSequence = 1;
  let bytes = 0;
  let tornTail: string | undefined;
  for (const part of parts) {
    const path = join(folder.path, part.name);
    if (part.header.firstSequence !== nextSequence) {
      const found = `expected the segment that begins with frame ${nextSequence}, found one that begins with frame`;
      throw new JournalDamage(path, `${found} ${part.header.firstSequence}: a segment before it is missing`);
    }
    const end = await readPart(folder, part, options, signal);
    nextSequence = end.nextSequence;
    bytes += end.bytes;
    tornTail = end.torn === undefined ? undefined : `${frameAt(path, nextSequence, end.bytes)}: ${end.torn}`;
  }
  return { nextSequence, segments: parts.length, frames: nextSequence - 1, bytes, tornTail };
}

/** For a segment that stands where only a later driver can have made it. */
export function laterDriver(folder: JournalFolder, name: string, epoch: number): Error {
  return new Error(
    `${folder.path}: expected only segments of epochs before ${epoch}, found ${name}: a later driver has begun on this ` +
      "workdir. If none has, then the claims beside the journal were lost: restore them from a copy.",
  );
}

async function readPart(
  folder: JournalFolder,
  part: Part,
  options: RecoveryOptions,
  signal: AbortSignal,
): Promise<SegmentEnd> {
  const path = join(folder.path, part.name);
  const file = await folder.open(part.name);
  try {
    const end = await walkSegment(
      file,
      {
        path,
        firstSequence: part.header.firstSequence,
        end: part.end,
        onFrame: (payload, sequence, at) =>
          options.onFrame(payload, sequence, () => frameAt(path, sequence, at)),
      },
      signal,
    );
    if (part.end === undefined) await file.sync(); // (V2) Earlier ones were synced by whoever went on from them.
    return end;
  } finally {
    await file.close();
  }
}

/** The segments that have frames which count, each with its end (V1). */
function partsThatCount(segments: readonly Omit<Part, "end">[]): Part[] {
  const parts: Part[] = [];
  let end: number | undefined;
  for (const segment of segments.toReversed()) {
    const { firstSequence } = segment.header;
    if (end !== undefined && firstSequence >= end) continue;
    parts.push({ ...segment, end });
    end = firstSequence;
  }
  return parts.reverse();
}

/** The headers of all earlier epochs' segments, in the order in which they were begun; without those that hold nothing. */
async function readHeaders(
  folder: JournalFolder,
  epoch: number,
  signal: AbortSignal,
): Promise<Omit<Part, "end">[]> {
  const ids = (await folder.list()).flatMap((name) => parseSegmentName(name) ?? []);
  ids.sort((a, b) => a.epoch - b.epoch || a.part - b.part);
  const segments: Omit<Part, "end">[] = [];
  for (const id of ids) {
    signal.throwIfAborted();
    if (id.epoch === epoch && id.part === 0) continue;
    const name = segmentName(id);
    if (id.epoch >= epoch) throw laterDriver(folder, name, epoch);
    const header = await readHeader(folder, id);
    if (header !== undefined) segments.push({ name, header });
  }
  return segments;
}

/** Undefined when the segment holds nothing (V3). */
async function readHeader(folder: JournalFolder, id: SegmentId): Promise<SegmentHeader | undefined> {
  const name = segmentName(id);
  const path = join(folder.path, name);
  const file = await folder.open(name);
  try {
    const bytes = Buffer.alloc(segmentHeaderBytes + 1);
    const length = await file.read(bytes, 0);
    if (length < segmentHeaderBytes) return undefined;
    const reading = decodeSegmentHeader(bytes);
    if (reading.kind === "bad") {
      if (length === segmentHeaderBytes) return undefined;
      throw new JournalDamage(`${path}: header at byte 0`, reading.flaw);
    }
    if (reading.kind === "other-version") {
      throw new Error(
        `${path}: expected format version ${formatVersion}, found ${reading.version}: a newer Noctua wrote it. Start that one.`,
      );
    }
    const { header } = reading;
    if (header.epoch === id.epoch && header.part === id.part) return header;
    throw new JournalDamage(path, `the header says that this is ${segmentName(header)}`);
  } finally {
    await file.close();
  }
}
