// What was opened in order is closed in reverse, each within a deadline (P10).

import { errorMessage } from "./error-code.js";
import type { Logger } from "./logger.js";
import { after } from "./system-clock.js";

/** So long may each closing take; then the next one begins, and the log says which one hangs. */
const closingMsMax = 10_000;

export class Closers {
  readonly #log: Logger;
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `close` is called once, after those of everything that is opened later. */
  add(name: string, close: () => Promise<void> | void): void {
    this.#closers.push({ name, close });
  }

  /** Never rejects: what fails to close is logged, and the others are closed all the same. */
  async closeAll(): Promise<void> {
    for (;;) {
      const closer = this.#closers.pop();
      if (closer === undefined) return;
      try {
        await inTime(closer.close());
      } catch (error) {
        this.#log.error("closing failed", { what: closer.name, error: errorMessage(error) });
      }
    }
  }
}

async function inTime(closing: Promise<void> | void): Promise<void> {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    cancel = after(closingMsMax, () => reject(new Error(`not closed after ${closingMsMax / 1_000} s`)));
  });
  try {
    await Promise.race([closing, late]);
  } finally {
    cancel();
  }
}
