// The folder of the journal's segments, as little of a file system as the journal needs. Tests have a fake one that
// forgets what was not synced, runs full and fails on demand.

import { constants } from "node:fs";
import { open, readdir, rename, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { ensurePrivateFolder } from "../../../shared/io/private-file.js";
import { syncFolder } from "../../../shared/io/atomic-file.js";
import type { SegmentId, SnapshotId } from "./journal-frames.js";

export interface JournalFolder {
  /** For messages. */
  readonly path: string;
  /** Names of all files in it, in any order. */
  list(): Promise<readonly string[]>;
  /** Opens what is there. */
  open(name: string): Promise<ReadableSegment>;
  /** Makes a new file; fails when there is one of the name. */
  create(name: string, writes: Writes): Promise<WritableSegment>;
  /** Gives a file another name, in the place of a file that has it already. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, if it is there. */
  remove(name: string): Promise<void>;
  /** Makes the entries of created, renamed and removed files durable. */
  sync(): Promise<void>;
}

/**
 * How a new file is to be written. Either way `sync` is to be called; after writes that were each synced it has nothing
 * left to do, and a commit costs one turn of the loop instead of two.
 */
type Writes = "each-synced" | "synced-later";

export interface ReadableSegment {
  /** Fills `into` from the file's byte `position` on; less is read only where the file ends. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Makes what was read durable, whoever wrote it. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface WritableSegment {
  /** Writes at `position`; may write less than all. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** `0000000003.log` is epoch 3's first segment, `0000000003-1.log` the one after it. */
export function segmentName({ epoch, part }: SegmentId): string {
  const stem = String(epoch).padStart(10, "0");
  return part === 0 ? `${stem}.log` : `${stem}-${part}.log`;
}

/** Undefined for what is no segment, such as a network file system's own files. */
export function parseSegmentName(name: string): SegmentId | undefined {
  const match = /^(\d{10})(?:-([1-9]\d*))?\.log$/.exec(name);
  return match === null ? undefined : { epoch: Number(match[1]), part: Number(match[2] ?? 0) };
}

/** `0000000003-1.811.snapshot` is the state after commit 811, the last one of segment `0000000003-1.log`. */
export function snapshotName({ segment, sequence }: SnapshotId): string {
  return `${segmentName(segment).slice(0, -".log".length)}.${sequence}.snapshot`;
}

/** Undefined for what is no snapshot, or not yet one. */
export function parseSnapshotName(name: string): SnapshotId | undefined {
  const match = /^(.*)\.([1-9]\d*)\.snapshot$/.exec(name);
  const segment = parseSegmentName(`${match?.[1] ?? ""}.log`);
  return segment === undefined ? undefined : { segment, sequence: Number(match?.[2]) };
}

/** Under which a driver of the epoch writes a snapshot that is not whole yet. */
export function unfinishedName(id: SnapshotId, epoch: number): string {
  return `${snapshotName(id)}.${epoch}.tmp`;
}

/** The epoch of the driver that writes or wrote it; undefined for what is no unfinished snapshot. */
export function parseUnfinishedName(name: string): number | undefined {
  const match = /^(.*)\.([1-9]\d*)\.tmp$/.exec(name);
  return parseSnapshotName(match?.[1] ?? "") === undefined ? undefined : Number(match?.[2]);
}

const { O_CREAT, O_DSYNC, O_EXCL, O_RDONLY, O_WRONLY } = constants;
const newFile = O_WRONLY | O_CREAT | O_EXCL;

/** A folder of the file system, private to its owner; made if it is not there. */
export async function openJournalFolder(path: string): Promise<JournalFolder> {
  await ensurePrivateFolder(path);
  return {
    path,
    list: () => readdir(path),
    open: async (name) => readable(await open(join(path, name), O_RDONLY)),
    create: async (name, writes) => {
      const file = await open(join(path, name), newFile | (writes === "each-synced" ? O_DSYNC : 0), 0o600);
      return writable(file, writes);
    },
    rename: (from, to) => rename(join(path, from), join(path, to)),
    remove: (name) => rm(join(path, name), { force: true }),
    sync: () => syncFolder(path),
  };
}

function readable(file: FileHandle): ReadableSegment {
  return {
    read: async (into, position) => {
      let filled = 0;
      while (filled < into.length) {
        const { bytesRead } = await file.read(into, filled, into.length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled;
    },
    sync: () => file.sync(),
    close: () => file.close(),
  };
}

function writable(file: FileHandle, writes: Writes): WritableSegment {
  return {
    // At a position and never by O_APPEND, so that a batch that is tried again overwrites what is left of its first try.
    write: async (bytes, position) => (await file.write(bytes, 0, bytes.length, position)).bytesWritten,
    sync: () => (writes === "each-synced" ? Promise.resolve() : file.datasync()),
    close: () => file.close(),
  };
}
