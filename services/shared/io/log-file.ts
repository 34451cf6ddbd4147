// One log that grows at its end, and is put aside when it has grown.
//
//   F1. What is appended comes in its order. A log is put aside only where a section begins, so that none is torn.
//   F2. A log that has `logBytesMax` is put aside as <name>.1, over the one before, and the next one says how many there were.
//   F3. At most `pendingBytesMax` of what programs write waits to be written, and as much of what Noctua says of it; what is
//       more is refused (P7).
//   F4. A log that cannot be written costs lines, and nothing else.

import { appendFile, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "./error-code.js";
import { logLine, logWordOf } from "./run-log.js";
import { makeFolder } from "./make-folder.js";

export interface LogFileOptions {
  readonly path: string;
  readonly logBytesMax: number;
  readonly pendingBytesMax: number;
  /** Told what could not be written, and why (F4). */
  readonly onFlaw: (path: string, error: unknown) => void;
}

interface Section {
  /** It begins here, and not in the middle of a line. */
  readonly begins: boolean;
  readonly pieces: (string | Buffer)[];
}

const endOfLine = 0x0a;
/** Longest first line that says how many logs there were. */
const firstLineMax = 128;

export class LogFile {
  readonly #options: LogFileOptions;
  readonly #sections: Section[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | undefined;

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  /** Begins a section with its first line. False: it is refused (F3). */
  begin(line: string): boolean {
    if (this.#isFull(line)) return false;
    this.#sections.push({ begins: true, pieces: [] });
    return this.append(line);
  }

  /** False: it is refused (F3). */
  append(piece: string | Buffer): boolean {
    if (this.#isFull(piece)) return false;
    const last = this.#sections.at(-1);
    // A copy, since the piece may be a part of a large buffer that would be kept alive.
    const kept = typeof piece === "string" ? piece : Buffer.from(piece);
    if (last === undefined) this.#sections.push({ begins: false, pieces: [kept] });
    else last.pieces.push(kept);
    this.#pendingBytes += piece.length;
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
    return true;
  }

  /** Resolves when all is written, or given up. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** Strings are Noctua's. */
  #isFull(piece: string | Buffer): boolean {
    const most = this.#options.pendingBytesMax * (typeof piece === "string" ? 2 : 1);
    return this.#pendingBytes + piece.length > most;
  }

  /** Never rejects (F4). */
  async #writeAll(): Promise<void> {
    await Promise.resolve(); // What is said in one turn is written at once.
    for (let section = this.#sections.shift(); section !== undefined; section = this.#sections.shift()) {
      const pieces = section.pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece));
      this.#pendingBytes -= section.pieces.reduce((sum, { length }) => sum + length, 0);
      try {
        await this.#write(section.begins, Buffer.concat(pieces));
      } catch (error) {
        this.#options.onFlaw(this.#options.path, error);
      }
    }
  }

  async #write(begins: boolean, text: Buffer): Promise<void> {
    const { path } = this.#options;
    if (!begins) {
      await appendFile(path, text);
      return;
    }
    const before = await this.#makeRoom(path);
    await appendFile(path, Buffer.concat([Buffer.from(before), text]));
  }

  /** What is to stand before a section (F1, F2). */
  async #makeRoom(path: string): Promise<string> {
    const size = await sizeOf(path);
    if (size === undefined) await makeFolder(dirname(path));
    if (size === undefined || size === 0) return "";
    const { first, last } = await endsOf(path, size);
    if (size < this.#options.logBytesMax) return last === endOfLine ? "" : "\n";
    const word = logWordOf(first);
    await rename(path, `${path}.1`);
    return logLine({ kind: "rotated", logs: (word?.kind === "rotated" ? word.logs : 0) + 1 });
  }
}

/** Undefined when there is no such file. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** The first line of a file, as far as it matters, and its last byte. */
async function endsOf(path: string, size: number): Promise<{ first: string; last: number | undefined }> {
  const file = await open(path, "r");
  try {
    const head = await file.read(Buffer.alloc(firstLineMax), 0, firstLineMax, 0);
    const end = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    const [first = ""] = head.buffer.subarray(0, head.bytesRead).toString().split("\n");
    return { first, last: end.buffer[0] };
  } finally {
    await file.close();
  }
}
