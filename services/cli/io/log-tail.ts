// The last lines of a service's log, as a person reads them.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { errorMessage } from "../../shared/io/error-code.js";

const linesMax = 8;
const bytesMax = 16_384;
const lineMax = 500;

/** The last lines that were written behind `from` (bytes); lines of JSON are put in words. */
export function lastLogLines(path: string, from: number): readonly string[] {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    return [`(the log cannot be read: ${errorMessage(error)})`];
  }
  try {
    const start = Math.max(from, fstatSync(file).size - bytesMax);
    const buffer = Buffer.alloc(bytesMax);
    const text = buffer.subarray(0, readSync(file, buffer, 0, bytesMax, start)).toString();
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    return lines.slice(-linesMax).map((line) => inWords(line).slice(0, lineMax));
  } finally {
    closeSync(file);
  }
}

function inWords(line: string): string {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== "object" || entry === null || !("message" in entry) || !("level" in entry))
      return line;
    const error = "error" in entry && typeof entry.error === "string" ? `: ${entry.error}` : "";
    return `${String(entry.level)}: ${String(entry.message)}${error}`;
  } catch {
    return line; // It is no JSON, so it is meant for people already.
  }
}
