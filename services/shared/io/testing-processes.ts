// For tests about processes: programs that mean to stay, and looks at who lives.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identityOf } from "./process-identity.js";
import { sleep } from "./system-clock.js";

const never = new AbortController().signal;
const cleaners: (() => Promise<void> | void)[] = [];

/** For the end of each test. */
export async function cleanUp(): Promise<void> {
  for (const clean of cleaners.splice(0).reverse()) await clean();
}

/** `clean` is called at the end of the test, before those that were given earlier. */
export function cleanLater(clean: () => Promise<void> | void): void {
  cleaners.push(clean);
}

/** An empty folder, alone in another one: whose owner is gone, a keeper removes them both (process-keeper.ts). */
export async function aFolder(): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), "noctua-processes-"));
  cleanLater(() => rm(place, { recursive: true, force: true }));
  const folder = join(place, "own");
  await mkdir(folder);
  return folder;
}

export interface Sleeper {
  readonly child: ChildProcess;
  readonly pid: number;
}

/** A process that has a group of its own, as payloads do. */
export async function sleeper(env: Readonly<Record<string, string>> = {}): Promise<Sleeper> {
  const child = spawn("/bin/sleep", ["1000"], { detached: true, stdio: "ignore", env });
  await once(child, "spawn");
  cleanLater(() => void child.kill("SIGKILL"));
  return { child, pid: child.pid ?? 0 };
}

/** Waits for a state, on a machine however slow: the limit is the test's own. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(10, never);
}

export function isAlive(pid: number): boolean {
  return identityOf(pid) !== undefined;
}

/** The number that a program has written to a file, once it has. */
export async function pidIn(path: string): Promise<number> {
  let text = "";
  await until(async () => (text = await readFile(path, "utf8").catch(() => "")).endsWith("\n"));
  return Number(text);
}

/** Shell words that leave something behind: it writes its pid to the file, and lives on. */
export const leavers = {
  /** In its group, and its parent is gone. */
  "forks twice": (file: string) => `(sleep 1000 & echo $! > ${file}.part; mv ${file}.part ${file})`,
  "ignores TERM": (file: string) =>
    `(trap '' TERM; sleep 1000 & echo $! > ${file}.part; mv ${file}.part ${file})`,
  "leads a session of its own": (file: string) =>
    `setsid sh -c 'trap "" TERM HUP; echo $$ > ${file}.part; mv ${file}.part ${file}; exec sleep 1000' & while [ ! -e ${file} ]; do sleep 0.01; done`,
  "leads a session of its own, and its child another one": (file: string) =>
    `setsid sh -c 'setsid sh -c "echo \\$\\$ > ${file}.part; mv ${file}.part ${file}; exec sleep 1000" & exec sleep 1000' & while [ ! -e ${file} ]; do sleep 0.01; done`,
} as const;
