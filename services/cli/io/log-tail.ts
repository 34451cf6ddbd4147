// The last lines of a service's log, as a person reads them.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { z } from "zod";
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
    return inWords(text.split("\n").filter((line) => line.trim() !== ""));
  } finally {
    closeSync(file);
  }
}

/** For people: what is said both as JSON and in words is told once. */
function inWords(lines: readonly string[]): readonly string[] {
  const entries = lines.slice(-linesMax).map((line) => ({ line, entry: entryOf(line) }));
  const plain = entries.filter(({ entry }) => entry === undefined).map(({ line }) => line);
  return entries.flatMap(({ line, entry }) => {
    if (entry === undefined) return [line.slice(0, lineMax)];
    if (entry.error !== "" && plain.some((other) => other.includes(entry.error))) return [];
    const why = entry.error === "" ? "" : `: ${entry.error}`;
    return [`${entry.level}: ${entry.message}${why}`.slice(0, lineMax)];
  });
}

const logEntry = z.object({ level: z.string(), message: z.string(), error: z.string().default("") });

function entryOf(line: string): z.output<typeof logEntry> | undefined {
  try {
    return logEntry.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // It is no JSON, so it is meant for people already.
  }
}
