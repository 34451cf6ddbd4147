// What a run takes of its machine: of each process, and of the journal.

import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { processorSeconds } from "../bench/processor-time.js";

/** Of one process, at one time. */
export interface ProcessGauge {
  readonly name: string;
  readonly pid: number;
  /** All that it has in memory; and of that what is its own, and no file's: its heap and buffers. */
  readonly residentBytes: number;
  readonly ownBytes: number;
  readonly descriptors: number;
  readonly cpuSeconds: number;
}

/** Undefined when it has ended. */
export async function gaugeOf(name: string, pid: number): Promise<ProcessGauge | undefined> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const descriptors = (await readdir(`/proc/${pid}/fd`).catch(() => undefined))?.length;
  const cpuSeconds = await processorSeconds(pid);
  const [residentBytes, ownBytes] = [bytesIn(text, "VmRSS"), bytesIn(text, "RssAnon")];
  if (residentBytes === undefined || ownBytes === undefined) return undefined;
  if (descriptors === undefined || cpuSeconds === undefined) return undefined;
  return { name, pid, residentBytes, ownBytes, descriptors, cpuSeconds };
}

function bytesIn(text: string, field: string): number | undefined {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text);
  return found === null ? undefined : Number(found[1]) * 1_024;
}

export interface JournalGauge {
  readonly files: number;
  readonly bytes: number;
}

export async function journalGauge(workdir: string): Promise<JournalGauge> {
  const folder = join(workdir, "driver", "journal");
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return { files: names.length, bytes: sizes.reduce((sum, file) => sum + (file?.size ?? 0), 0) };
}
