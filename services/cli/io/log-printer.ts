// Prints parts of logs: above each whose it is, below it how its ranges ended. With `raw` a program's own bytes go to stdout
// as they are, and the rest to stderr.

import { harmless } from "../../shared/core/harmless.js";
import type { LoggedEnd, LoggedMergeEnd } from "../../shared/core/logged.js";
import { isAskedFor, isMergeAskedFor, type LogQuestion } from "../core/log-question.js";
import {
  endText,
  headText,
  leftOutText,
  linesAboveText,
  programText,
  type SectionHead,
} from "../core/log-text.js";
import { LogReader, openLog, type LogItem } from "./log-lines.js";
import type { LogSection } from "./log-search.js";
import type { Terminal } from "./terminal.js";

export interface PrinterOptions {
  readonly question: LogQuestion;
  /** Of each part; undefined for all. */
  readonly linesMax: number | undefined;
  readonly raw: boolean;
}

/** The text of an item that is a program's. */
type TextItem = Extract<LogItem, { kind: "text" }>;

export class LogPrinter {
  readonly #options: PrinterOptions;
  readonly #terminal: Terminal;
  #head: SectionHead | undefined;

  constructor(options: PrinterOptions, terminal: Terminal) {
    this.#options = options;
    this.#terminal = terminal;
  }

  /** The last lines of a part, or all of it. */
  async printSection(section: LogSection, signal: AbortSignal): Promise<void> {
    const { file, head, from, to, leftOutBytes, ends } = section;
    this.#printHead(head);
    const handle = await openLog(file.path, file.key);
    if (handle === undefined) {
      this.#say("== this part was rotated away meanwhile");
      return;
    }
    try {
      const text = new LogReader(file, from).read(handle, { to, isGrowing: false }, signal);
      const { linesMax } = this.#options;
      if (linesMax === undefined) await this.#printAll(text);
      else await this.#printLast(text, linesMax);
    } finally {
      await handle.close();
    }
    if (leftOutBytes > 0) this.#say(leftOutText(leftOutBytes));
    for (const end of ends) this.#printEnd(head, end);
  }

  /** What was written just now. */
  printItem(item: LogItem): void {
    if (item.kind === "head" || item.kind === "rotated") return;
    if (item.kind === "text" || item.kind === "left-out") this.#printHead(item.head);
    if (item.kind === "text") this.#printText(item);
    else if (item.kind === "left-out") this.#say(leftOutText(item.bytes));
    else this.#printEnd(item.head, item.end);
  }

  async #printAll(items: AsyncIterable<LogItem>): Promise<void> {
    for await (const item of items) if (item.kind === "text") this.#printText(item);
  }

  async #printLast(items: AsyncIterable<LogItem>, linesMax: number): Promise<void> {
    const last: TextItem[] = [];
    let above = 0;
    for await (const item of items) {
      if (item.kind !== "text") continue;
      last.push(item);
      if (last.length <= linesMax) continue;
      last.shift();
      above += 1;
    }
    if (above > 0) this.#say(linesAboveText(above));
    for (const item of last) this.#printText(item);
  }

  #printHead(head: SectionHead): void {
    if (this.#head !== head) this.#say(headText(head));
    this.#head = head;
  }

  /** Of a process with many ranges, the end of one that was not asked for is left out. */
  #printEnd({ ranges }: SectionHead, end: LoggedEnd | LoggedMergeEnd): void {
    const { question } = this.#options;
    if ("group" in end) {
      if (isMergeAskedFor(question, end)) this.#say(endText(end));
      return;
    }
    const range = ranges.find((one) => one.range === end.range && one.grant === end.grant);
    if (question.kind === "job" || (range !== undefined && isAskedFor(question, range)))
      this.#say(endText(end));
  }

  #printText({ bytes, endsLine }: TextItem): void {
    if (this.#options.raw) this.#terminal.printBytes(endsLine ? Buffer.concat([bytes, newline]) : bytes);
    else this.#terminal.print(programText(bytes.toString()));
  }

  #say(text: string): void {
    if (this.#options.raw) this.#terminal.note(text);
    else this.#terminal.print(harmless(text));
  }
}

const newline = Buffer.from("\n");
