// A journal folder for tests, which forgets at a crash what was not synced, and fails on demand.
//
// A sync makes all writes of a file durable. Of the others, a crash keeps what its caller says. A failed sync loses
// them, as Linux may; a later sync of the same file succeeds without them.

import type { JournalFolder, ReadableSegment, WritableSegment } from "./journal-folder.js";

/** What is asked of the folder, before it is done: a test's `fault` may throw instead. */
export interface FakeOperation {
  readonly kind: "create" | "write" | "sync" | "sync-folder" | "rename" | "remove";
  readonly name: string;
}

/** How much of a file's unsynced writes a crash keeps. */
export type Surviving = (unsynced: Buffer) => Buffer;

interface FakeFile {
  /** What everybody sees. */
  seen: Buffer;
  durable: Buffer;
}

export class FakeJournalFolder implements JournalFolder {
  readonly path = "/fake/journal";
  /** Called before each operation. */
  fault: (operation: FakeOperation) => void = () => undefined;
  /** Most that one write takes. */
  writeBytesMax = Number.POSITIVE_INFINITY;
  /** Whether a failed sync loses what was not synced; else it stays to be seen, as after a kill before the sync. */
  losesUnsynced = true;
  #files = new Map<string, FakeFile>();
  /** The durable entries. */
  #entries = new Map<string, FakeFile>();

  /** The content of a file, as everybody sees it. */
  content(name: string): Buffer {
    return this.#file(name).seen;
  }

  /** Makes or replaces a file, durably. */
  put(name: string, content: Buffer): void {
    const file = { seen: content, durable: content };
    this.#files.set(name, file);
    this.#entries.set(name, file);
  }

  names(): string[] {
    return [...this.#files.keys()].sort();
  }

  /** A folder of its own with the same files. */
  copy(): FakeJournalFolder {
    const copy = new FakeJournalFolder();
    for (const name of this.names()) copy.put(name, Buffer.from(this.content(name)));
    return copy;
  }

  /** The machine dies: changes of entries and writes that were not synced are lost, but for what survives of the writes. */
  crash(surviving: Surviving): void {
    this.#files = new Map(this.#entries);
    for (const [name, file] of this.#files) {
      const unsynced = file.seen.subarray(file.durable.length);
      this.put(name, Buffer.concat([file.durable, surviving(unsynced)]));
    }
  }

  list(): Promise<readonly string[]> {
    return Promise.resolve(this.names());
  }

  open(name: string): Promise<ReadableSegment> {
    const file = this.#file(name);
    return Promise.resolve({
      read: async (into, position) => {
        await turn();
        return file.seen.copy(into, 0, Math.min(position, file.seen.length));
      },
      sync: () => this.#sync(name, file),
      close: turn,
    });
  }

  async create(name: string): Promise<WritableSegment> {
    await turn();
    this.fault({ kind: "create", name });
    if (this.#files.has(name)) throw systemError("EEXIST");
    const file: FakeFile = { seen: Buffer.alloc(0), durable: Buffer.alloc(0) };
    this.#files.set(name, file);
    return {
      write: async (bytes, position) => {
        await turn();
        this.fault({ kind: "write", name });
        const taken = bytes.subarray(0, this.writeBytesMax);
        file.seen = Buffer.concat([
          file.seen.subarray(0, position),
          taken,
          file.seen.subarray(position + taken.length),
        ]);
        return taken.length;
      },
      sync: () => this.#sync(name, file),
      close: turn,
    };
  }

  async sync(): Promise<void> {
    await turn();
    this.fault({ kind: "sync-folder", name: "" });
    this.#entries = new Map(this.#files);
  }

  async rename(from: string, to: string): Promise<void> {
    await turn();
    this.fault({ kind: "rename", name: from });
    this.#files.set(to, this.#file(from));
    this.#files.delete(from);
  }

  async remove(name: string): Promise<void> {
    await turn();
    this.fault({ kind: "remove", name });
    this.#files.delete(name);
  }

  async #sync(name: string, file: FakeFile): Promise<void> {
    await turn();
    try {
      this.fault({ kind: "sync", name });
      file.durable = file.seen;
    } catch (error) {
      if (this.losesUnsynced) file.seen = file.durable;
      throw error;
    }
  }

  #file(name: string): FakeFile {
    const file = this.#files.get(name);
    if (file === undefined) throw systemError("ENOENT");
    return file;
  }
}

/** An error as the system makes it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}

function turn(): Promise<void> {
  return Promise.resolve();
}
