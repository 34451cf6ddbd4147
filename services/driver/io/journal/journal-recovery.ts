// Reads a journal: the newest snapshot, and all segments after it, in the order in which they go on from each other.
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
//   V4. A snapshot stands for the segment that it names and all before it. It counts if a segment of the chain goes on from
//       just there; so what a replaced driver might have snapshot is as void as what it wrote. One is made only of
//       segments that others went on from already: a snapshot beyond the newest segment means that segments are gone.
//   V5. The newest snapshot that is whole is taken. One that is damaged is passed over, and said so, if an older one, or the
//       beginning, is there with all segments since; else it is an error. Nothing before the snapshot that was taken is
//       looked at: it may be gone, in whole or in part.

import { join } from "node:path";
import { errorCode, errorMessage } from "../../../shared/io/error-code.js";
import type { DurableFact } from "../../core/facts/fact.js";
import type { Farm } from "../../core/state/farm.js";
import { findChain, type Chain, type Flaw, type Link } from "./journal-chain.js";
import { decodeFacts } from "./journal-codec.js";
import { segmentName, snapshotName, type JournalFolder } from "./journal-folder.js";
import type { SnapshotId } from "./journal-frames.js";
import { frameAt, JournalDamage, walkSegment, type SegmentEnd } from "./journal-segment.js";
import { readState } from "./snapshot-file.js";

/** A segment that nobody writes any more, as far as it counts. */
export interface ClosedSegment extends Link {
  readonly end: number;
  /** Of its header and the frames that count; 0 when they were not read, since a snapshot holds them. */
  readonly bytes: number;
}

/** What was found. */
export interface Recovery {
  /** The sequence to go on with. */
  readonly nextSequence: number;
  /** The segments that count, in their order; the next one goes on from the last of them. */
  readonly segments: readonly ClosedSegment[];
  /** The snapshots that count, the newest first, without those that were passed over. */
  readonly snapshots: readonly SnapshotId[];
  /** Why there is nothing before the first segment; undefined when nothing was. */
  readonly gap: Flaw | undefined;
  /** The one that was taken (V5). */
  readonly snapshot: SnapshotId | undefined;
  /** What is wrong with those that were passed over (V5). */
  readonly passedOver: readonly string[];
  /** How many were read. */
  readonly frames: number;
  /** The frame that the last driver had in flight when it died, if there is a part of it: where, and what is wrong. */
  readonly tornTail: string | undefined;
}

/** Who is told what is read. */
export interface JournalReader {
  /** The state of a snapshot, before the first frame; not called when there is none to be taken. */
  readonly onState: (farm: Farm) => void;
  /** The facts of each commit since that state, in order. */
  readonly onFacts: (facts: readonly DurableFact[], sequence: number) => void;
}

/** For a driver of the epoch: all others are earlier. Reads all that counts. Throws `JournalDamage`. */
export async function recover(
  folder: JournalFolder,
  options: JournalReader & { readonly epoch: number },
  signal: AbortSignal,
): Promise<Recovery> {
  return readChain(folder, await findChain(folder, options.epoch, signal), options, signal);
}

/** Reads all that a chain holds. Throws `JournalDamage`. */
export async function readChain(
  folder: JournalFolder,
  chain: Chain,
  reader: JournalReader,
  signal: AbortSignal,
): Promise<Recovery> {
  const { snapshots, passedOver } = await takeSnapshot(folder, chain, reader, signal);
  const snapshot = snapshots[0];
  const firstSequence = snapshot === undefined ? 1 : snapshot.sequence + 1;
  let nextSequence = firstSequence;
  const segments: ClosedSegment[] = [];
  let tornTail: string | undefined;
  for (const link of chain.links) {
    if (link.end !== undefined && link.firstSequence < firstSequence) {
      segments.push({ ...link, end: link.end, bytes: 0 });
      continue;
    }
    const end = await readLink(folder, link, reader, signal);
    nextSequence = end.nextSequence;
    segments.push({ ...link, end: nextSequence, bytes: end.bytes });
    if (end.torn !== undefined) tornTail = `${frameAt(end.path, nextSequence, end.bytes)}: ${end.torn}`;
  }
  const frames = nextSequence - firstSequence;
  return { nextSequence, segments, snapshots, gap: chain.gap, snapshot, passedOver, frames, tornTail };
}

interface TakenSnapshot {
  /** The first of them was taken. */
  readonly snapshots: readonly SnapshotId[];
  readonly passedOver: readonly string[];
}

/** The newest that is whole (V5); none when there is none, and the chain is whole from its beginning. */
async function takeSnapshot(
  folder: JournalFolder,
  { snapshots, gap }: Chain,
  { onState }: JournalReader,
  signal: AbortSignal,
): Promise<TakenSnapshot> {
  const passedOver: string[] = [];
  for (const [at, snapshot] of snapshots.entries()) {
    const farm = await readSnapshot(folder, snapshot, signal);
    if (!(farm instanceof JournalDamage)) {
      onState(farm);
      return { snapshots: snapshots.slice(at), passedOver };
    }
    passedOver.push(`${farm.where}: ${farm.flaw}`);
  }
  if (gap === undefined) return { snapshots: [], passedOver };
  const whole = passedOver.map((flaw) => `; nor is there a whole snapshot of what was before: ${flaw}`);
  throw new JournalDamage(gap.where, `${gap.flaw}${whole.join("")}`);
}

async function readSnapshot(
  folder: JournalFolder,
  id: SnapshotId,
  signal: AbortSignal,
): Promise<Farm | JournalDamage> {
  const name = snapshotName(id);
  const path = join(folder.path, name);
  try {
    const file = await folder.open(name);
    try {
      return await readState({ file, path, id }, signal);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof JournalDamage) return error;
    if (errorCode(error) === "ENOENT") return new JournalDamage(path, "there is no such file");
    throw error;
  }
}

async function readLink(
  folder: JournalFolder,
  link: Link,
  reader: JournalReader,
  signal: AbortSignal,
): Promise<SegmentEnd & { readonly path: string }> {
  const name = segmentName(link.id);
  const path = join(folder.path, name);
  const { firstSequence, end } = link;
  const file = await folder.open(name);
  try {
    const onFrame = (payload: Uint8Array, sequence: number, at: number): void =>
      reader.onFacts(
        readFacts(payload, () => frameAt(path, sequence, at)),
        sequence,
      );
    const read = await walkSegment(file, { path, firstSequence, end, onFrame }, signal);
    if (end === undefined) await file.sync(); // (V2) Earlier ones were synced by whoever went on from them.
    return { ...read, path };
  } finally {
    await file.close();
  }
}

/** What cannot be read names its frame. */
function readFacts(payload: Uint8Array, where: () => string): readonly DurableFact[] {
  try {
    return decodeFacts(payload);
  } catch (error) {
    throw new Error(`${where()}: ${errorMessage(error)}`, { cause: error });
  }
}
