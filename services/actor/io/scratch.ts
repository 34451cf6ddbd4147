// The actor's own place on its node, and what a predecessor left in it.
//
//   <root>/noctua-<uid>/<actor>/<incarnation>/owner       the process that it belongs to
//                                             /group<n>    the process group of slot n
//                                             /runs/       folders of runs
//
//   C1. Nobody else can look into it, and it goes with the process (P8).
//   C2. At the start, what predecessors that are dead left is swept: their process groups are ended, then their folders
//       are removed. A pid is trusted only with its start time; a predecessor that lives is left alone.

import { mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../shared/io/error-code.js";
import { ensurePrivateFolder } from "../../shared/io/private-file.js";
import type { Logger } from "../../shared/io/logger.js";
import { sleep, systemClock } from "../../shared/io/system-clock.js";
import { identityOf } from "../../shared/io/process-identity.js";

export interface ScratchOptions {
  /** Where there is room on the node, such as /tmp. */
  readonly root: string;
  readonly actor: string;
  readonly incarnation: string;
  readonly log: Logger;
}

export interface Scratch {
  readonly folder: string;
  /** Makes an empty folder for a run. */
  runFolder(name: string): Promise<string>;
  /** Writes down which process group a slot runs, for a successor's sweep (C2). */
  recordGroup(slot: number, pid: number): void;
  /** Removes it all. */
  close(): Promise<void>;
}

/** After KILL, a group that does not go is left after so long: it hangs in the kernel. */
const killWaitMs = 5_000;
const killPollMs = 20;
/** Width of a record: a pid, a boot id, a start time. One write replaces the one before. */
const recordBytes = 96;

/** Makes the place, after sweeping what was left in it. */
export async function openScratch(options: ScratchOptions, signal: AbortSignal): Promise<Scratch> {
  const ownFolder = join(options.root, `noctua-${process.getuid?.() ?? "user"}`);
  await mkdir(options.root, { recursive: true });
  await ensurePrivateFolder(ownFolder); // (C1)
  const actorFolder = join(ownFolder, options.actor);
  await mkdir(actorFolder, { recursive: true, mode: 0o700 });
  await sweep(actorFolder, options.log, signal);
  const folder = join(actorFolder, options.incarnation);
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, "owner"), recordOf(process.pid));
  const runs = join(folder, "runs");
  await mkdir(runs, { mode: 0o700 });
  const records = new Map<number, number>();
  return {
    folder,
    runFolder: async (name) => {
      const run = join(runs, name);
      await mkdir(run, { mode: 0o700 });
      return run;
    },
    recordGroup: (slot, pid) => {
      const file = records.get(slot) ?? openSync(join(folder, `group${slot + 1}`), "w", 0o600);
      records.set(slot, file);
      writeSync(file, recordOf(pid), 0);
    },
    close: async () => {
      await rm(folder, { recursive: true, force: true });
      await rmdir(actorFolder).catch(() => undefined); // Another actor of this name may have its place there.
    },
  };
}

/** (C2) */
async function sweep(actorFolder: string, log: Logger, signal: AbortSignal): Promise<void> {
  for (const incarnation of await readdir(actorFolder)) {
    const folder = join(actorFolder, incarnation);
    const owner = await readRecord(join(folder, "owner"));
    // Without an owner it is being made, or was when its maker died: it is empty, and may stay.
    if (owner === undefined || lives(owner)) continue;
    const files = (await readdir(folder)).filter((name) => name.startsWith("group"));
    const groups = (await Promise.all(files.map((file) => readRecord(join(folder, file))))).filter(
      (group) => group !== undefined && lives(group),
    );
    for (const group of groups) if (group !== undefined) await endGroup(group, signal);
    await rm(folder, { recursive: true, force: true });
    log.info("swept what a predecessor left", { incarnation, groups: groups.length });
  }
}

interface ProcessRecord {
  readonly pid: number;
  readonly identity: string;
}

function recordOf(pid: number): string {
  return `${pid} ${identityOf(pid) ?? "unknown"}\n`.padEnd(recordBytes);
}

/** Undefined when there is none, or half of one. */
async function readRecord(path: string): Promise<ProcessRecord | undefined> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return "";
    throw error;
  });
  const [, pid, identity] = /^(\d+) (\S+)\n/.exec(text) ?? [];
  return pid === undefined || identity === undefined ? undefined : { pid: Number(pid), identity };
}

function lives({ pid, identity }: ProcessRecord): boolean {
  return identityOf(pid) === identity;
}

async function endGroup(group: ProcessRecord, signal: AbortSignal): Promise<void> {
  try {
    process.kill(-group.pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH" && errorCode(error) !== "EPERM") throw error;
  }
  const endMs = systemClock.nowMs() + killWaitMs;
  while (lives(group) && systemClock.nowMs() < endMs) await sleep(killPollMs, signal);
}
