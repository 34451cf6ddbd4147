// A service's own place on its node, and what a predecessor left in it.
//
//   <root>/noctua-<uid>/<name>/<incarnation>/owner     the process that it belongs to
//                                           /groups    the process groups of its programs (group-records.ts)
//
//   C1. Nobody else can look into it, and it goes with the process (P8).
//   C2. At the start, what predecessors that are dead left is swept: their programs are ended, by group and by mark, then
//       their folders are removed. A pid is trusted only with its start time; a predecessor that lives is left alone.

import { writeFileSync } from "node:fs";
import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "./error-code.js";
import { groupsFile } from "./group-records.js";
import type { Logger } from "./logger.js";
import { ensurePrivateFolder } from "./private-file.js";
import { endMarked, marksOf } from "./process-marks.js";
import { lives, readRecords, recordOf, type ProcessRecord } from "./process-record.js";
import { lacksRoom, roomMessage } from "./room.js";
import { sleep, systemClock } from "./system-clock.js";
import { makeFolder } from "./make-folder.js";

export interface PlaceOptions {
  /** Where there is room on the node, such as /tmp. */
  readonly root: string;
  /** Of the service. */
  readonly name: string;
  readonly incarnation: string;
  readonly log: Logger;
}

export interface NodePlace {
  readonly folder: string;
  /** Removes it all. */
  close(): Promise<void>;
}

/** After KILL, a group that does not go is left after so long: it hangs in the kernel. */
const killWaitMs = 5_000;
const killPollMs = 20;

/** Makes the place, after sweeping what was left in it. */
export async function openPlace(options: PlaceOptions, signal: AbortSignal): Promise<NodePlace> {
  try {
    return await makePlace(options, signal);
  } catch (error) {
    if (!lacksRoom(error)) throw error;
    const what = `cannot make a folder of its own in the scratch folder ${options.root}: ${roomMessage(error)}`;
    throw new Error(`${what}; make room there, or name another one with --scratch`, { cause: error });
  }
}

async function makePlace(options: PlaceOptions, signal: AbortSignal): Promise<NodePlace> {
  const { root, name, incarnation, log } = options;
  const ownFolder = join(root, `noctua-${process.getuid?.() ?? "user"}`);
  await makeFolder(root);
  await ensurePrivateFolder(ownFolder); // (C1)
  const nameFolder = join(ownFolder, name);
  await sweep(nameFolder, log, signal);
  const folder = join(nameFolder, incarnation);
  // With that of the name, which another service of the name, of another run, may have removed a moment ago.
  await makeFolder(folder, { mode: 0o700 });
  writeFileSync(join(folder, "owner"), recordOf(process.pid));
  return {
    folder,
    close: async () => {
      await rm(folder, { recursive: true, force: true });
      await rmdir(nameFolder).catch(() => undefined); // Another service of this name may have its place there.
    },
  };
}

/** (C2) */
async function sweep(nameFolder: string, log: Logger, signal: AbortSignal): Promise<void> {
  for (const incarnation of await namesIn(nameFolder)) {
    const folder = join(nameFolder, incarnation);
    const [owner] = await readRecords(join(folder, "owner"));
    // Without an owner it is being made, or was when its maker died: it is empty, and may stay.
    if (owner === undefined || lives(owner)) continue;
    const groups = (await readRecords(join(folder, groupsFile))).filter(lives);
    for (const group of groups) await endGroup(group, signal);
    const strays = await endMarked((mark) => mark.startsWith(marksOf(incarnation)), signal);
    await rm(folder, { recursive: true, force: true });
    log.info("swept what a predecessor left", {
      incarnation,
      groups: groups.length,
      processes: strays.length,
    });
  }
}

/** None where there is no such folder. */
function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  });
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
