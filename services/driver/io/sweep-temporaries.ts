// Removes what processes of the run left in the workdir that were killed while they wrote a small file: its temporary, which
// is renamed or removed at once by whoever lives.
//
//   W1. Only names that we give, and only what is an hour old: nobody writes it any more. A link is no file of ours.

import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";

/** Folders of the workdir, and what is called so there: the file, what tells one writer from another, and the ending. */
const places: readonly (readonly [folder: string, name: RegExp])[] = [
  ["driver", /^address\.json\.[\w-]+\.tmp$/],
  ["driver/trust", /^.+\.[0-9a-f]{16}\.tmp$/],
  ["driver/claims", /^\d+\.json\.[\w-]+\.tmp$/],
  ["run", /^.+\.json\.[0-9a-f-]{36}\.tmp$/],
];

const oldMs = 3_600_000;

/** Returns what waits until it is done. What can't be removed now is at the next start. */
export function sweepTemporaries(
  workdir: string,
  nowUnixMs: number,
  log: Pick<Logger, "warn">,
): () => Promise<void> {
  const sweeping = sweep(workdir, nowUnixMs, log);
  return () => sweeping;
}

/** Never rejects. */
async function sweep(workdir: string, nowUnixMs: number, log: Pick<Logger, "warn">): Promise<void> {
  for (const [folder, ours] of places) {
    const names = await readdir(join(workdir, folder)).catch(() => []);
    for (const name of names.filter((one) => ours.test(one))) {
      const path = join(workdir, folder, name);
      try {
        const entry = await lstat(path);
        if (entry.isFile() && nowUnixMs - entry.mtimeMs > oldMs) await rm(path, { force: true }); // (W1)
      } catch (error) {
        log.warn("cannot remove what a killed process left", { path, error: errorMessage(error) });
      }
    }
  }
}
