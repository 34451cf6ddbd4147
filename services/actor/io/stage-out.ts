// An output on its way from the node's scratch to the job's folder.
//
//   U1. What is reported is a regular file, not empty, whole under its name, with the size and checksum that were taken.
//       No link is followed.
//   U2. With strict durability the file, its name and every folder above it up to the workdir are fsynced before it is
//       reported (P2).
//   U3. Its name appears at once and whole: by a rename, across file systems by a copy beside it and a rename.

import { constants } from "node:fs";
import { copyFile, lstat, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { failureOf, type Failure } from "../../shared/core/failure.js";
import type { Durability } from "../../shared/core/job-spec.js";
import { syncFile, syncFolder } from "../../shared/io/atomic-file.js";
import { checksumFile, type Checksum } from "../../shared/io/checksum.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";

export type Staged =
  ({ readonly kind: "staged" } & Checksum) | { readonly kind: "failure"; readonly failure: Failure };

export interface Output {
  /** Where the payload was to make it. */
  readonly from: string;
  /** Where it is to be, relative to the workdir. */
  readonly to: string;
  readonly durability: Durability;
}

/** Stores outputs in one workdir. */
export class StageOut {
  readonly #workdir: string;
  /** Folders of outputs that are there, and durably so where that was asked for; and their file systems. */
  readonly #folders = new Map<string, Promise<number>>();

  constructor(workdir: string) {
    this.#workdir = workdir;
  }

  /** Checks and stores an output. Rejects only with the signal's reason. */
  async store(output: Output, signal: AbortSignal): Promise<Staged> {
    try {
      const flaw = await flawOf(output.from);
      if (flaw !== undefined) return { kind: "failure", failure: failureOf("event", flaw) };
      return { kind: "staged", ...(await this.#move(output, signal)) };
    } catch (error) {
      signal.throwIfAborted();
      // Whatever the file system refuses, it refuses here: another node may fare better.
      const message = `cannot store the output as ${output.to}: ${errorMessage(error)}`;
      return { kind: "failure", failure: failureOf("node", message) };
    }
  }

  async #move(output: Output, signal: AbortSignal): Promise<Checksum> {
    try {
      return await this.#moveNow(output, signal);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      // Somebody removed the folder that was made for an earlier output.
      for (const key of keysOf(dirname(output.to))) this.#folders.delete(key);
      return this.#moveNow(output, signal);
    }
  }

  async #moveNow({ from, to, durability }: Output, signal: AbortSignal): Promise<Checksum> {
    const path = join(this.#workdir, to);
    const isSameFileSystem = (await lstat(from)).dev === (await this.#ensureFolder(dirname(to), durability));
    const source = isSameFileSystem ? from : `${path}.tmp`;
    try {
      if (!isSameFileSystem) await copyFile(from, source, constants.COPYFILE_FICLONE); // (U3)
      const checksum = await checksumFile(source, signal);
      if (durability === "strict") await syncFile(source); // (U2)
      await expectSize(source, checksum.sizeBytes);
      await rename(source, path);
      if (durability === "strict") await syncFolder(dirname(path)); // (U2)
      return checksum;
    } catch (error) {
      if (!isSameFileSystem) await rm(source, { force: true });
      throw error;
    }
  }

  /** Makes the folder once, whoever asks first; returns which file system it is on. */
  #ensureFolder(folder: string, durability: Durability): Promise<number> {
    const [durable, relaxed] = keysOf(folder);
    const key = durability === "strict" ? durable : relaxed;
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    const made = this.#makeFolder(join(this.#workdir, folder), durability);
    this.#folders.set(key, made);
    made.catch(() => this.#folders.delete(key));
    return made;
  }

  async #makeFolder(folder: string, durability: Durability): Promise<number> {
    await mkdir(folder, { recursive: true });
    if (durability === "strict") {
      // Another actor may have made a folder and not have fsynced it yet, so all are, up to the workdir (U2).
      for (let above = folder; above.length > this.#workdir.length; above = dirname(above)) {
        await syncFolder(dirname(above));
      }
    }
    return (await lstat(folder)).dev;
  }
}

/** A folder that is there need not be there durably. */
function keysOf(folder: string): readonly [durable: string, relaxed: string] {
  return [`durable ${folder}`, folder];
}

/** What keeps a payload's output from being one; undefined when nothing does (U1). */
async function flawOf(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  const expected = "expected the payload to make its output at the path {output}";
  if (found === undefined) return `${expected}, found nothing there`;
  if (found.isSymbolicLink()) return `${expected}, found a symbolic link, which is not followed`;
  if (found.isDirectory()) return `${expected}, found a folder`;
  if (!found.isFile()) return `${expected}, found something that is no file`;
  return found.size === 0 ? `${expected}, found an empty file` : undefined;
}

/** A file that still grows when its process group is gone is somebody else's work. */
async function expectSize(path: string, sizeBytes: number): Promise<void> {
  const { size } = await lstat(path);
  if (size !== sizeBytes)
    throw new Error(`expected ${sizeBytes} bytes in it, found ${size}: somebody writes to it`);
}
