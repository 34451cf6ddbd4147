// Processes that are written down, so that whoever comes later can tell whether they still live: a pid is trusted only
// with the boot and the start time of its process.

import { readFile } from "node:fs/promises";
import { errorCode } from "./error-code.js";
import { identityOf } from "./process-identity.js";

export interface ProcessRecord {
  readonly pid: number;
  readonly identity: string;
}

/** Width of a record in bytes: a pid, a boot id, a start time. One write replaces the one before. */
export const recordBytes = 96;
/** In the place of a record that is not there any more. */
export const noRecord = "\n".padStart(recordBytes);

export function recordOf(pid: number): string {
  return `${pid} ${identityOf(pid) ?? "unknown"}`.padEnd(recordBytes - 1) + "\n";
}

/** All whole records of a file; none when there is no such file. */
export async function readRecords(path: string): Promise<readonly ProcessRecord[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return "";
    throw error;
  });
  return [...text.matchAll(/^(\d+) (\S+) *\n/gm)].map(([, pid = "", identity = ""]) => {
    return { pid: Number(pid), identity };
  });
}

export function lives({ pid, identity }: ProcessRecord): boolean {
  return identityOf(pid) === identity;
}
