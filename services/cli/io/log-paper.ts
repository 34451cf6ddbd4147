// Where parts of logs are written. For people: above each part whose it is, below it how its ranges ended. With `raw` a
// program's own bytes go to stdout as they are, and the rest to stderr.

import { harmless } from "../../shared/core/harmless.js";
import type { LoggedEnd, LoggedMergeEnd } from "../../shared/core/logged.js";
import {
  endText,
  headText,
  leftOutText,
  linesAboveText,
  programText,
  type SectionHead,
} from "../core/log-text.js";
import type { LogItem } from "./log-lines.js";
import type { Terminal } from "./terminal.js";

/** The text of an item that is a program's. */
export type TextItem = Extract<LogItem, { kind: "text" }>;

/** What is told of a part of a log. */
export type LogNote =
  | { readonly kind: "text"; readonly item: TextItem }
  | { readonly kind: "left-out"; readonly bytes: number }
  | { readonly kind: "lines-above"; readonly lines: number }
  | { readonly kind: "rotated-away" }
  | { readonly kind: "end"; readonly end: LoggedEnd | LoggedMergeEnd };

export interface LogPaper {
  /** What is written next is of this part. */
  begin(head: SectionHead): void;
  write(head: SectionHead, note: LogNote): void;
}

export class TextPaper implements LogPaper {
  readonly #terminal: Terminal;
  readonly #isRaw: boolean;
  #head: SectionHead | undefined;

  constructor(terminal: Terminal, isRaw: boolean) {
    this.#terminal = terminal;
    this.#isRaw = isRaw;
  }

  begin(head: SectionHead): void {
    if (this.#head !== head) this.#say(headText(head));
    this.#head = head;
  }

  write(head: SectionHead, note: LogNote): void {
    switch (note.kind) {
      case "text":
        this.begin(head);
        this.#print(note.item);
        break;
      case "left-out":
        this.begin(head);
        this.#say(leftOutText(note.bytes));
        break;
      case "lines-above":
        this.#say(linesAboveText(note.lines));
        break;
      case "rotated-away":
        this.#say("== this part was rotated away meanwhile");
        break;
      case "end":
        this.#say(endText(note.end));
        break;
    }
  }

  #print({ bytes, endsLine }: TextItem): void {
    if (this.#isRaw) this.#terminal.printBytes(endsLine ? Buffer.concat([bytes, newline]) : bytes);
    else this.#terminal.print(programText(bytes.toString()));
  }

  #say(text: string): void {
    if (this.#isRaw) this.#terminal.note(text);
    else this.#terminal.print(harmless(text));
  }
}

const newline = Buffer.from("\n");
