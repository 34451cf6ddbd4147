// Which segments and snapshots of a journal count, told by names and headers alone (journal-recovery.ts, V1 to V5).

import { join } from "node:path";
import { errorCode } from "../../../shared/io/error-code.js";
import {
  parseSegmentName,
  parseSnapshotName,
  segmentName,
  snapshotName,
  type JournalFolder,
} from "./journal-folder.js";
import {
  decodeSegmentHeader,
  formatVersion,
  segmentHeaderBytes,
  type SegmentHeader,
  type SegmentId,
  type SnapshotId,
} from "./journal-frames.js";
import { JournalDamage } from "./journal-segment.js";

/** A segment that counts, as far as it counts. */
export interface Link {
  readonly id: SegmentId;
  readonly firstSequence: number;
  /** The first sequence that is void in it, when another segment goes on from it (V1). */
  readonly end: number | undefined;
}

/** What is wrong, and where. */
export interface Flaw {
  readonly where: string;
  readonly flaw: string;
}

/** Plain data: it is sent to the thread that makes snapshots. */
export interface Chain {
  /** Those that are there without a gap up to the newest, the oldest first. */
  readonly links: readonly Link[];
  /** Those from which the links go on (V4), the newest first. */
  readonly snapshots: readonly SnapshotId[];
  /** Why there is nothing before the first link; undefined when nothing was. */
  readonly gap: Flaw | undefined;
}

/** For a driver of the epoch, which has made its own first segment already; all others are of earlier epochs. */
export async function findChain(folder: JournalFolder, epoch: number, signal: AbortSignal): Promise<Chain> {
  const names = await folder.list();
  const snapshots = names.flatMap((name) => parseSnapshotName(name) ?? []);
  const headers = await readHeaders(folder, earlierSegments(folder, names, epoch), signal);
  const newest = [...headers.values()].at(-1);
  if (newest instanceof JournalDamage) throw newest;
  const last = snapshots.sort((a, b) => order(a.segment, b.segment)).at(-1);
  const beyond =
    last !== undefined && (newest === undefined || order(last.segment, newest.id) >= 0) ? last : undefined;
  if (beyond !== undefined) throw missingSegments(folder, beyond, newest); // (V4)
  return chainFrom(folder, newest, { headers, snapshots: new Set(snapshots.map(snapshotName)) });
}

interface Found {
  /** By the names of the segments, in their order. */
  readonly headers: ReadonlyMap<string, SegmentHeader | JournalDamage>;
  readonly snapshots: ReadonlySet<string>;
}

/** Backwards from the newest segment, until there is nothing before. */
function chainFrom(folder: JournalFolder, newest: SegmentHeader | undefined, found: Found): Chain {
  const links: Link[] = [];
  const snapshots: SnapshotId[] = [];
  let gap: Flaw | undefined;
  let end: number | undefined;
  for (let header = newest; header !== undefined;) {
    const { id, firstSequence, after }: SegmentHeader = header;
    links.push({ id, firstSequence, end });
    const snapshot: SnapshotId | undefined = after && { segment: after, sequence: firstSequence - 1 };
    if (snapshot !== undefined && found.snapshots.has(snapshotName(snapshot))) snapshots.push(snapshot);
    const before: SegmentHeader | JournalDamage | undefined = after && found.headers.get(segmentName(after));
    gap = before instanceof JournalDamage ? before : gapBefore(folder, header, before);
    end = firstSequence;
    header = gap === undefined && !(before instanceof JournalDamage) ? before : undefined;
  }
  return { links: links.reverse(), snapshots, gap: gap && { where: gap.where, flaw: gap.flaw } };
}

