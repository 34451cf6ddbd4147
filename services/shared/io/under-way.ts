// Work that was begun and that nobody waits for, until the end.

import { sleep } from "./system-clock.js";

export class UnderWay {
  readonly #works = new Set<Promise<void>>();

  /** `work` never rejects. */
  follow(work: Promise<void>): void {
    this.#works.add(work);
    void work.finally(() => this.#works.delete(work));
  }

  /** Waits until all of it is done, and no longer than `msMax` (P10). */
  async settle(msMax: number): Promise<void> {
    const giveUp = new AbortController();
    const late = sleep(msMax, giveUp.signal).catch(() => undefined);
    await Promise.race([Promise.all(this.#works), late]);
    giveUp.abort();
  }
}
