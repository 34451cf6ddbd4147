// What the payloads counted while they were fed.

import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../../services/shared/io/error-code.js";

/** Of all processes together, from their starts on. */
export interface Tally {
  readonly events: number;
  /** What the slots waited for ranges; 0 where nobody can see it. */
  readonly idleMs: number;
  /** How many waits for a range fell into each bucket; payload.c tells how long those were. */
  readonly waits: readonly number[];
}

const numberBytes = 8;
/** Events, busy and idle time come before the waits. */
const firstWait = 3;

/** Of `stream` payloads: one file a process. */
export async function tallyIn(folder: string): Promise<Tally> {
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
  const whole = files.filter(({ byteLength }) => byteLength > firstWait * numberBytes);
  const buckets = Math.max(0, ...whole.map(({ byteLength }) => byteLength / numberBytes - firstWait));
  const sum = (at: number): number =>
    whole.reduce((total, file) => total + Number(file.readBigUInt64LE(at * numberBytes)), 0);
  return {
    events: sum(0),
    idleMs: sum(2) / 1e6,
    waits: Array.from({ length: buckets }, (_, i) => sum(firstWait + i)),
  };
}

/** Of `exec` payloads: a byte an event. */
export async function countIn(file: string): Promise<Tally> {
  try {
    return { events: (await stat(file)).size, idleMs: 0, waits: [] };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return { events: 0, idleMs: 0, waits: [] };
    throw error;
  }
}

/** Below so many microseconds is this share of the waits between two tallies; undefined when none was counted. */
export function waitBelow(before: Tally, after: Tally, share: number): number | undefined {
  const waits = after.waits.map((count, i) => count - (before.waits[i] ?? 0));
  const all = waits.reduce((total, count) => total + count, 0);
  let sum = 0;
  for (const [bucket, count] of waits.entries()) {
    sum += count;
    if (sum > 0 && sum >= share * all) return bucket === 0 ? 0 : 2 ** ((bucket + 1) / 4) / 1_000;
  }
  return undefined;
}
