// Size and adler32 of what was written or read.

import { createAdler32 } from "hash-wasm";
import { open } from "node:fs/promises";

/** What is known of a file's content. */
export interface Checksum {
  readonly sizeBytes: number;
  /** Unsigned, 32 bits. */
  readonly adler32: number;
}

/** Takes in bytes, and says at any time what they add up to. */
export interface ChecksumStream {
  update(bytes: Uint8Array): void;
  /** Forgets what was taken in. */
  restart(): void;
  value(): Checksum;
}

/** Bytes read at a time. */
const blockBytes = 1 << 20;

/** A checksum of bytes that come in pieces. */
export async function checksumStream(): Promise<ChecksumStream> {
  const hasher = await createAdler32();
  hasher.init();
  let sizeBytes = 0;
  return {
    restart: () => {
      hasher.init();
      sizeBytes = 0;
    },
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
