// `concat`: the inputs' bytes, one after the other, read and checked and written in one pass.

import { open, type FileHandle } from "node:fs/promises";
import { emptySum, joinedSum } from "../../shared/core/adler32.js";
import { blocksOf, checksumStream, type Checksum } from "../../shared/io/checksum.js";
import { contentFlaw, missing, type Flaw, type MergeInput } from "./merge-input.js";
import { writeError } from "./merge-error.js";

export interface Concatenated extends Checksum {
  /** When there are any, the file is worth nothing. */
  readonly flaws: readonly Flaw[];
}

/** Makes a new file and fsyncs it. `onBytes` is told of each block. */
export async function concatenate(
  inputs: readonly MergeInput[],
  output: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Concatenated> {
  const file = await open(output, "wx").catch((error: unknown) => {
    throw writeError(output, error);
  });
  try {
    const flaws: Flaw[] = [];
    let sum: Checksum = emptySum;
    for (const input of inputs) {
      const read = await append(input, { file, output, onBytes }, signal);
      if ("found" in read) flaws.push(read);
      else sum = joinedSum(sum, read);
    }
    if (flaws.length === 0) await guarded(output, () => file.sync());
    return { ...sum, flaws };
  } finally {
    await file.close();
  }
}

interface Target {
  readonly file: FileHandle;
  readonly output: string;
  readonly onBytes: (bytes: number) => void;
}

async function append(input: MergeInput, target: Target, signal: AbortSignal): Promise<Checksum | Flaw> {
  const stream = await checksumStream();
  const blocks = blocksOf(input.path, signal);
  try {
    for (let block = await nextOf(blocks); block !== undefined; block = await nextOf(blocks)) {
      stream.update(block);
      await guarded(target.output, () => writeWhole(target.file, block));
      target.onBytes(block.byteLength);
    }
  } catch (error) {
    return { input, found: missing(error) };
  } finally {
    await blocks.return();
  }
  const sum = stream.value();
  const found = contentFlaw(input, sum);
  return found === undefined ? sum : { input, found };
}

async function nextOf(blocks: AsyncGenerator<Uint8Array, void>): Promise<Uint8Array | undefined> {
  const { value } = await blocks.next();
  return value ?? undefined;
}

/** A write may take less than it was given. */
async function writeWhole(file: FileHandle, block: Uint8Array): Promise<void> {
  for (let at = 0; at < block.byteLength;) at += (await file.write(block, at)).bytesWritten;
}

async function guarded(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw writeError(path, error);
  }
}
