// Reads parts of logs, and writes them on a paper.

import type { LoggedEnd, LoggedMergeEnd } from "../../shared/core/logged.js";
import { isAskedFor, isMergeAskedFor, type LogQuestion } from "../core/log-question.js";
import type { SectionHead } from "../core/log-text.js";
import { LogReader, openLog, type LogItem } from "./log-lines.js";
import type { LogPaper, TextItem } from "./log-paper.js";
import type { LogSection } from "./log-search.js";

export interface PrinterOptions {
  readonly question: LogQuestion;
  /** Of each part; undefined for all. */
  readonly linesMax: number | undefined;
}

export class LogPrinter {
  readonly #options: PrinterOptions;
  readonly #paper: LogPaper;

  constructor(options: PrinterOptions, paper: LogPaper) {
    this.#options = options;
    this.#paper = paper;
  }

  /** The last lines of a part, or all of it. */
  async printSection(section: LogSection, signal: AbortSignal): Promise<void> {
    const { file, head, from, to, leftOutBytes, ends } = section;
    this.#paper.begin(head);
    const handle = await openLog(file.path, file.key);
    if (handle === undefined) {
      this.#paper.write(head, { kind: "rotated-away" });
      return;
    }
    try {
      const text = new LogReader(file, from).read(handle, { to, isGrowing: false }, signal);
      const { linesMax } = this.#options;
      if (linesMax === undefined) await this.#printAll(head, text);
      else await this.#printLast(head, text, linesMax);
    } finally {
      await handle.close();
    }
    if (leftOutBytes > 0) this.#paper.write(head, { kind: "left-out", bytes: leftOutBytes });
    for (const end of ends) this.#printEnd(head, end);
  }

  /** What was written just now. */
  printItem(item: LogItem): void {
    if (item.kind === "text") this.#paper.write(item.head, { kind: "text", item });
    else if (item.kind === "left-out") this.#paper.write(item.head, item);
    else if (item.kind === "end") this.#printEnd(item.head, item.end);
  }

  async #printAll(head: SectionHead, items: AsyncIterable<LogItem>): Promise<void> {
    for await (const item of items) if (item.kind === "text") this.#paper.write(head, { kind: "text", item });
  }

  async #printLast(head: SectionHead, items: AsyncIterable<LogItem>, linesMax: number): Promise<void> {
    const last: TextItem[] = [];
    let above = 0;
    for await (const item of items) {
      if (item.kind !== "text") continue;
      last.push(item);
      if (last.length <= linesMax) continue;
      last.shift();
      above += 1;
    }
    if (above > 0) this.#paper.write(head, { kind: "lines-above", lines: above });
    for (const item of last) this.#paper.write(head, { kind: "text", item });
  }

  /** Of a process with many ranges, the end of one that was not asked for is left out. */
  #printEnd(head: SectionHead, end: LoggedEnd | LoggedMergeEnd): void {
    if (this.#isAskedFor(head, end)) this.#paper.write(head, { kind: "end", end });
  }

  #isAskedFor({ ranges }: SectionHead, end: LoggedEnd | LoggedMergeEnd): boolean {
    const { question } = this.#options;
    if ("group" in end) return isMergeAskedFor(question, end);
    const range = ranges.find((one) => one.range === end.range && one.grant === end.grant);
    return question.kind === "job" || (range !== undefined && isAskedFor(question, range));
  }
}
