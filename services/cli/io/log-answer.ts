// What `noctua logs` prints for programs. Version 1.

import { z } from "zod";
import { unreachable } from "../../shared/core/assert.js";
import type { LoggedEnd, LoggedMergeEnd } from "../../shared/core/logged.js";
import type { SectionHead } from "../core/log-text.js";
import type { LogNote, LogPaper } from "./log-paper.js";
import { printJson } from "./output-form.js";
import type { Terminal } from "./terminal.js";

const count = z.int().min(0);

const entryFields = {
  actor: z.string().describe("Or merger: the folder that it is in."),
  log: z.string().describe("Such as slot1."),
  node: z.string().describe("Empty when nobody wrote it down."),
  at: z.string().nullable().describe("When this part begins, in ISO 8601; null when nobody wrote it down."),
  ranges: z
    .array(
      z.strictObject({ range: count, grant: count, input: z.string(), firstEvent: count, lastEvent: count }),
    )
    .describe("That its process had then."),
  merge: z
    .strictObject({ group: count, grant: count, command: z.string().nullable() })
    .nullable()
    .describe("That a command of it belongs to; null of payloads."),
  kind: z.enum(["text", "left-out", "lines-above", "rotated-away", "end"]),
  text: z.string().exactOptional().describe("Of kind text: what the program wrote."),
  endsLine: z
    .boolean()
    .exactOptional()
    .describe("Of kind text: false where a long line goes on in the next entry."),
  bytes: count.exactOptional().describe("Of kind left-out: that were not kept."),
  lines: count.exactOptional().describe("Of kind lines-above: that are not shown."),
  end: z
    .strictObject({
      range: count.nullable(),
      group: count.nullable(),
      grant: count,
      at: z.string(),
      tookMs: z.number().min(0),
      outcome: z.enum(["made", "failed", "suspect", "stopped"]),
      class: z.string().nullable(),
      exitCode: z.int().nullable(),
      signal: z.string().nullable(),
      message: z.string().nullable(),
    })
    .exactOptional()
    .describe("Of kind end: how a range or a merge ended."),
};

const logEntrySchema = z.strictObject(entryFields);
const logLineSchema = z.strictObject({ schema: z.literal("noctua.logline/v1"), ...entryFields });
const logsAnswerSchema = z.strictObject({
  schema: z.literal("noctua.logs/v1"),
  entries: z.array(logEntrySchema),
});

type LogEntry = z.output<typeof logEntrySchema>;

export const logSchemas = { logline: logLineSchema, logs: logsAnswerSchema } as const;

/** One object a line, at once; or all of them in one document, at the end. */
export class JsonPaper implements LogPaper {
  readonly #terminal: Terminal;
  readonly #entries: LogEntry[] | undefined;

  constructor(terminal: Terminal, form: "json" | "jsonl") {
    this.#terminal = terminal;
    this.#entries = form === "json" ? [] : undefined;
  }

  begin(): void {
    // Each entry says itself whose it is.
  }

  write(head: SectionHead, note: LogNote): void {
    const entry = entryOf(head, note);
    if (this.#entries !== undefined) this.#entries.push(entry);
    else printJson(this.#terminal, "jsonl", { schema: "noctua.logline/v1", ...entry });
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#entries !== undefined)
      printJson(this.#terminal, "json", { schema: "noctua.logs/v1", entries: this.#entries });
  }
}

function entryOf({ actor, log, node, at, ranges, merge }: SectionHead, note: LogNote): LogEntry {
  return {
    ...{ actor, log, node, at: at === "" ? null : at },
    ranges: ranges.map(({ range, grant, input, first, last }) => {
      return { range, grant, input, firstEvent: first, lastEvent: last };
    }),
    merge:
      merge === undefined ? null : { group: merge.group, grant: merge.grant, command: merge.command ?? null },
    kind: note.kind,
    ...partsOf(note),
  };
}

function partsOf(note: LogNote): Partial<LogEntry> {
  switch (note.kind) {
    case "text":
      return { text: note.item.bytes.toString(), endsLine: note.item.endsLine };
    case "left-out":
      return { bytes: note.bytes };
    case "lines-above":
      return { lines: note.lines };
    case "rotated-away":
      return {};
    case "end":
      return { end: endOf(note.end) };
    default:
      return unreachable(note);
  }
}

function endOf(end: LoggedEnd | LoggedMergeEnd): NonNullable<LogEntry["end"]> {
  const { grant, at, seconds, outcome, class: failureClass, exitCode, signal, message } = end;
  return {
    range: "range" in end ? end.range : null,
    group: "group" in end ? end.group : null,
    ...{ grant, at, tookMs: Math.round(1_000 * seconds), outcome },
    class: failureClass ?? null,
    exitCode: exitCode ?? null,
    signal: signal ?? null,
    message: message ?? null,
  };
}
