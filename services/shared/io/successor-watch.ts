// A driver that was frozen and replaced says nothing of it, and its connections live on: whoever waits for an answer of it
// looks whether there is another one, long before the connection is found dead.
//
//   F1. The address file is read only when the driver owes an answer and has said nothing all the while, and then at most
//       every `readAgainMs`, at times that differ from process to process: the file system serves thousands of them.
//   F2. Only a higher epoch counts. A file that can't be read says nothing.

import type { Rng } from "../core/rng.js";

export interface SuccessorWatchOptions {
  /** Of the driver that is spoken to. */
  readonly epoch: number;
  /** Epoch in the address file. */
  readonly readEpoch: () => Promise<number | undefined>;
  /** Whether the driver owes an answer: to a hello, or to results. */
  readonly isOwed: () => boolean;
  /** How many messages came from it. */
  readonly heard: () => number;
  readonly onReplaced: (reason: string) => void;
  /** For jitter. */
  readonly rng: Rng;
}

/** So long an answer may take. */
const patienceMs = 10_000;
/** At least so long between two looks at the file, and up to twice. */
const readAgainMs = 10_000;

export class SuccessorWatch {
  readonly #options: SuccessorWatchOptions;
  /** The wait that is under way: for the message after so many. */
  #wait: { readonly heard: number; nextReadAtMs: number } | undefined;

  constructor(options: SuccessorWatchOptions) {
    this.#options = options;
  }

  /** Called now and then. */
  async look(nowMs: number): Promise<void> {
    const { epoch, readEpoch, isOwed, heard, onReplaced, rng } = this.#options;
    if (!isOwed()) this.#wait = undefined;
    else if (this.#wait?.heard !== heard())
      this.#wait = { heard: heard(), nextReadAtMs: nowMs + patienceMs * (1 + rng.next() / 2) };
    else if (nowMs >= this.#wait.nextReadAtMs) {
      this.#wait.nextReadAtMs = nowMs + readAgainMs * (1 + rng.next()); // (F1)
      const found = await readEpoch().catch(() => undefined); // (F2)
      if (found !== undefined && found > epoch)
        onReplaced(`the driver of epoch ${epoch} does not answer, and one of epoch ${found} has started`);
    }
  }
}
