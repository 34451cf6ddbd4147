// The whole of a terminal, for as long as a command has it.
//
//   F1. What stood on it before stands there again afterwards.
//   F2. A frame is one write, and none when nothing has changed.

import type { LiveSink } from "./live-lines.js";

const enter = "\u001b[?1049h\u001b[?25l";
const leave = "\u001b[?25h\u001b[?1049l";

export class FullScreen {
  readonly #sink: LiveSink;
  readonly #inColour: boolean;
  #shown: string | undefined;

  /** `inColour`: titles stand out. */
  constructor(sink: LiveSink, inColour: boolean) {
    this.#sink = sink;
    this.#inColour = inColour;
    this.#sink.write(enter);
  }

  get size(): { readonly columns: number; readonly rows: number } {
    const { columns = 0, rows = 0 } = this.#sink;
    return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
  }

  draw(lines: readonly { readonly text: string; readonly isTitle: boolean }[]): void {
    const rows = lines.map(({ text, isTitle }) =>
      isTitle && this.#inColour ? `\u001b[7m${text.padEnd(this.size.columns)}\u001b[0m` : `${text}\u001b[K`,
    );
    const frame = `\u001b[H${rows.join("\r\n")}\u001b[J`;
    if (frame === this.#shown) return; // (F2)
    this.#shown = frame;
    this.#sink.write(frame);
  }

  /** The terminal has another size: what stands there is no more what was drawn. */
  forget(): void {
    this.#shown = undefined;
  }

  /** Gives the terminal back (F1). */
  close(): void {
    this.#sink.write(leave);
  }
}
