// Sees merged files get their final names the moment that they do: whoever watches a job is told ten times a second.

import { watch, type FSWatcher } from "node:fs";
import { present } from "../../../services/shared/core/assert.js";
import { systemClock } from "../../../services/shared/io/system-clock.js";

export class PublishedFiles {
  readonly #watcher: FSWatcher;
  readonly #atMs = new Map<string, number>();

  /** The folder must be there. */
  constructor(folder: string) {
    this.#watcher = watch(folder, (_, name) => {
      if (name !== null && !name.endsWith(".tmp") && !this.#atMs.has(name))
        this.#atMs.set(name, systemClock.nowMs());
    });
  }

  /** When there were so many, which is in the past. */
  atMs(count: number): number {
    return present([...this.#atMs.values()][count - 1], "time of a published file");
  }

  close(): void {
    this.#watcher.close();
  }
}
