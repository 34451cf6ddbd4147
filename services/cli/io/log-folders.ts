// The logs of a job's payloads: jobs/<job>/logs/<actor>/<name>.log, and <name>.log.1 that was before it.

import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { JobNumber } from "../../shared/core/id.js";
import { jobFolder } from "../../shared/core/names.js";
import { errorCode } from "../../shared/io/error-code.js";
import { keyOfFile, type LogPlace } from "./log-lines.js";

/** A log as it was found. */
export interface FoundLog extends LogPlace {
  /** Without the `.1` of one that was put aside. */
  readonly path: string;
  readonly isOld: boolean;
  /** Tells it from any other, whatever its name becomes. */
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** Files looked at at a time: enough to hide the latency of a network file system. */
const looksAtOnce = 64;

export function logsFolder(workdir: string, job: JobNumber): string {
  return join(workdir, jobFolder(job), "logs");
}

/** The names of the folders; none when nothing was logged yet. */
export async function actorsWithLogs(workdir: string, job: JobNumber): Promise<readonly string[]> {
  return namesIn(logsFolder(workdir, job));
}

/** The logs of these actors, those that were written last first. */
export async function findLogs(
  workdir: string,
  { job, actors }: { readonly job: JobNumber; readonly actors: readonly string[] },
  signal: AbortSignal,
): Promise<readonly FoundLog[]> {
  const found: FoundLog[] = [];
  for (const actor of actors) {
    signal.throwIfAborted();
    const folder = join(logsFolder(workdir, job), actor);
    const names = (await namesIn(folder)).filter((name) => logName.test(name));
    for (let from = 0; from < names.length; from += looksAtOnce) {
      const looks = names.slice(from, from + looksAtOnce).map((name) => lookAt(folder, actor, name));
      found.push(...(await Promise.all(looks)).filter((log) => log !== undefined));
    }
  }
  return found.sort((a, b) => b.modifiedMs - a.modifiedMs);
}

const logName = /^(.+)\.log(\.1)?$/;

/** Undefined when it is gone meanwhile, or no file; a link is not followed. */
async function lookAt(folder: string, actor: string, name: string): Promise<FoundLog | undefined> {
  const [, log = "", old = ""] = logName.exec(name) ?? [];
  try {
    const entry = await lstat(join(folder, name));
    if (!entry.isFile()) return undefined;
    const { dev, ino, size: sizeBytes, mtimeMs: modifiedMs } = entry;
    const path = join(folder, `${log}.log`);
    return { actor, log, path, isOld: old !== "", key: keyOfFile(dev, ino), sizeBytes, modifiedMs };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw error;
  }
}
