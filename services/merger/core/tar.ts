// The headers of a tar archive: ustar, with a pax header before a member whose name or size ustar has no room for.
//
//   T1. A header depends on the member's name and size and on nothing else, so the same members make the same archive.
//   T2. Any tar program of this century reads it; a name has at most `nameMax` characters, and no others than ASCII.

import { assert } from "../../shared/core/assert.js";

const blockBytes = 512;
/** What ustar's fields hold. */
const nameBytesMax = 100;
const sizeBytesMax = 8 ** 11 - 1;
const nameMax = 4_096;

/** What stands before a member's bytes. */
export function tarHeader(name: string, sizeBytes: number): Uint8Array {
  assert(/^[\x20-\x7e]+$/.test(name) && name.length <= nameMax, "a member's name is short and plain");
  const records = [
    ...(name.length > nameBytesMax ? [paxRecord("path", name)] : []),
    ...(sizeBytes > sizeBytesMax ? [paxRecord("size", String(sizeBytes))] : []),
  ].join("");
  const header = ustar(name.slice(0, nameBytesMax), Math.min(sizeBytes, sizeBytesMax), "0");
  if (records === "") return header;
  const padded = records.length + tarPadding(records.length);
  const all = new Uint8Array(blockBytes + padded + blockBytes);
  all.set(ustar("pax", records.length, "x"), 0);
  write(all, blockBytes, records);
  all.set(header, blockBytes + padded);
  return all;
}

/** How many zeros follow a member of that size. */
export function tarPadding(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}

/** How many zeros end an archive. */
export const tarEndBytes = 2 * blockBytes;

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${String(length)}${rest}`;
}

/** What all headers have, and what it sums up to: mode 0644, of nobody, at the beginning of time (T1). */
const blank = new Uint8Array(blockBytes);
const blankSum =
  write(blank, 100, "0000644\x000000000\x000000000\x00") +
  write(blank, 136, `${"0".repeat(11)}\x00`) +
  write(blank, 148, " ".repeat(8)) + // As the checksum counts its own field.
  write(blank, 257, "ustar\x0000");

function ustar(name: string, sizeBytes: number, type: "0" | "x"): Uint8Array {
  const block = blank.slice();
  const sum =
    blankSum +
    write(block, 0, name) +
    write(block, 124, sizeBytes.toString(8).padStart(11, "0")) +
    write(block, 156, type);
  write(block, 148, `${sum.toString(8).padStart(6, "0")}\x00 `);
  return block;
}

/** What it sums up to. */
function write(block: Uint8Array, at: number, text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i += 1) sum += block[at + i] = text.charCodeAt(i);
  return sum;
}
