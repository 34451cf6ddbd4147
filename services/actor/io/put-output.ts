// What a payload made, looked at before it is believed, and put under its name.
//
//   O1. An output is a regular file that is not empty and has no second name, by which somebody might write to it later. No
//       link is followed, and nothing is waited for that may never come.
//   O2. Its checksum is that of all its bytes: a file that changes its size meanwhile is somebody else's work.
//   O3. Its name appears at once and whole: by a rename, across file systems by a copy beside it and a rename.
//   O4. Where it is to be durable, its bytes are before its name is there.
//
// All calls here wait for file systems, so they are for a thread that nobody else needs (put-threads.ts). There they cost a
// third of what they cost one by one in Node's pool. Most outputs are small and come by the thousand, so they are read by few
// calls into a buffer that is used again.

import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
  type Stats,
} from "node:fs";
import { adler32Of } from "../../shared/core/adler32.js";
import { checksumStreams, type Checksum, type ChecksumStream } from "../../shared/io/checksum.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { roomMessage } from "../../shared/io/room.js";

/** What is to be put where. */
export interface PutOrder {
  /** Where the payload was to make it. */
  readonly from: string;
  /** Its folder is there. */
  readonly path: string;
  /** The file system of that folder. */
  readonly device: number;
  readonly isDurable: boolean;
}

/** What came of it. */
export type Put =
  | ({ readonly kind: "put" } & Checksum)
  /** It is no output, or somebody still writes to it. */
  | { readonly kind: "flaw"; readonly message: string }
  /** The file system refused it. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

/** An output that is one (O1). */
interface OutputFile {
  readonly fd: number;
  readonly sizeBytes: number;
  readonly device: number;
  /** Who may read and write it. */
  readonly mode: number;
}

/** Larger files are read in several blocks. */
const blockBytes = 1 << 20;
/** Below this, JavaScript is as fast as calling WebAssembly. */
const shortBytes = 16_384;
/** A pipe would be waited for without the last. */
const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/** Somebody whom the payload left behind still writes to it, or it is no output. */
class Flaw extends Error {
  override readonly name = "Flaw";
}

/** Returns what puts outputs, one after the other. That throws nothing. */
export async function outputPutter(): Promise<(order: PutOrder) => Put> {
  const putter = new Putter(await checksumStreams());
  return (order) => {
    try {
      return { kind: "put", ...putter.put(order) };
    } catch (error) {
      const message = errorMessage(error);
      return error instanceof Flaw
        ? { kind: "flaw", message }
        : { kind: "refused", code: errorCode(error), message };
    }
  };
}

class Putter {
  readonly #newStream: () => ChecksumStream;
  readonly #block = Buffer.allocUnsafeSlow(blockBytes);

  constructor(newStream: () => ChecksumStream) {
    this.#newStream = newStream;
  }

  put(order: PutOrder): Checksum {
    const file = openOutput(order.from);
    try {
      return order.device === file.device ? this.#move(file, order) : this.#copy(file, order);
    } finally {
      closeSync(file.fd);
    }
  }

  #move(file: OutputFile, { from, path, isDurable }: PutOrder): Checksum {
    const checksum = this.#sum(file);
    if (isDurable) {
      syncFile(file.fd); // (O4)
      expectSize(fstatSync(file.fd).size, file.sizeBytes);
    }
    renameSync(from, path);
    return checksum;
  }

  /** (O3) */
  #copy(file: OutputFile, { from, path, isDurable }: PutOrder): Checksum {
    const temporary = `${path}.tmp`;
    try {
      const checksum =
        file.sizeBytes < blockBytes
          ? this.#copySmall(file, temporary, isDurable)
          : this.#copyLarge(file, { from, temporary, isDurable });
      renameSync(temporary, path);
      rmSync(from);
      return checksum;
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  #copySmall(file: OutputFile, temporary: string, isDurable: boolean): Checksum {
    const checksum = this.#sum(file);
    const fd = openSync(temporary, newFile, file.mode);
    try {
      for (let at = 0; at < file.sizeBytes;) at += writeSync(fd, this.#block, at, file.sizeBytes - at);
      if (isDurable) syncFile(fd); // (O4)
    } finally {
      closeSync(fd);
    }
    return checksum;
  }

  /** What is on the other side is read, since it is that which counts. */
  #copyLarge(
    file: OutputFile,
    { from, temporary, isDurable }: { from: string; temporary: string; isDurable: boolean },
  ): Checksum {
    copyFileSync(from, temporary, constants.COPYFILE_FICLONE);
    const fd = openSync(temporary, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const checksum = this.#sum({ fd, sizeBytes: file.sizeBytes });
      if (isDurable) syncFile(fd); // (O4)
      expectSize(fstatSync(file.fd).size, file.sizeBytes);
      return checksum;
    } finally {
      closeSync(fd);
    }
  }

  /** Reads a file to its end (O2). One that is smaller than a block is in the block after that. */
  #sum({ fd, sizeBytes }: Pick<OutputFile, "fd" | "sizeBytes">): Checksum {
    const block = this.#block;
    if (sizeBytes < shortBytes) {
      expectSize(readSync(fd, block, 0, blockBytes, 0), sizeBytes);
      return { sizeBytes, adler32: adler32Of(block.subarray(0, sizeBytes)) };
    }
    const stream = this.#newStream();
    for (let position = 0; ;) {
      const bytes = readSync(fd, block, 0, blockBytes, position);
      if (bytes === 0) break;
      stream.update(block.subarray(0, bytes));
      position += bytes;
    }
    const checksum = stream.value();
    expectSize(checksum.sizeBytes, sizeBytes);
    return checksum;
  }
}

function openOutput(path: string): OutputFile {
  const fd = openEntry(path);
  try {
    const found = fstatSync(fd);
    const flaw = flawOfEntry(found) ?? (found.size === 0 ? "an empty file" : undefined);
    if (flaw !== undefined) throw new Flaw(`${expected}, found ${flaw}`);
    return { fd, sizeBytes: found.size, device: found.dev, mode: found.mode & 0o777 };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

const expected = "expected the payload to make its output at the path {output}";

function openEntry(path: string): number {
  try {
    return openSync(path, readOnly);
  } catch (error) {
    const flaw = flawOfOpening(errorCode(error));
    throw flaw === undefined ? error : new Flaw(`${expected}, found ${flaw}`);
  }
}

function flawOfEntry(found: Stats): string | undefined {
  if (found.isDirectory()) return "a folder";
  if (!found.isFile()) return "something that is no file";
  return found.nlink > 1 ? "a file that has another name too: a hard link" : undefined;
}

function flawOfOpening(code: string): string | undefined {
  if (code === "ENOENT") return "nothing there";
  if (code === "ELOOP") return "a symbolic link, which is not followed";
  return code === "ENXIO" ? "something that is no file" : undefined;
}

/** After a failed fsync nobody can tell what of the file is on the disk, nor does another fsync: it is not tried again. */
function syncFile(fd: number): void {
  try {
    fsyncSync(fd);
  } catch (error) {
    throw new Error(`it may not be on the disk as a whole: ${roomMessage(error)}`, { cause: error });
  }
}

function expectSize(found: number, sizeBytes: number): void {
  if (found !== sizeBytes) {
    throw new Flaw(
      `expected the payload to be done with its output of ${sizeBytes} bytes, found ${found} in it a moment later`,
    );
  }
}
