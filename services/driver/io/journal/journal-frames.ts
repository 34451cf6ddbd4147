// The bytes of the journal. Nothing here touches a file.
//
//   segment   header, then frames with nothing between them; all numbers little-endian
//   header    "NOCTUAJ" · format version u8 · epoch u32 · part u32 · epoch and part of the segment that it goes on from,
//             zeros for none · sequence of its first frame u64 · crc32 of all this
//   frame     payload bytes u32 · crc32 of the payload · sequence u64 · crc32 of these three · payload
//
//   snapshot  "NOCTUAS" · format version u8 · epoch and part of the segment that it ends with · sequence of its last commit
//             u64 · crc32 of all this; then frames, numbered from 1, of one piece of the state each
//
//   B1. A frame header is believed only if its checksum holds; so a garbled length is never followed, and payload,
//       length and sequence cannot be exchanged between frames.
//   B2. A payload is believed only if its header is, and its own checksum holds.
//   B3. The format version is raised whenever an older Noctua would read the bytes and misunderstand them. The header of
//       a segment keeps its form in every version, so that the version can always be told.

import { crc32 } from "node:zlib";
import { assert } from "../../../shared/core/assert.js";

/** Version that this Noctua writes, and the only one there is. */
export const formatVersion = 1;

/** Version of the snapshots that this Noctua writes. */
export const snapshotVersion = 1;

/** Longest payload: what is longer is refused when written, and damage when read. */
export const payloadBytesMax = 256 * 1024 * 1024;

export const segmentHeaderBytes = 36;
export const frameHeaderBytes = 20;
export const snapshotHeaderBytes = 28;

const magic = Buffer.from("NOCTUAJ", "latin1");
const snapshotMagic = Buffer.from("NOCTUAS", "latin1");

/** Which segment. */
export interface SegmentId {
  readonly epoch: number;
  /** 0 for the epoch's first segment; each one that follows a failed write has the next number. */
  readonly part: number;
}

/** Which snapshot: the state after commit `sequence`, which is the last one that counts in the segment. */
export interface SnapshotId {
  readonly segment: SegmentId;
  readonly sequence: number;
}

/** What a segment says of itself. */
export interface SegmentHeader {
  readonly id: SegmentId;
  /** The segment that it goes on from; what that one has from `firstSequence` on is void. */
  readonly after: SegmentId | undefined;
  /** Of the segment's first frame, whether it is there already or not. */
  readonly firstSequence: number;
}

/** What was found where a segment's header is expected. */
export type SegmentHeaderReading =
  | { readonly kind: "header"; readonly header: SegmentHeader }
  | { readonly kind: "other-version"; readonly version: number }
  | { readonly kind: "bad"; readonly flaw: string };

/** What a frame says of its payload. */
export interface FrameHeader {
  readonly payloadBytes: number;
  readonly payloadCrc: number;
  readonly sequence: number;
}

/** What was found where a frame's header is expected. */
export type FrameHeaderReading =
  { readonly kind: "header"; readonly header: FrameHeader } | { readonly kind: "bad"; readonly flaw: string };

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(segmentHeaderBytes);
  magic.copy(bytes);
  bytes.writeUInt8(formatVersion, 7);
  bytes.writeUInt32LE(header.id.epoch, 8);
  bytes.writeUInt32LE(header.id.part, 12);
  bytes.writeUInt32LE(header.after?.epoch ?? 0, 16);
  bytes.writeUInt32LE(header.after?.part ?? 0, 20);
  writeSequence(bytes, header.firstSequence, 24);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 32)), 32);
  return bytes;
}

/** Reads the header that begins the bytes, which are at least `segmentHeaderBytes`. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeaderReading {
  const expected = bytes.readUInt32LE(32);
  const computed = crc32(bytes.subarray(0, 32));
  if (expected !== computed)
    return { kind: "bad", flaw: checksumFlaw("header checksum", expected, computed) };
  if (!bytes.subarray(0, magic.length).equals(magic))
    return { kind: "bad", flaw: "it is no journal of Noctua" };
  const version = bytes.readUInt8(7);
  if (version !== formatVersion) return { kind: "other-version", version };
  const after = { epoch: bytes.readUInt32LE(16), part: bytes.readUInt32LE(20) };
  const header = {
    id: { epoch: bytes.readUInt32LE(8), part: bytes.readUInt32LE(12) },
    after: after.epoch === 0 ? undefined : after,
    firstSequence: readSequence(bytes, 24),
  };
  return { kind: "header", header };
}

export function encodeSnapshotHeader({ segment, sequence }: SnapshotId): Buffer {
  const bytes = Buffer.alloc(snapshotHeaderBytes);
  snapshotMagic.copy(bytes);
  bytes.writeUInt8(snapshotVersion, 7);
  bytes.writeUInt32LE(segment.epoch, 8);
  bytes.writeUInt32LE(segment.part, 12);
  writeSequence(bytes, sequence, 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 24)), 24);
  return bytes;
}

/** What was found where a snapshot's header is expected. */
export type SnapshotHeaderReading =
  | { readonly kind: "header"; readonly id: SnapshotId }
  | { readonly kind: "other-version"; readonly version: number }
  | { readonly kind: "bad"; readonly flaw: string };

