// What the options of a service may say. What is wrong is noted, and something else is read in its stead, so that all
// mistakes come to light together.

import { resolve } from "node:path";
import { formatDuration, parseDurationMs } from "../core/duration.js";
import { flawOfLabels } from "../core/labels.js";
import { formatSize, parseSizeBytes } from "../core/size.js";
import { logLevels, type LogLevel } from "./logger.js";

/** The least and the greatest value. */
export type Bounds = readonly [number, number];

/** Gives the values of options, by their long names such as `--slots`. */
export interface ArgumentReader {
  isGiven(option: string): boolean;
  text(option: string): string;
  /** Absolute. */
  folder(option: string): string;
  wholeNumber(option: string, bounds: Bounds): number;
  durationMs(option: string, boundsMs: Bounds): number;
  sizeBytes(option: string, boundsBytes: Bounds): number;
  /** Of `--name`, which becomes part of paths, or of another option that names something so. */
  name(option?: string): string;
  /** Of every `--label`. */
  labels(): Readonly<Record<string, string>>;
  logLevel(): LogLevel;
}

/** A reader over values: a text, a list of texts, or true; undefined when the option was not given. */
export function argumentReader(
  valueOf: (option: string) => unknown,
  note: (mistake: string) => void,
): ArgumentReader {
  const text = (option: string): string => {
    const value = valueOf(option);
    return typeof value === "string" ? value : "";
  };
  const checked = <Value>(
    option: string,
    expected: string,
    read: Value | undefined,
    instead: Value,
  ): Value => {
    if (read === undefined) note(`${option}: expected ${expected}, found ${shown(text(option))}`);
    return read ?? instead;
  };
  return {
    isGiven: (option) => valueOf(option) !== undefined,
    text,
    folder: (option) => {
      const expected = text(option) === "" ? "a folder" : "a path without line breaks";
      return checked(option, expected, folderIn(text(option)), "");
    },
    wholeNumber: (option, bounds) => {
      const expected = `a whole number from ${bounds[0]} to ${bounds[1]}`;
      return checked(option, expected, numberIn(text(option), bounds), bounds[0]);
    },
    durationMs: (option, bounds) => {
      const [least, most] = bounds.map(formatDuration);
      const expected = `a time such as 90s or 1h30m, from ${least} to ${most}`;
      return checked(option, expected, within(parseDurationMs(text(option)), bounds), bounds[0]);
    },
    sizeBytes: (option, bounds) => {
      const [least, most] = bounds.map(formatSize);
      const expected = `a size such as 64MB or 1.5GB, from ${least} to ${most}`;
      return checked(option, expected, within(parseSizeBytes(text(option)), bounds), bounds[0]);
    },
    name: (option = "--name") => checked(option, expectedName, namePattern.exec(text(option))?.[0], ""),
    labels: () => labelsIn(valueOf("--label"), note),
    logLevel: () => {
      const level = logLevels.find((known) => known === text("--log-level"));
      return checked("--log-level", `one of ${logLevels.join(", ")}`, level, "info");
    },
  };
}

const namePattern = /^[A-Za-z0-9_][\w.-]{0,127}$/;
const expectedName = '1 to 128 letters, digits, ".", "_" or "-", the first no "." or "-"';
const labelPattern = /^([^=]*)=(.*)$/s;
const labelsMax = 16;

function shown(text: string): string {
  return text === "" ? "none" : JSON.stringify(text);
}

/** Lists of files have one path a line. */
function folderIn(text: string): string | undefined {
  return text === "" || text.includes("\n") ? undefined : resolve(text);
}

function numberIn(text: string, [least, most]: Bounds): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= most ? value : undefined;
}

function within(value: number | undefined, [least, most]: Bounds): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

function labelsIn(value: unknown, note: (mistake: string) => void): Readonly<Record<string, string>> {
  const texts = Array.isArray(value) ? value.map(String) : [];
  if (texts.length > labelsMax) note(`--label: expected at most ${labelsMax} labels, found ${texts.length}`);
  const labels: Record<string, string> = {};
  for (const text of texts) {
    const [, key, label] = labelPattern.exec(text) ?? [];
    const flaw =
      key === undefined || label === undefined
        ? { expected: "key=value", found: shown(text) }
        : flawOfLabels({ [key]: label });
    if (flaw !== undefined) note(`--label: expected ${flaw.expected}, found ${flaw.found}`);
    else if (key !== undefined && label !== undefined) labels[key] = label;
  }
  return labels;
}
