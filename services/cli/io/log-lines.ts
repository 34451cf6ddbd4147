// The lines of a log of payloads or merge commands, and what they say.
//
//   B1. A log is read a page at a time, however long it is, and a line that is longer than a page comes in parts.

import { open, type FileHandle } from "node:fs/promises";
import type { LoggedEnd, LoggedMergeEnd } from "../../shared/core/logged.js";
import { errorCode } from "../../shared/io/error-code.js";
import { logWordOf, programTextStart } from "../../shared/io/run-log.js";
import type { SectionHead } from "../core/log-text.js";

interface LogLine {
  /** Its end of line left out. */
  readonly bytes: Buffer;
  readonly beginsLine: boolean;
  readonly endsLine: boolean;
  /** Where it lies in the file; `to` is behind its end of line. */
  readonly from: number;
  readonly to: number;
}

const pageBytes = 65_536;
const endOfLine = 0x0a;

/** The file of that name, or what became of it; undefined when it is gone. `key` tells files apart. */
export async function openLog(path: string, key: string): Promise<FileHandle | undefined> {
  for (const name of [path, `${path}.1`]) {
    const file = await openIfThere(name);
    if (file === undefined) continue;
    const { dev, ino } = await file.stat();
    if (keyOfFile(dev, ino) === key) return file;
    await file.close();
  }
  return undefined;
}

export function keyOfFile(dev: number, ino: number): string {
  return `${dev}:${ino}`;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** What lies between two places of a file; `to` may be behind its end (B1). */
async function* linesOf(
  file: FileHandle,
  stretch: { readonly from: number; readonly to: number; readonly beginsLine: boolean },
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const page = Buffer.alloc(pageBytes);
  let { from: at, beginsLine } = stretch;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(page, 0, Math.min(pageBytes, stretch.to - at), at);
    if (bytesRead === 0) return;
    const text = page.subarray(0, bytesRead);
    const isLast = bytesRead < pageBytes;
    let begin = 0;
    for (let end = text.indexOf(endOfLine); end >= 0; end = text.indexOf(endOfLine, begin)) {
      const place = { from: at + begin, to: at + end + 1 };
      yield { bytes: Buffer.from(text.subarray(begin, end)), beginsLine, endsLine: true, ...place };
      beginsLine = true;
      begin = end + 1;
    }
    if (begin === 0 || isLast) {
      // No end of line in a whole page, or none any more.
      const place = { from: at + begin, to: at + bytesRead };
      if (begin < bytesRead)
        yield { bytes: Buffer.from(text.subarray(begin)), beginsLine, endsLine: false, ...place };
      beginsLine = begin === bytesRead && beginsLine;
      begin = bytesRead;
    }
    at += begin;
  }
}

export interface LogPlace {
  readonly actor: string;
  readonly log: string;
}

/** What a line says. `head` is that of the section that it stands in. */
export type LogItem = { readonly head: SectionHead; readonly from: number; readonly to: number } & (
  | { readonly kind: "head" }
  | { readonly kind: "text"; readonly bytes: Buffer; readonly endsLine: boolean }
  | { readonly kind: "left-out"; readonly bytes: number }
  | { readonly kind: "end"; readonly end: LoggedEnd | LoggedMergeEnd }
  | { readonly kind: "rotated"; readonly logs: number }
);

/** Follows a log from one place on. */
export class LogReader {
  readonly #place: LogPlace;
  #head: SectionHead;
  #beginsLine = true;
  /** How far it has come. */
  at: number;

  /** `place` is that of the log, `at` the beginning of a line in it. */
  constructor({ actor, log }: LogPlace, at = 0) {
    this.#place = { actor, log };
    this.#head = { actor, log, node: "", at: "", ranges: [], merge: undefined };
    this.at = at;
  }

  /** What there is from where it stands up to `to`. With `isGrowing` a last half line is left for later. */
  async *read(
    file: FileHandle,
    { to, isGrowing }: { readonly to: number; readonly isGrowing: boolean },
    signal: AbortSignal,
  ): AsyncGenerator<LogItem> {
    for await (const line of linesOf(file, { from: this.at, to, beginsLine: this.#beginsLine }, signal)) {
      if (isGrowing && !line.endsLine && line.bytes.byteLength < pageBytes) return;
      this.at = line.to;
      this.#beginsLine = line.endsLine;
      yield this.#itemOf(line);
    }
  }

  #itemOf({ bytes, beginsLine, endsLine, from, to }: LogLine): LogItem {
    const word = beginsLine && endsLine ? logWordOf(bytes.toString()) : undefined;
    if (word?.kind === "output") {
      const { node, at, ranges, merge } = word;
      this.#head = { ...this.#place, node, at, ranges, merge };
    }
    const place = { head: this.#head, from, to };
    switch (word?.kind) {
      case "output":
        return { kind: "head", ...place };
      case "end":
      case "merge-end": {
        const { kind: _, ...end } = word;
        return { kind: "end", end, ...place };
      }
      case "left-out":
        return { kind: "left-out", bytes: word.bytes, ...place };
      case "rotated":
        return { kind: "rotated", logs: word.logs, ...place };
      case undefined: {
        const text = beginsLine ? bytes.subarray(programTextStart(bytes)) : bytes;
        return { kind: "text", bytes: text, endsLine, ...place };
      }
    }
  }
}
