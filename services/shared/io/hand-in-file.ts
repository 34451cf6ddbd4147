// The envelope of a hand-in file (proto/noctua/handin/v1). All numbers are little-endian.
//
//   "NOCTUAH" · format version u8 · payload bytes u32 · crc32 of the payload · crc32 of all this · payload
//
//   V1. A file that was cut off, grew, or has a bit changed anywhere is told from a whole one, and so is one of another
//       version: nothing of it is believed.

import { crc32 } from "node:zlib";
import { assert } from "../core/assert.js";

/** How the names of hand-in files end. */
export const handInSuffix = ".handin";
/** What follows in the name of one that was set aside. */
export const refusedSuffix = ".refused";

/** Longest file: what is more goes into another one. */
export const handInBytesMax = 16 * 1024 * 1024;

const magic = Buffer.from("NOCTUAH", "latin1");
const version = 1;
const headerBytes = 20;

export function sealHandIn(payload: Uint8Array): Buffer {
  assert(
    headerBytes + payload.length <= handInBytesMax,
    `a hand-in file has at most ${handInBytesMax} bytes`,
  );
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt8(version, 7);
  header.writeUInt32LE(payload.length, 8);
  header.writeUInt32LE(crc32(payload), 12);
  header.writeUInt32LE(crc32(header.subarray(0, 16)), 16);
  return Buffer.concat([header, payload]);
}

/** The payload; throws an error that says what is wrong with the file (V1). */
export function openHandIn(bytes: Buffer): Buffer {
  if (bytes.length < headerBytes)
    throw new Error(`expected at least ${headerBytes} bytes, found ${bytes.length}`);
  if (!bytes.subarray(0, magic.length).equals(magic))
    throw new Error("expected a hand-in of Noctua, found another file");
  const found = bytes.readUInt8(7);
  if (found !== version)
    throw new Error(`expected format version ${version}, found ${found}: another Noctua wrote it`);
  expectChecksum("header checksum", bytes.readUInt32LE(16), crc32(bytes.subarray(0, 16)));
  const payload = bytes.subarray(headerBytes);
  const length = bytes.readUInt32LE(8);
  if (payload.length !== length)
    throw new Error(`expected ${length} bytes behind the header, found ${payload.length}`);
  expectChecksum("checksum", bytes.readUInt32LE(12), crc32(payload));
  return payload;
}

function expectChecksum(what: string, expected: number, computed: number): void {
  if (expected !== computed)
    throw new Error(
      `${what} ${expected.toString(16)}, computed ${computed.toString(16)}: the file is damaged`,
    );
}
