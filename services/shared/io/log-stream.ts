// Where a service's log goes. The service outlives it: its file system may be full, or its reader gone.
//
//   S1. A line that can't be written is left out and counted. After the next one that can, the log says how many there were.
//   S2. A line is written at once: what is logged last before the process ends is there.

import { Writable } from "node:stream";

/** What stderr is to a log. */
export interface LogTarget {
  on(event: "error", listener: () => void): unknown;
  off(event: "error", listener: () => void): unknown;
  write(text: string, done: (error?: Error | null) => void): boolean;
}

export class LogStream extends Writable {
  readonly #target: LogTarget;
  readonly #noticeOf: (linesLost: number) => string;
  #linesLost = 0;

  /** `noticeOf` makes the line that says how many were lost. */
  constructor(target: LogTarget, noticeOf: (linesLost: number) => string) {
    super({ decodeStrings: false });
    this.#target = target;
    this.#noticeOf = noticeOf;
    target.off("error", toldToTheWriter);
    target.on("error", toldToTheWriter);
  }

  override _write(line: string, _encoding: BufferEncoding, done: () => void): void {
    // What was left out may have been written in part.
    this.#tell(this.#linesLost === 0 ? line : `\n${line}`);
    done(); // (S2)
  }

  #tell(text: string): void {
    this.#target.write(text, (error) => {
      if (error instanceof Error) this.#linesLost += 1;
      else if (this.#linesLost > 0) {
        const lost = this.#linesLost;
        this.#linesLost = 0;
        this.#target.write(this.#noticeOf(lost), () => undefined); // (S1)
      }
    });
  }
}

/** Without it the process would end. */
function toldToTheWriter(): void {
  // Each write is told of its own failure.
}
