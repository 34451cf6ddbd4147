// How a log of payloads or merge commands is written, line by line: jobs/<job>/logs/<actor or merger>/<name>.log. They write it,
// `noctua logs` reads it.
//
//   L1. A line that begins with one @ is Noctua's: `@noctua <kind> {…}`, the rest being JSON. All others are a program's.
//   L2. No program can write such a line: where a line of its own begins with @, it is given a second one.
//   L3. What makes no sense to whoever reads (a line half written, a kind that came later) is a line like any other.

import { z } from "zod";
import { failureClasses } from "../core/failure.js";
import type { LoggedEnd, LoggedMerge, LoggedMergeEnd, LoggedRange } from "../core/logged.js";

const count = z.number().int().min(0);
const at = z.iso.datetime();

const loggedRange = z.object({
  range: count,
  grant: count,
  input: z.string(),
  first: count,
  last: count,
  began: at,
}) satisfies z.ZodType<LoggedRange>;

const loggedMerge = z.object({
  group: count,
  grant: count,
  command: z.string().optional(),
}) satisfies z.ZodType<LoggedMerge>;

/** What follows was written by a program that was processing these ranges, or by a command of this merge. */
const outputWord = z.object({
  job: count,
  node: z.string(),
  at,
  /** None: it was starting, or had nothing to do. A process of many slots may have many. */
  ranges: z.array(loggedRange).readonly(),
  merge: loggedMerge.optional(),
});

const ending = z.object({
  grant: count,
  at,
  seconds: z.number(),
  class: z.enum(failureClasses).optional(),
  exitCode: z.number().optional(),
  signal: z.string().optional(),
  message: z.string().optional(),
});

/** A range came to its end here. */
const endWord = ending.extend({
  range: count,
  outcome: z.enum(["made", "failed", "suspect", "stopped"]),
}) satisfies z.ZodType<LoggedEnd>;

/** A merge came to its end here. */
const mergeEndWord = ending.extend({
  group: count,
  outcome: z.enum(["made", "failed", "stopped"]),
}) satisfies z.ZodType<LoggedMergeEnd>;

/** Of what was written since the last `output`, so much is not here. */
const leftOutWord = z.object({ bytes: count });

/** The first line of a log: so many logs were here before it, of which the last is kept. */
const rotatedWord = z.object({ logs: count });

const words = {
  output: outputWord,
  end: endWord,
  "merge-end": mergeEndWord,
  "left-out": leftOutWord,
  rotated: rotatedWord,
};

export type LogWord =
  | ({ readonly kind: "output" } & z.output<typeof outputWord>)
  | ({ readonly kind: "end" } & LoggedEnd)
  | ({ readonly kind: "merge-end" } & LoggedMergeEnd)
  | ({ readonly kind: "left-out" } & z.output<typeof leftOutWord>)
  | ({ readonly kind: "rotated" } & z.output<typeof rotatedWord>);

const mark = "@";

/** With its end of line (L1). */
export function logLine({ kind, ...word }: LogWord): string {
  return `${mark}noctua ${kind} ${JSON.stringify(word)}\n`;
}

/** What Noctua says in a line, its end left out; undefined when it is a program's (L3). */
export function logWordOf(line: string): LogWord | undefined {
  const [, kind, text = ""] = /^@noctua ([a-z-]+) (\{.*\})$/s.exec(line) ?? [];
  switch (kind) {
    case "output":
      return parsed(words.output, text, (word) => ({ kind, ...word }));
    case "end":
      return parsed(words.end, text, (word) => ({ kind, ...word }));
    case "merge-end":
      return parsed(words["merge-end"], text, (word) => ({ kind, ...word }));
    case "left-out":
      return parsed(words["left-out"], text, (word) => ({ kind, ...word }));
    case "rotated":
      return parsed(words.rotated, text, (word) => ({ kind, ...word }));
    case undefined:
    default:
      return undefined;
  }
}

function parsed<Word>(
  schema: z.ZodType<Word>,
  text: string,
  named: (word: Word) => LogWord,
): LogWord | undefined {
  try {
    const { data } = schema.safeParse(JSON.parse(text));
    return data === undefined ? undefined : named(data);
  } catch {
    return undefined; // (L3)
  }
}

const markByte = mark.charCodeAt(0);
const endOfLine = 0x0a;

/** Makes what a program writes fit to stand in a log, piece by piece (L2). */
export class LineGuard {
  /** The last piece ended a line. */
  isAtLineStart = true;

  guard(piece: Buffer): Buffer {
    const kept: Buffer[] = [];
    let from = 0;
    for (let i = piece.indexOf(markByte); i >= 0; i = piece.indexOf(markByte, i + 1)) {
      const beginsLine = i === 0 ? this.isAtLineStart : piece[i - 1] === endOfLine;
      if (!beginsLine) continue;
      kept.push(piece.subarray(from, i), Buffer.of(markByte));
      from = i;
    }
    if (piece.byteLength > 0) this.isAtLineStart = piece.at(-1) === endOfLine;
    return kept.length === 0 ? piece : Buffer.concat([...kept, piece.subarray(from)]);
  }
}

/** Where a line of a program's begins, behind the @ that it was given. */
export function programTextStart(line: Buffer): number {
  return line[0] === markByte && line[1] === markByte ? 1 : 0;
}
