// How much of the machine a process has used.

import { readFile } from "node:fs/promises";

/** Linux counts in hundredths of a second. */
const ticksPerSecond = 100;

/** Of all threads of a process, in user and system mode; undefined where the system does not tell. */
export async function processorSeconds(pid: number | undefined): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid ?? 0}/stat`, "utf8").catch(() => "");
  // After the name, which may hold blanks: state is the third field, user and system time the 14th and 15th.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks / ticksPerSecond : undefined;
}

/** The most memory that a process ever had; undefined where the system does not tell. */
export async function peakBytes(pid: number | undefined): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid ?? 0}/status`, "utf8").catch(() => "");
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(text);
  return found === null ? undefined : Number(found[1]) * 1_024;
}
