// Inputs of one job on the node's scratch, for jobs that ask for that.
//
//   I1. An input is copied once for all slots, one input after the other; who needs one waits for its copy.
//   I2. A copy is what the job was submitted with: the input has the size and time of last change that it had then, before
//       and after it is copied, and the copy has its size. What is not whole is not used, and not kept.
//   I3. Copies that nobody uses make room for others, those that were not used for longest first. Where there is no room
//       all the same, that is said, with the sizes.

import { createReadStream, createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { failureOf, type Failure } from "../../shared/core/failure.js";
import type { InputFile } from "../../shared/core/job-spec.js";
import { formatSize } from "../../shared/core/size.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { makeFolder } from "../../shared/io/make-folder.js";

/** A copy that may be used until it is given back. */
export interface StagedInput {
  readonly kind: "staged";
  readonly path: string;
  giveBack(): void;
}

export type Staging = StagedInput | { readonly kind: "failure"; readonly failure: Failure };

/** How many bytes are free in a folder. */
export type FreeBytesOf = (folder: string) => Promise<number>;

interface Copy {
  readonly path: string;
  /** Who uses it or waits for it. */
  users: number;
  readonly made: Promise<Failure | undefined>;
}

const pieceBytes = 1_048_576;

export class StagedInputs {
  readonly #folder: string;
  readonly #freeBytesOf: FreeBytesOf;
  /** By path of the input; those that were used last come last. */
  readonly #copies = new Map<string, Copy>();
  readonly #stop = new AbortController();
  /** The last copy that was begun. */
  #last: Promise<unknown> = Promise.resolve();
  #made = 0;

  /** The folder is theirs alone. */
  constructor(folder: string, freeBytesOf: FreeBytesOf) {
    this.#folder = folder;
    this.#freeBytesOf = freeBytesOf;
  }

  /** A copy of the input, or why there is none. Never rejects. */
  async take(input: InputFile): Promise<Staging> {
    const copy = this.#copies.get(input.path) ?? this.#begin(input);
    this.#copies.delete(input.path);
    this.#copies.set(input.path, copy); // (I3)
    copy.users += 1;
    const giveBack = (): void => {
      copy.users -= 1;
    };
    const failure = await copy.made; // (I1)
    if (failure === undefined) return { kind: "staged", path: copy.path, giveBack };
    giveBack();
    if (this.#copies.get(input.path) === copy) this.#copies.delete(input.path);
    return { kind: "failure", failure };
  }

  /** Ends what is under way. */
  close(): void {
    this.#stop.abort();
  }

  #begin(input: InputFile): Copy {
    this.#made += 1; // A folder each, so that a copy has the name that programs know.
    const path = join(this.#folder, String(this.#made), basename(input.path));
    const made = this.#last.then(() => this.#make(input, path)); // (I1)
    this.#last = made;
    return { path, users: 0, made };
  }

  /** Never rejects. */
  async #make(input: InputFile, path: string): Promise<Failure | undefined> {
    try {
      await expectUnchanged(input);
      await this.#makeRoom(input);
      await makeFolder(dirname(path), { mode: 0o700 });
      const from = createReadStream(input.path, { highWaterMark: pieceBytes });
      await pipeline(from, createWriteStream(path, { mode: 0o600 }), { signal: this.#stop.signal });
      await expectUnchanged(input);
      const { size } = await stat(path);
      if (size === input.sizeBytes) return undefined;
      throw new Error(`expected a copy of ${input.sizeBytes} bytes, found ${size}`);
    } catch (error) {
      await rm(dirname(path), { recursive: true, force: true }).catch(() => undefined); // (I2)
      const message = `cannot copy the input ${input.path} to the node's scratch: ${errorMessage(error)}`;
      return failureOf("node", message);
    }
  }

  /** (I3) */
  async #makeRoom({ sizeBytes }: InputFile): Promise<void> {
    for (;;) {
      const freeBytes = await this.#freeBytesOf(this.#folder);
      if (freeBytes >= sizeBytes) return;
      const unused = [...this.#copies].find(([, { users }]) => users === 0);
      if (unused === undefined) {
        const free = `found ${formatSize(Math.max(0, freeBytes))}`;
        throw new Error(`expected ${formatSize(sizeBytes)} of free space in ${this.#folder}, ${free}`);
      }
      const [input, { path }] = unused;
      this.#copies.delete(input);
      await rm(dirname(path), { recursive: true, force: true });
    }
  }
}

/** (I2) */
async function expectUnchanged({ path, sizeBytes, modifiedUnixMs }: InputFile): Promise<void> {
  const { size, mtimeMs } = await stat(path);
  const found = Math.floor(mtimeMs);
  if (size === sizeBytes && found === modifiedUnixMs) return;
  const expected = `expected what the job was submitted with, ${sizeBytes} bytes of ${isoTime(modifiedUnixMs)}`;
  throw new Error(`${expected}, found ${size} bytes of ${isoTime(found)}`);
}

function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
