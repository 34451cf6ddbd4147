// An output on its way from the node's scratch to the job's folder.
//
//   U1. What is reported is a regular file, not empty, whole under its name, with the size and checksum that were taken
//       (O1 and O2 of put-output.ts), and its name appears at once.
//   U2. With strict durability the file, its name and every folder above it up to the workdir are fsynced before it is
//       reported (P2). One fsync of a folder serves all outputs that came before it.
//   U3. Nothing here waits for a file system on the loop: the workdir's may stand still for a minute.
//   U4. An output for which there is no room waits on the node (patience.ts), until nobody wants it any more. The workdir itself
//       is not made: where it is not seen, nothing is stored.

import { lstat, mkdir } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { failureOf, type Failure } from "../../shared/core/failure.js";
import type { Durability } from "../../shared/core/job-spec.js";
import type { Checksum } from "../../shared/io/checksum.js";
import { errorCode } from "../../shared/io/error-code.js";
import { ownFolderMode } from "../../shared/io/make-folder.js";
import { roomMessage } from "../../shared/io/room.js";
import { FolderSyncs } from "./folder-syncs.js";
import { Patience, ToldToStop } from "./patience.js";
import type { Put } from "./put-output.js";
import type { PutOutput } from "./put-threads.js";

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
  /** Puts an output whose folder is there. */
  readonly putOutput: PutOutput;
  /** Trouble of the workdir's file system other than want of room is waited for so long; default: a minute. */
  readonly troubleMs?: number;
  /** Told why outputs wait; undefined: none waits any more. */
  readonly onWait?: (why: string | undefined) => void;
}

const troubleMsDefault = 60_000;

/** Stores outputs in one workdir. */
export class StageOut {
  readonly #workdir: string;
  readonly #putOutput: PutOutput;
  readonly #syncs = new FolderSyncs();
  readonly #patience: Patience;
  /** Folders of outputs that are there, and durably so where that was asked for; and their file systems. */
  readonly #folders = new Map<string, Promise<number>>();

  constructor(workdir: string, options: StageOutOptions) {
    const { putOutput, troubleMs = troubleMsDefault, onWait = () => undefined } = options;
    this.#workdir = workdir;
    this.#putOutput = putOutput;
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
      const { sizeBytes, adler32 } = put;
      return { kind: "staged", sizeBytes, adler32 };
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

  async #put({ from, to, durability }: Output): Promise<Checksum | string> {
    const path = join(this.#workdir, to);
    const device = await this.#ensureFolder(dirname(to), durability);
    const put = await this.#putOutput({ from, path, device, isDurable: durability === "strict" });
    if (put.kind === "refused") throw new Refused(put);
    return put.kind === "flaw" ? put.message : put;
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
    for (const i of missing.keys()) await makeOne(join(this.#workdir, ...missing.slice(0, i + 1))); // (U4)
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
  await mkdir(folder, { mode: ownFolderMode }).catch((error: unknown) => {
    if (errorCode(error) !== "EEXIST") throw error;
  });
}

/** What the file system said, as Node would say it. */
class Refused extends Error {
  readonly code: string;

  constructor({ code, message }: Extract<Put, { kind: "refused" }>) {
    super(message);
    this.code = code;
  }
}

/** What the file system refuses, another node's may accept. */
function refused({ to }: Output, error: unknown): Staged {
  const message = `cannot store the output as ${to}: ${roomMessage(error)}`;
  return { kind: "failure", failure: failureOf("node", message) };
}

/** A folder that is there need not be there durably. */
function keysOf(folder: string): readonly [durable: string, relaxed: string] {
  return [`durable ${folder}`, folder];
}
