// A disk that is told to stand still or to be full (bad-disk.c), where there is a C compiler.

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { errorCode } from "../../../services/shared/io/error-code.js";

export interface BadDisk {
  /** For processes that are to have it. */
  readonly env: Readonly<Record<string, string>>;
  standStill(): Promise<void>;
  fill(): Promise<void>;
}

const execute = promisify(execFile);

/** All below `disk` is on it; `folder` is where it is made. Undefined when this machine has no C compiler. */
export async function badDisk(folder: string, disk: string): Promise<BadDisk | undefined> {
  const library = join(folder, "bad-disk.so");
  const words = ["-shared", "-fPIC", "-O1", "-o", library, join(import.meta.dirname, "bad-disk.c"), "-ldl"];
  try {
    await execute("cc", words);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    return undefined;
  }
  const [still, full] = [join(folder, "disk-stands-still"), join(folder, "disk-is-full")];
  return {
    env: { LD_PRELOAD: library, BAD_DISK: disk, BAD_DISK_STILL: still, BAD_DISK_FULL: full },
    standStill: () => writeFile(still, ""),
    fill: () => writeFile(full, ""),
  };
}
