// Size and adler32 of what was written or read.

import { createAdler32 } from "hash-wasm";
import { open } from "node:fs/promises";
import { adler32Of } from "../core/adler32.js";

/** What is known of a file's content. */
export interface Checksum {
  readonly sizeBytes: number;
  /** Unsigned, 32 bits. */
  readonly adler32: number;
}

/** Takes in bytes, and says at any time what they add up to. */
export interface ChecksumStream {
  update(bytes: Uint8Array): void;
  value(): Checksum;
}

/** Bytes read at a time. */
const blockBytes = 1 << 20;

/** Below this, JavaScript is as fast as calling WebAssembly. */
const shortBytes = 4_096;

/** Shared by all: each sum is begun and ended in one call. */
let summing: ReturnType<typeof createAdler32> | undefined;

/** Sums up bytes that are there as a whole. */
export async function checksummer(): Promise<(bytes: Uint8Array) => Checksum> {
  const hasher = await (summing ??= createAdler32());
  return (bytes) => {
    const sizeBytes = bytes.byteLength;
    if (sizeBytes < shortBytes) return { sizeBytes, adler32: adler32Of(bytes) };
    const digest = hasher.init().update(bytes).digest("binary");
    return { sizeBytes, adler32: new DataView(digest.buffer, digest.byteOffset).getUint32(0) };
  };
}

/** A checksum of bytes that come in pieces. */
export async function checksumStream(): Promise<ChecksumStream> {
  return (await checksumStreams())();
}

/** Returns what begins such a checksum, which ends the one before. */
export async function checksumStreams(): Promise<() => ChecksumStream> {
  const hasher = await createAdler32();
  return () => {
    hasher.init();
    let sizeBytes = 0;
    return {
      update: (bytes) => {
        hasher.update(bytes);
        sizeBytes += bytes.byteLength;
      },
      value: () => {
        // Digesting ends a hasher, so a copy of its state is digested.
        const state = hasher.save();
        const digest = Buffer.from(hasher.digest("binary")).readUInt32BE(0);
        hasher.load(state);
        return { sizeBytes, adler32: digest };
      },
    };
  };
}

/** Reads a file to its end; `onBytes` is told of each block. */
export async function checksumFile(
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<Checksum> {
  const stream = await checksumStream();
  for await (const block of blocksOf(path, signal)) {
    stream.update(block);
    onBytes(block.byteLength);
  }
  return stream.value();
}

/** A file's bytes in blocks. Each is good only until the next one is asked for. */
async function* blocksOf(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const file = await open(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(blockBytes);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, blockBytes, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
