// The journal as it was when a job went out of service: links to all its files in driver/broken/job-<n>/, which stay when
// the journal's own names go. So the facts that made the job what it was can be looked at later, and cost no copy.
//
//   K1. The folder is there whole or not at all.
//   K2. Of at most `keptMax` jobs (P7).

import { copyFile, constants, link, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { JobNumber } from "../../../shared/core/id.js";
import { syncFolder } from "../../../shared/io/atomic-file.js";
import { errorCode } from "../../../shared/io/error-code.js";
import { ensurePrivateFolder } from "../../../shared/io/private-file.js";

export const keptMax = 10;

/** Returns the folder, relative to the workdir; undefined when there are too many already (K2). May be repeated. */
export async function keepJournal(workdir: string, job: JobNumber): Promise<string | undefined> {
  const folder = join(workdir, "driver", "broken");
  await ensurePrivateFolder(folder);
  const name = `job-${job}`;
  const kept = (await readdir(folder)).filter((entry) => !entry.endsWith(unfinished));
  const path = join("driver", "broken", name);
  if (kept.includes(name)) return path;
  if (kept.length >= keptMax) return undefined;
  const draft = join(folder, `${name}${unfinished}`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await linkAll(join(workdir, "driver", "journal"), draft);
  await syncFolder(draft);
  await rename(draft, join(folder, name)); // (K1)
  await syncFolder(folder);
  return path;
}

const unfinished = ".tmp";

/** What went meanwhile is in a snapshot that came before: so it is looked again, until nothing has come. */
async function linkAll(journal: string, draft: string): Promise<void> {
  const known = new Set<string>();
  for (;;) {
    const files = (await readdir(journal)).filter((file) => !known.has(file));
    if (files.length === 0) return;
    for (const file of files) await linkOrCopy(join(journal, file), join(draft, file));
    for (const file of files) known.add(file);
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (errorCode(error) === "ENOENT" && (await stat(from).catch(() => undefined)) === undefined) return;
    await copyFile(from, to, constants.COPYFILE_EXCL); // Not every file system has links.
  }
}
