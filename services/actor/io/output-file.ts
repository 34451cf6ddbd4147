// What a payload made, looked at before it is believed.
//
//   O1. An output is a regular file that is not empty and has no second name, by which somebody might write to it later. No
//       link is followed, and nothing is waited for that may never come.
//   O2. Its checksum is that of all its bytes: a file that changes its size meanwhile is somebody else's work.
//
// Most outputs are small and come by the thousand, so they are read by few calls into a buffer that is used again.

import { close, constants, fstat, open, read, type Stats } from "node:fs";
import { promisify } from "node:util";
import { adler32Of } from "../../shared/core/adler32.js";
import { checksumStream, type Checksum } from "../../shared/io/checksum.js";
import { errorCode } from "../../shared/io/error-code.js";

const openFile = promisify(open);
const statFile = promisify(fstat);
const readFile = promisify(read);
export const closeFile = promisify(close);

/** An output that is one (O1). Whoever has it closes it. */
export interface OutputFile {
  readonly fd: number;
  readonly sizeBytes: number;
  /** The file system that it is on. */
  readonly device: number;
  /** Who may read and write it. */
  readonly mode: number;
}

const expected = "expected the payload to make its output at the path {output}";
/** A pipe would be waited for without it. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Opens an output; returns what keeps it from being one, where something does. */
export async function openOutput(path: string): Promise<OutputFile | string> {
  let fd: number;
  try {
    fd = await openFile(path, flags);
  } catch (error) {
    const flaw = flawOfOpening(errorCode(error));
    if (flaw === undefined) throw error;
    return `${expected}, found ${flaw}`;
  }
  try {
    const found = await statFile(fd);
    const flaw = flawOfEntry(found);
    if (flaw === undefined && found.size > 0) {
      return { fd, sizeBytes: found.size, device: found.dev, mode: found.mode & 0o777 };
    }
    await closeFile(fd);
    return `${expected}, found ${flaw ?? "an empty file"}`;
  } catch (error) {
    await closeFile(fd);
    throw error;
  }
}

function flawOfEntry(found: Stats): string | undefined {
  if (found.isDirectory()) return "a folder";
  if (!found.isFile()) return "something that is no file";
  return found.nlink > 1 ? "a file that has another name too: a hard link" : undefined;
}

function flawOfOpening(code: string | undefined): string | undefined {
  if (code === "ENOENT") return "nothing there";
  if (code === "ELOOP") return "a symbolic link, which is not followed";
  return code === "ENXIO" ? "something that is no file" : undefined;
}

/** Larger files are read in several blocks. */
export const smallBytesMax = 65_536;
const blockBytes = 1 << 20;
/** Buffers of small files that nobody uses now. */
const spare: Buffer[] = [];

/** Reads a small output; `use` is handed its bytes, which are its own until it resolves. */
export async function readSmall<Result>(
  { fd, sizeBytes }: OutputFile,
  use: (bytes: Buffer, checksum: Checksum) => Promise<Result>,
): Promise<Result> {
  const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(smallBytesMax);
  try {
    const { bytesRead } = await readFile(fd, buffer, 0, smallBytesMax, 0);
    expectSize(bytesRead, sizeBytes);
    const bytes = buffer.subarray(0, bytesRead);
    return await use(bytes, { sizeBytes, adler32: adler32Of(bytes) });
  } finally {
    spare.push(buffer);
  }
}

/** Reads a file of any size to its end. */
export async function checksumOf({ fd, sizeBytes }: Pick<OutputFile, "fd" | "sizeBytes">): Promise<Checksum> {
  const stream = await checksumStream();
  const buffer = Buffer.allocUnsafeSlow(blockBytes);
  for (let position = 0; ;) {
    const { bytesRead } = await readFile(fd, buffer, 0, blockBytes, position);
    if (bytesRead === 0) break;
    stream.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  const checksum = stream.value();
  expectSize(checksum.sizeBytes, sizeBytes);
  return checksum;
}

/** Throws when the file has not the size that it had (O2). */
export async function expectSameSize({ fd, sizeBytes }: OutputFile): Promise<void> {
  expectSize((await statFile(fd)).size, sizeBytes);
}

/** Somebody whom the payload left behind still writes to it. */
export class UnsteadyOutput extends Error {
  override readonly name = "UnsteadyOutput";
}

function expectSize(found: number, sizeBytes: number): void {
  if (found !== sizeBytes) {
    throw new UnsteadyOutput(
      `expected the payload to be done with its output of ${sizeBytes} bytes, found ${found} in it a moment later`,
    );
  }
}
