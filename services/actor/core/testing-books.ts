// For tests: the books of a driver that knows nothing of an actor's state.

import { keyOf, type HeldRange } from "./held.js";

type Where = "granted" | "ended" | "reported" | "done" | "dropped";

interface Entry {
  readonly held: HeldRange;
  where: Where;
  /** As what it was reported. */
  kind?: string;
}

/** Where each range and grant stands. */
export class Books {
  readonly #entries = new Map<string, Entry>();

  put(held: HeldRange, where: Where, kind = ""): void {
    this.#entries.set(keyOf(held), { held, where, kind });
  }

  of(held: HeldRange): Readonly<Entry> | undefined {
    return this.#entries.get(keyOf(held));
  }

  /** Unless it has ended: that may have been reported, and is reported in any case. */
  moveGranted(held: HeldRange, where: Where): void {
    const entry = this.#entries.get(keyOf(held));
    if (entry?.where === "granted") entry.where = where;
  }

  all(isMeant: (where: Where) => boolean): HeldRange[] {
    return [...this.#entries.values()].filter(({ where }) => isMeant(where)).map(({ held }) => held);
  }
}