/** Reads the header that begins the bytes, which are at least `snapshotHeaderBytes`. */
export function decodeSnapshotHeader(bytes: Buffer): SnapshotHeaderReading {
  const expected = bytes.readUInt32LE(24);
  const computed = crc32(bytes.subarray(0, 24));
  if (expected !== computed)
    return { kind: "bad", flaw: checksumFlaw("header checksum", expected, computed) };
  if (!bytes.subarray(0, snapshotMagic.length).equals(snapshotMagic))
    return { kind: "bad", flaw: "it is no snapshot of Noctua" };
  const version = bytes.readUInt8(7);
  if (version !== snapshotVersion) return { kind: "other-version", version };
  const segment = { epoch: bytes.readUInt32LE(8), part: bytes.readUInt32LE(12) };
  return { kind: "header", id: { segment, sequence: readSequence(bytes, 16) } };
}

/** The frame of one commit. */
export function encodeFrame(sequence: number, payload: Uint8Array): Buffer {
  assert(payload.length <= payloadBytesMax, `a commit has at most ${payloadBytesMax} bytes`);
  const bytes = Buffer.allocUnsafe(frameHeaderBytes + payload.length);
  bytes.writeUInt32LE(payload.length, 0);
  bytes.writeUInt32LE(crc32(payload), 4);
  writeSequence(bytes, sequence, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 16)), 16);
  bytes.set(payload, frameHeaderBytes);
  return bytes;
}

/** Reads the frame header that begins the bytes, which are at least `frameHeaderBytes` (B1). */
export function decodeFrameHeader(bytes: Buffer): FrameHeaderReading {
  const expected = bytes.readUInt32LE(16);
  const computed = crc32(bytes.subarray(0, 16));
  if (expected !== computed)
    return { kind: "bad", flaw: checksumFlaw("header checksum", expected, computed) };
  const header = {
    payloadBytes: bytes.readUInt32LE(0),
    payloadCrc: bytes.readUInt32LE(4),
    sequence: readSequence(bytes, 8),
  };
  return { kind: "header", header };
}

/** What is wrong with the payload, or undefined when nothing is (B2). */
export function payloadFlaw(header: FrameHeader, payload: Uint8Array): string | undefined {
  const computed = crc32(payload);
  return computed === header.payloadCrc ? undefined : checksumFlaw("checksum", header.payloadCrc, computed);
}

/**
 * Where in the bytes the first whole frame header stands whose sequence is above `after`, wherever it begins. Only
 * sequences that so many bytes can hold are looked for, so that chance finds none (1 in 10^18 for each place).
 */
export function findLaterHeader(bytes: Buffer, after: number): number | undefined {
  for (let at = 0; at + frameHeaderBytes <= bytes.length; at += 1) {
    const sequence = readSequence(bytes, at + 8);
    if (sequence <= after || sequence > after + laterFramesMax) continue;
    if (decodeFrameHeader(bytes.subarray(at, at + frameHeaderBytes)).kind === "header") return at;
  }
  return undefined;
}

/** So many frames have room where one frame may be. */
const laterFramesMax = Math.ceil((payloadBytesMax + frameHeaderBytes) / frameHeaderBytes);

function checksumFlaw(what: string, expected: number, computed: number): string {
  return `${what} ${expected.toString(16)}, computed ${computed.toString(16)}`;
}

/** Sequences are exact up to 2^53, which no journal reaches. */
function writeSequence(bytes: Buffer, sequence: number, at: number): void {
  assert(Number.isSafeInteger(sequence) && sequence >= 1, "a sequence number counts from 1");
  bytes.writeUInt32LE(sequence % 2 ** 32, at);
  bytes.writeUInt32LE(Math.floor(sequence / 2 ** 32), at + 4);
}

function readSequence(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}
