// An output on its way from the node's scratch to the job's folder.
//
//   U1. What is reported is a regular file, not empty, whole under its name, with the size and checksum that were taken
//       (O1 and O2 of output-file.ts).
//   U2. With strict durability the file, its name and every folder above it up to the workdir are fsynced before it is
//       reported (P2). One fsync of a folder serves all outputs that came before it.
//   U3. Its name appears at once and whole: by a rename, across file systems by a copy beside it and a rename.
//   U4. Nothing here waits for a file system on the loop: the workdir's may stand still for a minute.
//   U5. An output for which there is no room waits on the node (patience.ts), until nobody wants it any more. The workdir itself
//       is not made: where it is not seen, nothing is stored.

import { constants, fsync, open, write } from "node:fs";
import { copyFile, lstat, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { failureOf, type Failure } from "../../shared/core/failure.js";
import type { Durability } from "../../shared/core/job-spec.js";
import type { Checksum } from "../../shared/io/checksum.js";
import { errorCode } from "../../shared/io/error-code.js";
import { roomMessage } from "../../shared/io/room.js";
import { FolderSyncs } from "./folder-syncs.js";
import {
  checksumOf,
  closeFile,
  expectSameSize,
  openOutput,
  readSmall,
  smallBytesMax,
  UnsteadyOutput,
  type OutputFile,
} from "./output-file.js";
import { Patience, ToldToStop } from "./patience.js";

export type Staged =
  | ({ readonly kind: "staged" } & Checksum)
  | { readonly kind: "failure"; readonly failure: Failure }
  /** It waited for room, and was told to wait no longer. */
  | { readonly kind: "aborted" };

export interface Output {
  /** Where the payload was to make it. */
  readonly from: string;
  /** Where it is to be, relative to the workdir. */
  readonly to: string;
  readonly durability: Durability;
}

export interface StageOutOptions {
  /** Trouble of the workdir's file system other than want of room is waited for so long; default: a minute. */
  readonly troubleMs?: number;
  /** Told why outputs wait; undefined: none waits any more. */
  readonly onWait?: (why: string | undefined) => void;
}

const troubleMsDefault = 60_000;

const openFile = promisify(open);
const syncFile = promisify(fsync);
const writeFile = promisify(write);

/** Stores outputs in one workdir. */
export class StageOut {
  readonly #workdir: string;
  readonly #syncs = new FolderSyncs();
  readonly #patience: Patience;
  /** Folders of outputs that are there, and durably so where that was asked for; and their file systems. */
  readonly #folders = new Map<string, Promise<number>>();

  constructor(workdir: string, options: StageOutOptions = {}) {
    const { troubleMs = troubleMsDefault, onWait = () => undefined } = options;
    this.#workdir = workdir;
    this.#patience = new Patience({ troubleMs, onWait });
  }

  /** Checks and stores an output, which is gone from where it was. Never rejects. The signal ends a wait, and nothing else. */
  async store(output: Output, signal: () => AbortSignal): Promise<Staged> {
    const folder = dirname(output.to);
    const describe = (error: unknown): string => {
      const place = join(this.#workdir, dirname(folder));
      return `cannot store outputs in ${place}: ${roomMessage(error)}`;
    };
    try {
      const put = await this.#patience.try(() => this.#putAnew(output), describe, signal);
      if (typeof put === "string") return { kind: "failure", failure: failureOf("event", put) };
      const sync = (): Promise<void> => this.#syncs.sync(join(this.#workdir, folder));
      if (output.durability === "strict") await this.#patience.try(sync, describe, signal); // (U2)
      return { kind: "staged", ...put };
    } catch (error) {
      return error instanceof ToldToStop ? { kind: "aborted" } : refused(output, error);
    }
  }

  /** Returns what keeps it from being an output, where something does. */
  async #putAnew(output: Output): Promise<Checksum | string> {
    try {
      return await this.#put(output);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    }
    // Somebody removed the folder that was made for an earlier output.
    for (const key of keysOf(dirname(output.to))) this.#folders.delete(key);
    return this.#put(output);
  }

  async #put(output: Output): Promise<Checksum | string> {
    const file = await openOutput(output.from);
    if (typeof file === "string") return file;
    const path = join(this.#workdir, output.to);
    try {
      const device = await this.#ensureFolder(dirname(output.to), output.durability);
      return await (device === file.device ? this.#move(file, path, output) : this.#copy(file, path, output));
    } finally {
      await closeFile(file.fd);
    }
  }

  async #move(file: OutputFile, path: string, { from, durability }: Output): Promise<Checksum> {
    const isSmall = file.sizeBytes < smallBytesMax;
    const checksum = isSmall ? await readSmall(file, keepSum) : await checksumOf(file);
    if (durability === "strict") {
      await syncFile(file.fd).catch(doubt); // (U2)
      await expectSameSize(file);
    }
    await rename(from, path);
    return checksum;
  }

  /** (U3) */
  async #copy(file: OutputFile, path: string, { from, durability }: Output): Promise<Checksum> {
    const temporary = `${path}.tmp`;
    const isDurable = durability === "strict";
    try {
      const checksum =
        file.sizeBytes < smallBytesMax
          ? await copySmall(file, temporary, isDurable)
          : await copyLarge(file, { from, temporary, isDurable });
      await rename(temporary, path);
      await rm(from);
      return checksum;
    } catch (error) {
      await rm(temporary, { force: true });
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
    const missing = relative(this.#workdir, folder).split(sep);
    for (const i of missing.keys()) await makeOne(join(this.#workdir, ...missing.slice(0, i + 1))); // (U5)
    if (durability === "strict") {
      // Another actor may have made a folder and not have fsynced it yet, so all are, up to the workdir (U2).
      for (let above = folder; above.length > this.#workdir.length; above = dirname(above)) {
        await this.#syncs.sync(dirname(above));
      }
    }
    return (await lstat(folder)).dev;
  }
}

/** Node's own making of several at once calls a file system that is read-only a missing folder. */
async function makeOne(folder: string): Promise<void> {
  await mkdir(folder).catch((error: unknown) => {
    if (errorCode(error) !== "EEXIST") throw error;
  });
}

/** After a failed fsync nobody can tell what of the file is on the disk, nor does another fsync. */
class DoubtfulOutput extends Error {
  override readonly name = "DoubtfulOutput";
}

function doubt(error: unknown): never {
  throw new DoubtfulOutput(`it may not be on the disk as a whole: ${roomMessage(error)}`);
}

/** What the payload's own processes do to it is its own fault. What the file system refuses, another node's may accept. */
function refused({ to }: Output, error: unknown): Staged {
  if (error instanceof UnsteadyOutput) return { kind: "failure", failure: failureOf("event", error.message) };
  const message = `cannot store the output as ${to}: ${roomMessage(error)}`;
  return { kind: "failure", failure: failureOf("node", message) };
}

/** A folder that is there need not be there durably. */
function keysOf(folder: string): readonly [durable: string, relaxed: string] {
  return [`durable ${folder}`, folder];
}

function keepSum(_: Buffer, checksum: Checksum): Promise<Checksum> {
  return Promise.resolve(checksum);
}

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

function copySmall(file: OutputFile, temporary: string, isDurable: boolean): Promise<Checksum> {
  return readSmall(file, async (bytes, checksum) => {
    const fd = await openFile(temporary, newFile, file.mode);
    try {
      for (let at = 0; at < bytes.byteLength;) at += (await writeFile(fd, bytes, at)).bytesWritten;
      if (isDurable) await syncFile(fd); // (U2)
    } finally {
      await closeFile(fd);
    }
    return checksum;
  });
}

/** What is on the other side is read, since it is that which counts. */
async function copyLarge(
  file: OutputFile,
  { from, temporary, isDurable }: { from: string; temporary: string; isDurable: boolean },
): Promise<Checksum> {
  await copyFile(from, temporary, constants.COPYFILE_FICLONE);
  const fd = await openFile(temporary, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const checksum = await checksumOf({ fd, sizeBytes: file.sizeBytes });
    if (isDurable) await syncFile(fd); // (U2)
    await expectSameSize(file);
    return checksum;
  } finally {
    await closeFile(fd);
  }
}
