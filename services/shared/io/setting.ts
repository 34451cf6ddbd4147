// What a setting may be: each kind of value with its one way of reading it, whether a flag, a variable or a file says it.
//
//   K1. A default is written as people would write it, and read as what they write is.

import { resolve } from "node:path";
import { formatDuration, parseDurationMs } from "../core/duration.js";
import { flawOfLabels } from "../core/labels.js";
import { nearestName } from "../core/nearest-name.js";
import { formatSize, parseSizeBytes } from "../core/size.js";

/** What makes no sense; what was found is what was written, where it is not said. */
export interface Flaw {
  readonly expected: string;
  readonly found?: string;
}

export type Reading<Value> = { readonly value: Value } | { readonly flaws: readonly Flaw[] };

export interface Setting<Value> {
  /** What it is for. */
  readonly text: string;
  /** What stands for its value, such as `duration`; undefined when the flag has none. */
  readonly placeholder: string | undefined;
  /** What its value may be. */
  readonly expected: string;
  /** What holds when nobody says it (K1); empty when that is nothing. */
  readonly fallback: readonly string[];
  /** The same for people, who may be on another machine. */
  readonly fallbackText: string;
  /** Its flag may be given again, and a file has a mapping of it. */
  readonly isMany: boolean;
  /** Said by its flag and nothing else: it is meant for one start. */
  readonly isOnce: boolean;
  /** What may stand in a settings file, as a JSON Schema: it refuses nothing that is read, and may let pass what is not. */
  readonly inFile: Readonly<Record<string, unknown>>;
  /** All that was written of it; paths are relative to `folder`. */
  readonly read: (written: readonly string[], folder: string) => Reading<Value>;
}

/** What is known of a setting besides its kind. */
interface About {
  readonly text: string;
  readonly fallback?: string;
  /** `fallback` when absent. */
  readonly fallbackText?: string;
}

/** The least and the greatest value. */
type Bounds = readonly [number, number];

/** Lists of files have one path a line, so a path has no line break. */
export function folder(about: About): Setting<string> {
  const read = (written: string, from: string): string | undefined =>
    written === "" || written.includes("\n") ? undefined : resolve(from, written);
  return { ...one("folder", about, "a folder", read), inFile: { ...anyText, pattern: "^[^\\n]+$" } };
}

export function text(placeholder: string, about: About): Setting<string> {
  const read = (written: string): string | undefined => (written === "" ? undefined : written);
  return { ...one(placeholder, about, `a ${placeholder}`, read), inFile: { ...anyText, minLength: 1 } };
}

/** What becomes part of paths. */
export function name(about: About): Setting<string> {
  const read = (written: string): string | undefined => namePattern.exec(written)?.[0];
  return {
    ...one("name", about, nameExpected, read),
    inFile: { ...anyText, minimum: 0, pattern: namePattern.source },
  };
}

export function wholeNumber([least, most]: Bounds, about: About): Setting<number> {
  const setting = one("number", about, `a whole number from ${least} to ${most}`, (written) =>
    digits.test(written) ? within(Number(written), [least, most]) : undefined,
  );
  const bounds = { minimum: least, maximum: most };
  return { ...setting, inFile: { type: ["integer", "string"], ...bounds, pattern: digits.source } };
}

/** Milliseconds. */
export function duration(boundsMs: Bounds, about: About): Setting<number> {
  const [least, most] = boundsMs.map(formatDuration);
  const expected = `a time such as 90s or 1h30m, from ${least} to ${most}`;
  const setting = one("duration", about, expected, (written) => within(parseDurationMs(written), boundsMs));
  return { ...setting, inFile: { type: "string", pattern: durationPattern.source } };
}

/** Bytes. */
export function size(boundsBytes: Bounds, about: About): Setting<number> {
  const [least, most] = boundsBytes.map(formatSize);
  const expected = `a size such as 64MB or 1.5GB, from ${least} to ${most}`;
  const setting = one("size", about, expected, (written) => within(parseSizeBytes(written), boundsBytes));
  return { ...setting, inFile: { type: "string", pattern: sizePattern.source } };
}

