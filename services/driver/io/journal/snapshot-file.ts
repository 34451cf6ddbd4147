// One snapshot: a file that holds the durable state after a commit, in frames like the journal's.
//
//   A1. What is read is what was written, all of it: each frame is numbered and has its checksum, the last piece says how
//       many there are, and nothing may follow it. Anything else is damage, which is named.
//   A2. A snapshot is written with the memory of one piece, and read with that of one farm.

import { createHash, type Hash } from "node:crypto";
import { errorMessage } from "../../../shared/io/error-code.js";
import type { Farm, FarmView } from "../../core/state/farm.js";
import { FileWindow } from "./file-window.js";
import { StateReader } from "./journal-codec-restore.js";
import { encodeState } from "./journal-codec-state.js";
import type { ReadableSegment, WritableSegment } from "./journal-folder.js";
import {
  decodeFrameHeader,
  decodeSnapshotHeader,
  encodeFrame,
  encodeSnapshotHeader,
  frameHeaderBytes,
  payloadBytesMax,
  payloadFlaw,
  snapshotHeaderBytes,
  snapshotVersion,
  type SnapshotId,
} from "./journal-frames.js";
import { cutOff, frameAt, JournalDamage } from "./journal-segment.js";
import { writeAll } from "./journal-writer.js";

/** What was written. */
export interface WrittenState {
  readonly bytes: number;
  /** Of the state: equal farms have equal digests. */
  readonly digest: string;
}

/** So many bytes are gathered before they are written. */
const writeBytes = 1024 * 1024;

/** Writes the state and makes it durable; the file's entry in its folder is the caller's to sync. */
export async function writeState(
  file: WritableSegment,
  id: SnapshotId,
  farm: FarmView,
  signal: AbortSignal,
): Promise<WrittenState> {
  const hash = createHash("sha256");
  let gathered: Buffer[] = [encodeSnapshotHeader(id)];
  let gatheredBytes = snapshotHeaderBytes;
  let bytes = 0;
  let frames = 0;
  const flush = async (): Promise<void> => {
    signal.throwIfAborted();
    await writeAll(file, Buffer.concat(gathered), bytes);
    bytes += gatheredBytes;
    gathered = [];
    gatheredBytes = 0;
  };
  for (const piece of encodeState(farm)) {
    enter(hash, piece);
    frames += 1;
    const frame = encodeFrame(frames, piece);
    gathered.push(frame);
    gatheredBytes += frame.length;
    if (gatheredBytes >= writeBytes) await flush();
  }
  await flush();
  await file.sync();
  return { bytes, digest: hash.digest("hex") };
}

/** The digest that a file with this farm's state would have. */
export function digestOf(farm: FarmView): string {
  const hash = createHash("sha256");
  for (const piece of encodeState(farm)) enter(hash, piece);
  return hash.digest("hex");
}

function enter(hash: Hash, piece: Uint8Array): void {
  hash.update(String(piece.length)).update(piece);
}

/** Which snapshot is to be read. */
export interface SnapshotSource {
  readonly file: ReadableSegment;
  /** For messages. */
  readonly path: string;
  readonly id: SnapshotId;
}

/** The farm that was written (A1). Throws `JournalDamage`, or an error that names a newer version. */
export async function readState(source: SnapshotSource, signal: AbortSignal): Promise<Farm> {
  const { path } = source;
  const window = new FileWindow(source.file, signal);
  checkHeader(source, await window.view(0, snapshotHeaderBytes));
  const reader = new StateReader();
  let at = snapshotHeaderBytes;
  for (let frame = 1; !reader.isOver; frame += 1) {
    const where = frameAt(path, frame, at);
    const payloadBytes = readHead(where, frame, await window.view(at, frameHeaderBytes));
    const bytes = await window.view(at, frameHeaderBytes + payloadBytes);
    take(reader, where, bytes);
    at += frameHeaderBytes + payloadBytes;
  }
  const behind = await window.view(at, 1);
  if (behind.length > 0) throw new JournalDamage(path, `the file goes on behind its end, at byte ${at}`);
  return reader.farm();
}

function checkHeader({ path, id }: SnapshotSource, bytes: Buffer): void {
  const where = `${path}: header at byte 0`;
  if (bytes.length < snapshotHeaderBytes) throw new JournalDamage(where, cutOff(bytes));
  const reading = decodeSnapshotHeader(bytes);
  if (reading.kind === "bad") throw new JournalDamage(where, reading.flaw);
  if (reading.kind === "other-version") {
    throw new Error(
      `${path}: expected snapshot version ${snapshotVersion}, found ${reading.version}: a newer Noctua wrote it. Start that one.`,
    );
  }
  const { segment, sequence } = reading.id;
  if (sequence !== id.sequence || segment.epoch !== id.segment.epoch || segment.part !== id.segment.part)
    throw new JournalDamage(
      where,
      `it says that it holds commits up to ${sequence} of epoch ${segment.epoch}, part ${segment.part}`,
    );
}

/** How long the frame's payload is. */
function readHead(where: string, frame: number, head: Buffer): number {
  if (head.length < frameHeaderBytes) throw new JournalDamage(where, cutOff(head));
  const reading = decodeFrameHeader(head);
  if (reading.kind === "bad") throw new JournalDamage(where, reading.flaw);
  const { sequence, payloadBytes } = reading.header;
  if (sequence !== frame) throw new JournalDamage(where, `expected this frame, found frame ${sequence}`);
  if (payloadBytes > payloadBytesMax)
    throw new JournalDamage(
      where,
      `expected at most ${payloadBytesMax} bytes of payload, found ${payloadBytes}`,
    );
  return payloadBytes;
}

function take(reader: StateReader, where: string, frame: Buffer): void {
  const payload = frame.subarray(frameHeaderBytes);
  const reading = decodeFrameHeader(frame);
  const flaw =
    reading.kind === "bad"
      ? reading.flaw
      : payload.length < reading.header.payloadBytes
        ? cutOff(payload)
        : payloadFlaw(reading.header, payload);
  if (flaw !== undefined) throw new JournalDamage(where, flaw);
  try {
    reader.take(payload);
  } catch (error) {
    // The checksum holds: it was written so, by another version or a broken one.
    throw new Error(`${where}: ${errorMessage(error)}`, { cause: error });
  }
}
