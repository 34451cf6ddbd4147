// A line for each of several things that go on, on stdout.
//
//   V1. On a terminal they are rewritten in place, when they have changed, in one write, ten times a second at
//       most, and never scroll it.
//   V2. Elsewhere a line is printed when it is due (plain-pace.ts).

import type { Clock } from "../../shared/core/clock.js";
import { after, type Cancel } from "../../shared/io/system-clock.js";
import { isLineDue, type PrintedLine } from "../core/plain-pace.js";
import { mayRewrite, progressWidth, type TextSink } from "./terminal.js";

export interface LiveSink extends TextSink {
  readonly rows?: number;
  /** Tells of each change of its size, until the answer is called. */
  onResize?(listener: () => void): () => void;
}

/** What is told of one of them; `phase` changes when that deserves a line of its own. */
export interface LiveLine {
  readonly text: string;
  readonly phase: string;
  /** Nothing more comes: where there is no room for all, the others are shown first. */
  readonly isOver: boolean;
}

const rewriteMsMin = 100;
const rowsUsual = 24;

export class LiveLines {
  readonly #sink: LiveSink;
  readonly #clock: Clock;
  readonly #printed = new Map<number, PrintedLine>();
  readonly #lines = new Map<number, LiveLine>();
  #drawn = 0;
  #shown = "";
  #shownAtMs = Number.NEGATIVE_INFINITY;
  #cancel: Cancel | undefined;

  constructor(sink: LiveSink, clock: Clock) {
    this.#sink = sink;
    this.#clock = clock;
  }

  /** How long a line may be. */
  get width(): number {
    return progressWidth(this.#sink);
  }

  /** How the thing of that key stands now; lines stand in the order of their first word. */
  set(key: number, line: LiveLine): void {
    this.#lines.set(key, line);
    if (!this.#isLive) {
      this.#printIfDue(key, line);
      return;
    }
    if (this.#cancel !== undefined) return;
    const waitMs = this.#shownAtMs + rewriteMsMin - this.#clock.nowMs();
    if (waitMs <= 0) this.#draw();
    else {
      this.#cancel = after(waitMs, () => {
        this.#cancel = undefined;
        this.#draw();
      });
    }
  }

  /** Leaves the last lines standing. */
  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#isLive) {
      if (this.#lines.size > 0) this.#draw();
      return;
    }
    for (const [key, { text }] of this.#lines)
      if (this.#printed.get(key)?.text !== text) this.#sink.write(`${text}\n`);
  }

  get #isLive(): boolean {
    return mayRewrite(this.#sink);
  }

  #printIfDue(key: number, { phase, text }: LiveLine): void {
    const next = { atMs: this.#clock.nowMs(), phase, text };
    if (!isLineDue(this.#printed.get(key), next)) return; // (V2)
    this.#printed.set(key, next);
    this.#sink.write(`${text}\n`);
  }

  #draw(): void {
    this.#shownAtMs = this.#clock.nowMs();
    const room = Math.max(1, (this.#sink.rows ?? rowsUsual) - 1);
    const shown = this.#fitting(room);
    if (shown.join("\n") === this.#shown) return;
    this.#shown = shown.join("\n");
    const up = this.#drawn === 0 ? "" : `\u001b[${this.#drawn}A`;
    // What is left of longer or more lines is erased behind the new ones. (V1)
    this.#sink.write(`${up}${shown.map((line) => `\r${line}\u001b[K\n`).join("")}\u001b[J`);
    this.#drawn = shown.length;
  }

  #fitting(room: number): readonly string[] {
    const all = [...this.#lines.values()];
    const textOf = ({ text }: LiveLine): string => text;
    if (all.length <= room) return all.map(textOf);
    const first = [...all.filter(({ isOver }) => !isOver), ...all.filter(({ isOver }) => isOver)];
    return [...first.slice(0, room - 1).map(textOf), `and ${all.length - room + 1} more`];
  }
}
