// A file system of a few megabytes, for tests of what happens when it is full or read-only. It is mounted in a name space of
// its own, which many machines grant to everybody, and seen by all processes through /proc.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { sleep } from "../../services/shared/io/system-clock.js";
import { privateFolder } from "./private-folder.js";

export interface SmallDisk {
  /** Absolute path of its root. */
  readonly path: string;
  /** Leaves next to no room; completely: neither for another file, so that not even an empty one can be made. */
  fill(completely?: "completely"): Promise<void>;
  /** Takes back what `fill` did. */
  free(): Promise<void>;
  remount(mode: "ro" | "rw"): Promise<void>;
}

/** Whether this machine lets us. */
export function mayMount(): boolean {
  try {
    execFileSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const pollMs = 5;
/** So many files fit on it. */
const filesMax = 2_000;

/** Gone when the test is over. */
export async function smallDisk(size: string): Promise<SmallDisk> {
  const point = join(await privateFolder(), "disk");
  await mkdir(point);
  // A shell in the name space, which obeys line by line.
  const shell = spawn("unshare", ["-rm", "sh"], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(async () => {
    const exit = once(shell, "exit");
    shell.kill("SIGKILL");
    await exit;
  });
  const tell = async (command: string): Promise<void> => {
    const heard = once(shell.stdout, "data");
    shell.stdin.write(`${command} && echo done || echo failed\n`);
    const [piece]: unknown[] = await heard;
    if (String(piece) !== "done\n") throw new Error(`expected ${command} to work, found ${String(piece)}`);
  };
  await tell(`mount -t tmpfs -o size=${size},nr_inodes=${filesMax},mode=700 none ${point}`);
  const path = `/proc/${shell.pid ?? 0}/root${point}`;
  const filling = join(path, "filling");
  return {
    path,
    fill: async (completely) => {
      await mkdir(filling, { recursive: true });
      let files = 0;
      for (let bytes = 1 << 20; bytes >= 4_096;) {
        files += 1;
        await writeFile(join(filling, String(files)), Buffer.alloc(bytes)).catch(() => (bytes /= 2));
      }
      for (let more = completely !== undefined; more; files += 1)
        more = await writeFile(join(filling, String(files)), "").then(
          () => true,
          () => false,
        );
    },
    free: () => rm(filling, { recursive: true }),
    remount: async (mode) => {
      // Whoever has a file open for writing just now is done soon.
      for (let tries = 0; ; tries += 1) {
        try {
          await tell(`mount -o remount,${mode} ${point} 2> /dev/null`);
          return;
        } catch (error) {
          if (tries === 1_000) throw error;
          await sleep(pollMs, new AbortController().signal);
        }
      }
    },
  };
}
