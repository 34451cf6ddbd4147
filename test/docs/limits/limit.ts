// One limit of Noctua, as docs/limits.md tells of it: its number from where it is kept, and the test that reaches it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { top } from "../documents.js";

/** Where a number is kept, and a test is found: a file below services/ or test/, and a name or title in it. */
export type Place = readonly [file: string, name: string];

export interface Limit {
  readonly what: string;
  /** Left out of what is no number of ours. */
  readonly of?: Place;
  /** How the number is told, with `{}` for it; by default it stands alone. */
  readonly told?: string;
  /** What happens at it. */
  readonly then: string;
  readonly test: Place;
}

export interface LimitGroup {
  readonly title: string;
  readonly limits: readonly Limit[];
}

/** The limit as people read it. */
export function limitText({ of, told = "{}" }: Limit): string {
  return of === undefined ? told : told.replace("{}", inUnits(valueOf(of), of[1]));
}

/** Whether a test of that title is there. */
export function hasTest([file, title]: Place): boolean {
  return sourceOf(file).includes(title);
}

/** The number that a constant or a field begins with, written as a product, a power or a shift of numbers. */
function valueOf([file, name]: Place): number {
  const [, text] = new RegExp(`\\b${name}(?: = |: )([\\d_ */<e.+-]+)[;,}\\n]`).exec(sourceOf(file)) ?? [];
  if (text === undefined) throw new Error(`expected a number called ${name} in ${file}, found none`);
  return numberIn(text.replaceAll("_", ""));
}

function numberIn(text: string): number {
  for (const [sign, calculate] of operations) {
    const at = text.lastIndexOf(sign);
    if (at > 0) return calculate(numberIn(text.slice(0, at)), numberIn(text.slice(at + sign.length)));
  }
  return Number(text);
}

/** The loosest first. */
const operations: readonly (readonly [string, (left: number, right: number) => number])[] = [
  [" << ", (left, right) => left << right],
  [" - ", (left, right) => left - right],
  [" ** ", (left, right) => left ** right],
  [" * ", (left, right) => left * right],
];

const bytes = [
  ["MB", 1 << 20],
  ["kB", 1 << 10],
] as const;

/** A name tells what it counts. */
function inUnits(value: number, name: string): string {
  if (/Ms/.test(name)) return value >= 1_000 ? `${value / 1_000} s` : `${value} ms`;
  const [unit, size] = bytes.find((one) => /bytes/i.test(name) && value % one[1] === 0) ?? ["", 1];
  return `${(value / size).toLocaleString("en")} ${unit}`.trim();
}

const sources = new Map<string, string>();

function sourceOf(file: string): string {
  const text = sources.get(file) ?? readFileSync(join(top, file), "utf8");
  sources.set(file, text);
  return text;
}
