// What an attack is: what is done to the driver's port, what came of it, and what of that must not be.

import type { Door } from "./connection.js";

export interface Attack {
  readonly name: string;
  /** Lasts about so long when nothing ends it before. */
  readonly run: (door: Door, order: { readonly seconds: number; readonly seed: number }) => Promise<Outcome>;
}

export interface Outcome {
  readonly did: string;
  /** What is not as it is to be. */
  readonly findings: readonly string[];
}

/** Counts how things ended. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  text(): string {
    return [...this.#counts]
      .sort(([, one], [, other]) => other - one)
      .map(([what, count]) => `${count} ${what}`)
      .join(", ");
  }
}