export function oneOf<Word extends string>(words: readonly Word[], about: About): Setting<Word> {
  const expected = `one of ${words.join(", ")}`;
  const setting = one("word", about, expected, (written) => words.find((word) => word === written));
  return {
    ...setting,
    text: `${about.text}: ${words.join(", ")}`,
    inFile: { enum: [...words] },
    read: (written, from) => {
      const reading = setting.read(written, from);
      const meant = nearestName(written.at(-1) ?? "", words);
      if ("value" in reading || meant === undefined) return reading;
      return { flaws: [{ expected, found: `${quoted(written.at(-1) ?? "")} (did you mean ${meant}?)` }] };
    },
  };
}

/** What holds or not. `once`: only for the start that is told so. */
export function flag(description: string, when: "once" | "always" = "always"): Setting<boolean> {
  const setting = one(
    "",
    { text: description, fallback: "false", fallbackText: "" },
    "true or false",
    (written) => (written === "true" ? true : written === "false" ? false : undefined),
  );
  const inFile = { enum: [true, false, "true", "false"] };
  return { ...setting, placeholder: undefined, isOnce: when === "once", inFile };
}

/** Of a node: `key=value` in a flag, such with commas between them in a variable, a mapping in a file. */
export function labels(description: string): Setting<Readonly<Record<string, string>>> {
  const about = { text: description, fallbackText: "none" };
  return {
    ...one("key=value", about, "key=value", () => undefined),
    isMany: true,
    inFile: labelsInFile,
    read: readLabels,
  };
}

/** One that need not be said: then it is undefined, which `means` something. */
export function optional<Value>(setting: Setting<Value>, means: string): Setting<Value | undefined> {
  return {
    ...setting,
    fallbackText: means,
    read: (written, from) => (written.length === 0 ? { value: undefined } : setting.read(written, from)),
  };
}

const namePattern = /^[A-Za-z0-9_][\w.-]{0,127}$/;
const nameExpected = '1 to 128 letters, digits, ".", "_" or "-", the first no "." or "-"';
const labelPattern = /^([^=]*)=(.*)$/s;
const labelsMax = 16;

/** In a settings file; a number needs no quotes. */
const anyText = { type: ["string", "number", "boolean"] };
const digits = /^\d+$/;
/** Not all that it lets pass is a duration, and so with sizes. */
const durationPattern = /^\s*(\d+(\.\d+)?\s*(ms|[dhms])\s*)+$/;
const sizePattern = /^\s*\d+(\.\d+)? ?[kMGT]?B\s*$/;
const labelsInFile = {
  type: "object",
  maxProperties: labelsMax,
  propertyNames: { pattern: "^[A-Za-z][\\w.-]{0,62}$" },
  additionalProperties: { ...anyText, pattern: "^[^\\u0000-\\u001f\\u007f]{0,63}$" },
};

/** A setting with one value, whose last word counts. */
function one<Value>(
  placeholder: string,
  { text: description, fallback, fallbackText = fallback ?? "" }: About,
  expected: string,
  read: (text: string, folder: string) => Value | undefined,
): Setting<Value> {
  return {
    text: description,
    placeholder,
    expected,
    fallback: fallback === undefined ? [] : [fallback],
    fallbackText,
    isMany: false,
    isOnce: false,
    inFile: {},
    read: (written, from) => {
      const value = read(written.at(-1) ?? "", from);
      return value === undefined ? { flaws: [{ expected }] } : { value };
    },
  };
}

function within(value: number | undefined, [least, most]: Bounds): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

function readLabels(written: readonly string[]): Reading<Readonly<Record<string, string>>> {
  const flaws: Flaw[] = [];
  if (written.length > labelsMax)
    flaws.push({ expected: `at most ${labelsMax} labels`, found: String(written.length) });
  const value: Record<string, string> = {};
  for (const label of written) {
    const [, key, content] = labelPattern.exec(label) ?? [];
    if (key === undefined || content === undefined) {
      flaws.push({ expected: "key=value", found: quoted(label) });
      continue;
    }
    const flaw = flawOfLabels({ [key]: content });
    if (flaw === undefined) value[key] = content;
    else flaws.push(flaw);
  }
  return flaws.length > 0 ? { flaws } : { value };
}

/** What somebody wrote, in a message. */
export function quoted(written: string): string {
  return written === "" ? "none" : JSON.stringify(written);
}
