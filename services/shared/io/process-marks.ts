// Processes that left their group are found by a mark in their environment, which all that a program starts inherits.
//
//   M1. A mark names the owner's incarnation and the program: no process of another run, actor or user is ever ended (L16).
//   M2. Whoever forks while being looked for is found by the next look: looks go on until one finds nobody.
//   M3. A process that cleared its environment and left its session is out of reach; the batch system's cgroup has it.

import { statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { errorCode } from "./error-code.js";
import { sleep } from "./system-clock.js";

/** The environment variable that holds the mark. */
export const markVariable = "NOCTUA_PROCESS";

/** What the marks of all programs of one incarnation begin with; a number follows. */
export function marksOf(incarnation: string): string {
  return `${incarnation}:`;
}

/** A process that was ended. */
export interface Stray {
  readonly pid: number;
  readonly mark: string;
  /** The system's name of it, at most 15 characters. */
  readonly program: string;
}

/** A process that hangs in the kernel does not go: after so many looks it is left. */
const looksMax = 50;
const lookMs = 20;

/** Ends all processes of this user with such a mark, by KILL, and returns them (M1, M2). */
export async function endMarked(
  isStray: (mark: string) => boolean,
  signal: AbortSignal,
): Promise<readonly Stray[]> {
  const ended = new Map<number, Stray>();
  for (let look = 0; look < looksMax; look += 1) {
    let found = 0;
    for (const pid of await ownProcesses()) {
      signal.throwIfAborted();
      const mark = await markOf(pid);
      if (mark === undefined || !isStray(mark)) continue;
      found += 1;
      if (!ended.has(pid)) ended.set(pid, { pid, mark, program: await programOf(pid) });
      kill(pid);
    }
    if (found === 0) break;
    await sleep(lookMs, signal);
  }
  return [...ended.values()];
}

async function ownProcesses(): Promise<readonly number[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.filter((pid) => pid !== process.pid && isOwn(pid));
}

function isOwn(pid: number): boolean {
  const stats = statSync(`/proc/${pid}`, { throwIfNoEntry: false });
  return stats?.uid === process.getuid?.();
}

/** Undefined when it has none, is gone, or may not be looked at. */
async function markOf(pid: number): Promise<string | undefined> {
  // Not by a synchronous read: the kernel may let it wait as long as the process hangs on a file system.
  const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
  const from = `\0${environment}`.indexOf(`\0${markVariable}=`);
  if (from < 0) return undefined;
  const value = environment.slice(from + markVariable.length + 1);
  return value.slice(0, Math.max(0, value.indexOf("\0")));
}

async function programOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trimEnd();
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH" && errorCode(error) !== "EPERM") throw error;
  }
}
