// A folder for one measurement, away when it is over, however it ends.

import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

/** Folders are made in `parent`, since it is its file system that is measured. */
export async function withFolder<Result>(
  parent: string,
  measure: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(parent, "noctua-bench-"));
  try {
    return await measure(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
