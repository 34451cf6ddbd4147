// For tests of what happens in the world.

import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInProcessGroup } from "../../shared/io/process-group.js";
import { sleep } from "../../shared/io/system-clock.js";
import type { RunProgram } from "../../shared/io/user-programs.js";

const never = new AbortController().signal;
const folders: string[] = [];

/** An empty folder; `removeFolders` is for the end of the file's tests. */
export async function newFolder(root = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(root, "noctua-actor-"));
  folders.push(folder);
  return folder;
}

export async function removeFolders(): Promise<void> {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}

/** What a payload is told of so many threads. */
export function threadsOf(cores: string): Readonly<Record<string, string>> {
  const names = ["OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR"].map((name) => `${name}_NUM_THREADS`);
  return Object.fromEntries([...names, "VECLIB_MAXIMUM_THREADS"].map((name) => [name, cores]));
}

/** Waits for a state, on a machine however slow: the limit is the test's own. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(10, never);
}

export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Runs programs, and notes the process group of each. */
export function runTelling(groups: number[]): RunProgram {
  return (command, options, signal) => {
    const onStart = (pid: number): void => {
      groups.push(pid);
      options.onStart?.(pid);
    };
    return runInProcessGroup(command, { ...options, onStart }, signal);
  };
}