/** What is wrong with a segment's going on from another one. */
function gapBefore(
  folder: JournalFolder,
  header: SegmentHeader,
  before: SegmentHeader | undefined,
): Flaw | undefined {
  const { firstSequence, after } = header;
  const flaw = (text: string): Flaw => ({ where: join(folder.path, segmentName(header.id)), flaw: text });
  if (after === undefined)
    return firstSequence === 1
      ? undefined
      : flaw(`it begins with frame ${firstSequence}, and goes on from no segment`);
  const named = `it goes on from ${segmentName(after)} with frame ${firstSequence}`;
  if (before === undefined) return flaw(`${named}, and there is no such segment`);
  if (order(before.id, header.id) >= 0) return flaw(`${named}, which is not before it`);
  if (before.firstSequence > firstSequence)
    return flaw(`${named}, which begins with frame ${before.firstSequence}`);
  return undefined;
}

/** Negative when the first of them is the older one. */
export function order(a: SegmentId, b: SegmentId): number {
  return a.epoch - b.epoch || a.part - b.part;
}

/** For a segment that stands where only a later driver can have made it. */
export function laterDriver(folder: JournalFolder, name: string, epoch: number): Error {
  return new Error(
    `${folder.path}: expected only segments of epochs before ${epoch}, found ${name}: a later driver has begun on this ` +
      "workdir. If none has, then the claims beside the journal were lost: restore them from a copy.",
  );
}

function missingSegments(
  folder: JournalFolder,
  id: SnapshotId,
  newest: SegmentHeader | undefined,
): JournalDamage {
  const found =
    newest === undefined
      ? "there is no segment"
      : `the newest segment, ${segmentName(newest.id)}, begins with frame ${newest.firstSequence}`;
  return new JournalDamage(
    join(folder.path, snapshotName(id)),
    `segments that go on from commit ${id.sequence} were there when it was made, and ${found}`,
  );
}

/** In their order. */
function earlierSegments(folder: JournalFolder, names: readonly string[], epoch: number): SegmentId[] {
  const ids = names.flatMap((name) => parseSegmentName(name) ?? []).sort(order);
  const others = ids.filter((id) => id.epoch !== epoch || id.part !== 0);
  const later = others.find((id) => id.epoch >= epoch);
  if (later !== undefined) throw laterDriver(folder, segmentName(later), epoch);
  return others;
}

/** The headers of those that hold something, or what is wrong with them. */
async function readHeaders(
  folder: JournalFolder,
  ids: readonly SegmentId[],
  signal: AbortSignal,
): Promise<Map<string, SegmentHeader | JournalDamage>> {
  const headers = new Map<string, SegmentHeader | JournalDamage>();
  for (const id of ids) {
    signal.throwIfAborted();
    const header = await readHeader(folder, id);
    if (header !== undefined) headers.set(segmentName(id), header);
  }
  return headers;
}

/** Undefined when the segment holds nothing (V3). */
async function readHeader(
  folder: JournalFolder,
  id: SegmentId,
): Promise<SegmentHeader | JournalDamage | undefined> {
  const name = segmentName(id);
  const path = join(folder.path, name);
  const bytes = Buffer.alloc(segmentHeaderBytes + 1);
  const length = await readBegin(folder, name, bytes);
  if (length < segmentHeaderBytes) return undefined;
  const reading = decodeSegmentHeader(bytes);
  if (reading.kind === "bad")
    return length === segmentHeaderBytes
      ? undefined
      : new JournalDamage(`${path}: header at byte 0`, reading.flaw);
  if (reading.kind === "other-version") {
    throw new Error(
      `${path}: expected format version ${formatVersion}, found ${reading.version}: a newer Noctua wrote it. Start that one.`,
    );
  }
  if (order(reading.header.id, id) === 0) return reading.header;
  return new JournalDamage(path, `the header says that this is ${segmentName(reading.header.id)}`);
}

/** How much was read; nothing of a file that a predecessor has removed since it was listed. */
async function readBegin(folder: JournalFolder, name: string, into: Buffer): Promise<number> {
  try {
    const file = await folder.open(name);
    try {
      return await file.read(into, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errorCode(error) === "ENOENT") return 0;
    throw error;
  }
}
