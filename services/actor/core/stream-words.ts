// What an actor and a payload process say to each other, a JSON object a line. docs/payload-protocol.md tells it to those
// who write payloads.
//
//   W1. What a payload says is checked before it is believed; a flaw says what was expected and what was found, cut.
//   W2. A field that is not known is ignored; a word that is not known is a flaw.

import { failureClasses, type FailureClass } from "../../shared/core/failure.js";

/** The version of this talk. */
export const protocolVersion = 1;
/** At most so many bytes does a line have, its end left out. */
export const lineBytesMax = 1_048_576;

/** To a payload. */
export type ToPayload =
  | {
      readonly type: "open";
      readonly protocol: typeof protocolVersion;
      readonly job: number;
      readonly name: string;
      /** So many ranges it is given at a time. */
      readonly slots: number;
      readonly jobDir: string;
      readonly scratch: string;
    }
  | ({ readonly type: "range" } & StreamRange)
  | { readonly type: "cancel"; readonly id: string }
  | { readonly type: "stop" };

/** A range, as a payload is told of it. */
export interface StreamRange {
  /** Unlike that of any other range that the process is given. */
  readonly id: string;
  /** From 0, below the slots of the process. */
  readonly slot: number;
  readonly input: string;
  readonly first: number;
  readonly last: number;
  /** Absent in a job without outputs. */
  readonly output?: string;
}

/** What a payload says of a range that it was given. */
export type PayloadAnswer =
  | { readonly type: "done"; readonly id: string }
  | {
      readonly type: "failed";
      readonly id: string;
      readonly class: FailureClass;
      readonly message: string;
    }
  | { readonly type: "cancelled"; readonly id: string };

/** From a payload. */
export type FromPayload =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly id: string; readonly events: number }
  | PayloadAnswer
  /** It makes no sense. */
  | { readonly type: "flaw"; readonly message: string };

export function lineTo(word: ToPayload): string {
  return `${JSON.stringify(word)}\n`;
}

/** What a line says, its end left out (W1). */
export function wordOf(line: string): FromPayload {
  const word = parsed(line);
  if (word === undefined) return flawOf("a JSON object on each line", line);
  const { type, id } = word;
  if (type === "ready") return { type };
  if (!isAnswer(type)) return flawOf(`"type" to be one of ready, ${answers.join(", ")}`, line);
  if (typeof id !== "string") return flawOf('"id" to be the text that the range came with', line);
  switch (type) {
    case "done":
    case "cancelled":
      return { type, id };
    case "progress": {
      const { events } = word;
      if (typeof events === "number" && events >= 0) return { type, id, events };
      return flawOf('"events" to be a number', line);
    }
    case "failed":
      return failed(id, word, line);
  }
}

const answers = ["done", "failed", "cancelled", "progress"] as const;

function isAnswer(type: unknown): type is (typeof answers)[number] {
  return answers.some((answer) => answer === type);
}

/** Undefined when it is no JSON object. */
function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const word: unknown = JSON.parse(line);
    return isObject(word) ? word : undefined;
  } catch {
    return undefined;
  }
}

function isObject(word: unknown): word is Readonly<Record<string, unknown>> {
  return typeof word === "object" && word !== null && !Array.isArray(word);
}

function failed(id: string, word: Readonly<Record<string, unknown>>, line: string): FromPayload {
  const { class: given = "transient", message = "" } = word;
  const failureClass = failureClasses.find((known) => known === given);
  if (failureClass === undefined) return flawOf(`"class" to be one of ${failureClasses.join(", ")}`, line);
  if (typeof message !== "string") return flawOf('"message" to be a text', line);
  return { type: "failed", id, class: failureClass, message };
}

/** Characters of a line that a message shows. */
const shownMax = 120;

/** What a payload ought to have said, and what it said instead. */
export function flawOf(expected: string, found: string): { readonly type: "flaw"; readonly message: string } {
  const shown = found.length > shownMax ? `${found.slice(0, shownMax)}…` : found;
  return { type: "flaw", message: `expected ${expected}, found ${JSON.stringify(shown)}` };
}
