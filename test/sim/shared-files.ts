// The file system that all nodes share, as far as jobs' files go. What was written and not synced is lost with the node
// that wrote it.

import { present } from "../../services/shared/core/assert.js";
import type { Sight } from "./sighting.js";
import type { SimFile } from "./sim-file.js";

interface Entry {
  readonly file: SimFile;
  /** The node in whose memory alone it lies; undefined when it is durable. */
  readonly unsyncedOn: string | undefined;
}

export class SharedFiles {
  readonly #entries = new Map<string, Entry>();
  readonly #sight: Sight;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  read(path: string): SimFile | undefined {
    return this.#entries.get(path)?.file;
  }

  list(folder: string): string[] {
    return [...this.#entries.keys()].filter((path) => path.startsWith(`${folder}/`)).sort();
  }

  write(path: string, file: SimFile, by: string): void {
    this.#entries.set(path, { file, unsyncedOn: by });
    this.#sight({ kind: "file-written", path, file });
  }

  /** Nothing when the file is not there any more. */
  sync(path: string): void {
    const entry = this.#entries.get(path);
    if (entry !== undefined) this.#entries.set(path, { ...entry, unsyncedOn: undefined });
  }

  /** Puts the file in the place of whatever has the name. */
  rename(from: string, to: string): void {
    const entry = present(this.#entries.get(from), `file ${from}`);
    this.#entries.delete(from);
    const replaced = this.read(to);
    this.#entries.set(to, entry);
    this.#sight({ kind: "file-renamed", from, to, file: entry.file, replaced });
  }

  /** Nothing when it is not there. */
  remove(path: string, by: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    this.#sight({ kind: "file-removed", path, file: entry.file, by });
  }

  /** A fault: bytes of the file are lost, or all of it. */
  damage(path: string, how: "damaged" | "vanished"): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    if (how === "vanished") this.#entries.delete(path);
    else this.#entries.set(path, { ...entry, file: { ...entry.file, isDamaged: true } });
    this.#sight({ kind: "file-lost", path, file: entry.file });
  }

  /** A node is gone, and with it what only its memory had. */
  loseNode(node: string): void {
    for (const [path, entry] of this.#entries) {
      if (entry.unsyncedOn !== node) continue;
      this.#entries.delete(path);
      this.#sight({ kind: "file-lost", path, file: entry.file });
    }
  }
}
