// What a person sees: results on stdout, everything else on stderr.
//
//   T1. A progress line is rewritten at most ten times a second, when it has changed, in one write, and never wraps.
//   T2. Where lines cannot be rewritten, they are printed when they are due (plain-pace.ts).
//   T3. A note never tears a progress line: the line is taken away, the note printed, the line put back.

import type { Clock } from "../../shared/core/clock.js";
import { harmless } from "../../shared/core/harmless.js";
import { after, type Cancel } from "../../shared/io/system-clock.js";
import { folded } from "../core/columns.js";
import { isLineDue, type PrintedLine } from "../core/plain-pace.js";

/** What is needed of a stream. */
export interface TextSink {
  readonly isTTY?: boolean;
  /** A terminal on which nothing can be rewritten. */
  readonly isDumb?: boolean;
  readonly columns?: number;
  write(text: string | Uint8Array): unknown;
}

/** Whether a line that was written there can be written anew. */
export function mayRewrite({ isTTY, isDumb }: TextSink): boolean {
  return isTTY === true && isDumb !== true;
}

/** How long a progress line may be; a terminal's last column would make it wrap. */
export function progressWidth(sink: TextSink): number {
  return Math.max(
    20,
    Math.min(progressColumnsMax, sink.isTTY === true ? columnsOf(sink) - 1 : progressColumnsMax),
  );
}

/** Of a terminal that does not tell, as many as most have. */
function columnsOf({ columns = 0 }: TextSink): number {
  return columns > 0 ? columns : 80;
}

const rewriteMsMin = 100;
const progressColumnsMax = 120;
/** Erases the rest of the line. */
const toEndOfLine = "\u001b[K";

export class Terminal {
  readonly #stdout: TextSink;
  readonly #stderr: TextSink;
  readonly #clock: Clock;
  #line = "";
  /** What stands on the terminal. */
  #drawn = "";
  #shownAtMs = Number.NEGATIVE_INFINITY;
  #cancel: Cancel | undefined;
  #printed: PrintedLine | undefined;

  constructor(stdout: TextSink, stderr: TextSink, clock: Clock) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#clock = clock;
  }

  /** How long a progress line may be. */
  get width(): number {
    return progressWidth(this.#stderr);
  }

  /** Columns of the terminal that results go to; undefined where they go elsewhere, and lines may be long. */
  get resultWidth(): number | undefined {
    return this.#stdout.isTTY === true ? columnsOf(this.#stdout) : undefined;
  }

  /** A result. */
  print(text: string): void {
    this.#erase();
    this.#stdout.write(`${text}\n`);
    this.#redraw();
  }

  /** Sentences, with whatever programs said in them: on a terminal, long lines go on in the next one. */
  printSentences(text: string): void {
    const shown = harmless(text);
    this.print(this.resultWidth === undefined ? shown : folded(shown, this.resultWidth));
  }

  /** A part of a result, as it is. */
  printBytes(bytes: Uint8Array): void {
    this.#erase();
    this.#stdout.write(bytes);
    this.#redraw();
  }

  /** Something that a person should know (T3). */
  note(text: string): void {
    if (!this.#isLive || this.#line === "") this.#stderr.write(`${text}\n`);
    else this.#stderr.write(`\r${text.replace(/$/m, toEndOfLine)}\n${this.#frame()}`);
  }

  /** The same, for a command within a command, whose results are not wanted. */
  withoutResults(): Terminal {
    return new Terminal({ write: () => true }, this.#stderr, this.#clock);
  }

  /** What can be done next, where a person looks on. */
  hint(text: string): void {
    if (this.#stdout.isTTY === true && this.#stderr.isTTY === true) this.note(`=> ${text}`);
  }

  /** How things stand now; `phase` changes when that deserves a line of its own. */
  progress(line: string, phase: string): void {
    this.#line = line;
    const nowMs = this.#clock.nowMs();
    if (!this.#isLive) {
      this.#printIfDue({ atMs: nowMs, phase, text: line }); // (T2)
      return;
    }
    if (this.#cancel !== undefined) return;
    const waitMs = this.#shownAtMs + rewriteMsMin - nowMs;
    if (waitMs <= 0) this.#redraw();
    else {
      this.#cancel = after(waitMs, () => {
        this.#cancel = undefined;
        this.#redraw(); // (T1)
      });
    }
  }

  /** Leaves the last progress line standing. */
  endProgress(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#line === "") return;
    if (this.#isLive) {
      this.#redraw();
      this.#drawn = "";
      this.#stderr.write("\n");
    } else if (this.#printed?.text !== this.#line) this.#stderr.write(`${this.#line}\n`);
    this.#line = "";
  }

  get #isLive(): boolean {
    return mayRewrite(this.#stderr);
  }

  #printIfDue(next: PrintedLine): void {
    if (!isLineDue(this.#printed, next)) return;
    this.#printed = next;
    this.#stderr.write(`${next.text}\n`);
  }

  #redraw(): void {
    if (!this.#isLive || this.#line === "" || this.#line === this.#drawn) return;
    this.#shownAtMs = this.#clock.nowMs();
    this.#stderr.write(`\r${this.#frame()}`);
  }

  /** The line; what is left of an older one is erased behind it, so that nothing flickers (T1). */
  #frame(): string {
    this.#drawn = this.#line;
    return `${this.#line}${toEndOfLine}`;
  }

  #erase(): void {
    if (!this.#isLive || this.#drawn === "") return;
    this.#drawn = "";
    this.#stderr.write(`\r${toEndOfLine}`);
  }
}
