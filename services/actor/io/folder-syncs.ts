// Fsyncs of folders, many for one: while one of a folder runs, all who want another wait for the same next one.
//
//   F1. A sync that is waited for began after it was asked for, so it covers what its caller did before.

import { syncFolder } from "../../shared/io/atomic-file.js";

export class FolderSyncs {
  readonly #sync: (path: string) => Promise<void>;
  /** By path. */
  readonly #running = new Map<string, Promise<void>>();
  /** What follows what runs. */
  readonly #next = new Map<string, Promise<void>>();

  constructor(sync = syncFolder) {
    this.#sync = sync;
  }

  /** Resolves when the entries that the folder has now are durable. */
  sync(path: string): Promise<void> {
    const known = this.#next.get(path);
    if (known !== undefined) return known;
    const next = this.#follow(path);
    this.#next.set(path, next);
    return next;
  }

  async #follow(path: string): Promise<void> {
    // Whoever waited for it was told how it ended.
    await this.#running.get(path)?.catch(() => undefined);
    this.#next.delete(path); // (F1)
    const running = this.#sync(path);
    this.#running.set(path, running);
    try {
      await running;
    } finally {
      if (this.#running.get(path) === running) this.#running.delete(path);
    }
  }
}
