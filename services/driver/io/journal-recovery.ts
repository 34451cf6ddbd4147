// Reads all segments of a journal, in the order in which they go on from each other.
//
// Sequence numbers run on through all segments without a gap. A driver goes on from the last whole frame that it finds,
// and says in the header of its own segment which segment that frame is in, and which sequence comes next. So it settles
// for all time what its predecessors left unsettled. What counts is the chain from the newest segment backwards:
//
//   V1. What a segment has from the first sequence of the one that goes on from it is void, whether torn or whole, and so
//       is a segment that nobody went on from but the newest one. That is where a crash cut a frame off; where a
//       batch stands that failed and was written again in a new segment; and what a predecessor wrote that was paused,
//       replaced, and woke up late. None of it was acknowledged, since a driver reads its claim between sync and
//       acknowledgement, and its successor claims before it reads. None of it may come back to life, since the
//       successor's facts were decided without it. So torn tails stay as they are: nobody has to cut them off, a
//       sequence that stands in one may be used again, and no driver ever writes into another one's segment.
//   V2. Frames that a driver goes on from are durable before it says so: it syncs them itself, since a predecessor that was
//       killed between write and sync left them in the memory of the machine only.
//   V3. A segment whose header is not whole holds nothing: header and folder are synced before the first frame is
//       written. If there is anything behind such a header, it is damage.

import { join } from "node:path";
import { parseSegmentName, segmentName, type JournalFolder } from "./journal-folder.js";
import {
  decodeSegmentHeader,
  formatVersion,
  segmentHeaderBytes,
  type SegmentHeader,
  type SegmentId,
} from "./journal-frames.js";
import { frameAt, JournalDamage, walkSegment, type SegmentEnd } from "./journal-segment.js";

/** A segment that nobody writes any more, as far as it counts. */
export interface ClosedSegment {
  readonly id: SegmentId;
  readonly firstSequence: number;
  /** The first sequence that is not in it, or is void there (V1). */
  readonly end: number;
  /** Of its header and the frames that count. */
  readonly bytes: number;
}

/** What was found in the segments of earlier epochs. */
export interface Recovery {
  /** The sequence to go on with. */
  readonly nextSequence: number;
  /** The segments that count, in their order; the next one goes on from the last of them. */
  readonly segments: readonly ClosedSegment[];
  readonly frames: number;
  /** The frame that the last driver had in flight when it died, if there is a part of it: where, and what is wrong. */
  readonly tornTail: string | undefined;
}

export interface RecoveryOptions {
  /** Of the driver that recovers: all others are earlier. */
  readonly epoch: number;
  /** Each frame's payload, whose bytes are used again; `where` names the frame in words. */
  readonly onFrame: (payload: Uint8Array, sequence: number, where: () => string) => void;
}

/** A segment of the chain, and where it stops to count (V1). */
interface Link {
  readonly header: SegmentHeader;
  readonly end: number | undefined;
}

/** Reads every frame that counts. Throws `JournalDamage`. */
export async function recover(
  folder: JournalFolder,
  options: RecoveryOptions,
  signal: AbortSignal,
): Promise<Recovery> {
  const chain = chainOf(folder, await readHeaders(folder, options.epoch, signal));
  let nextSequence = 1;
  const segments: ClosedSegment[] = [];
  let tornTail: string | undefined;
  for (const link of chain) {
    const end = await readLink(folder, link, options, signal);
    nextSequence = end.nextSequence;
    const { id, firstSequence } = link.header;
    segments.push({ id, firstSequence, end: nextSequence, bytes: end.bytes });
    tornTail =
      end.torn === undefined ? undefined : `${frameAt(end.path, nextSequence, end.bytes)}: ${end.torn}`;
  }
  return { nextSequence, segments, frames: nextSequence - 1, tornTail };
}

/** For a segment that stands where only a later driver can have made it. */
export function laterDriver(folder: JournalFolder, name: string, epoch: number): Error {
  return new Error(
    `${folder.path}: expected only segments of epochs before ${epoch}, found ${name}: a later driver has begun on this ` +
      "workdir. If none has, then the claims beside the journal were lost: restore them from a copy.",
  );
}

async function readLink(
  folder: JournalFolder,
  link: Link,
  options: RecoveryOptions,
  signal: AbortSignal,
): Promise<SegmentEnd & { readonly path: string }> {
  const name = segmentName(link.header.id);
  const path = join(folder.path, name);
  const { firstSequence } = link.header;
  const file = await folder.open(name);
  try {
    const onFrame = (payload: Uint8Array, sequence: number, at: number): void =>
      options.onFrame(payload, sequence, () => frameAt(path, sequence, at));
    const end = await walkSegment(file, { path, firstSequence, end: link.end, onFrame }, signal);
    if (link.end === undefined) await file.sync(); // (V2) Earlier ones were synced by whoever went on from them.
    return { ...end, path };
  } finally {
    await file.close();
  }
}

/** The segments that count, the oldest first, each with its end (V1). Headers come in the order of their segments. */
function chainOf(folder: JournalFolder, headers: readonly SegmentHeader[]): readonly Link[] {
  const byName = new Map(headers.map((header) => [segmentName(header.id), header]));
  const chain: Link[] = [];
  let header = headers.at(-1);
  let end: number | undefined;
  while (header !== undefined) {
    chain.push({ header, end });
    const path = join(folder.path, segmentName(header.id));
    const after: SegmentHeader | undefined =
      header.after === undefined ? undefined : byName.get(segmentName(header.after));
    const flaw = linkFlaw(header, after);
    if (flaw !== undefined) throw new JournalDamage(path, flaw);
    end = header.firstSequence;
    header = after;
  }
  return chain.reverse();
}

/** What is wrong with a segment's going on from another one. */
function linkFlaw(header: SegmentHeader, after: SegmentHeader | undefined): string | undefined {
  const { firstSequence } = header;
  if (header.after === undefined) {
    return firstSequence === 1
      ? undefined
      : `it begins with frame ${firstSequence}, and goes on from no segment`;
  }
  const named = `it goes on from ${segmentName(header.after)} with frame ${firstSequence}`;
  if (after === undefined) return `${named}, and there is no such segment`;
  if (order(after.id, header.id) >= 0) return `${named}, which is not before it`;
  if (after.firstSequence > firstSequence) return `${named}, which begins with frame ${after.firstSequence}`;
  return undefined;
}

function order(a: SegmentId, b: SegmentId): number {
  return a.epoch - b.epoch || a.part - b.part;
}

/** The headers of all earlier epochs' segments, in their order; without those that hold nothing. */
async function readHeaders(
  folder: JournalFolder,
  epoch: number,
  signal: AbortSignal,
): Promise<SegmentHeader[]> {
  const ids = (await folder.list()).flatMap((name) => parseSegmentName(name) ?? []).sort(order);
  const headers: SegmentHeader[] = [];
  for (const id of ids) {
    signal.throwIfAborted();
    if (id.epoch === epoch && id.part === 0) continue;
    if (id.epoch >= epoch) throw laterDriver(folder, segmentName(id), epoch);
    const header = await readHeader(folder, id);
    if (header !== undefined) headers.push(header);
  }
  return headers;
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
    if (order(reading.header.id, id) === 0) return reading.header;
    throw new JournalDamage(path, `the header says that this is ${segmentName(reading.header.id)}`);
  } finally {
    await file.close();
  }
}
