// Files and folders that nobody else on the machine may read (P8). Shared nodes are the normal case.
//
//   F1. What others can read, or what belongs to somebody else, is refused, with the command that mends it.
//   F2. A link is not followed: it would lead out of the folder that was checked.

import { constants } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";

/** Makes the folder, or checks that the one that is there is private (F1). */
export async function ensurePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await (await openPrivate(path, "folder")).close();
}

/** Reads a private file (F1). Fails with the system's error when it is not there. */
export async function readPrivateFile(path: string): Promise<string> {
  const file = await openPrivate(path, "file");
  try {
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/** Opens first and looks then, so that what was checked is what is read. */
async function openPrivate(path: string, kind: "file" | "folder"): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW); // (F2)
  try {
    const { mode, uid } = await file.stat();
    const owner = process.getuid?.() ?? uid;
    if (uid !== owner) {
      throw new Error(
        `expected the ${kind} ${path} to belong to user ${owner}, found user ${uid}: another run's? Choose a workdir of your own.`,
      );
    }
    if ((mode & 0o077) !== 0) {
      const found = (mode & 0o777).toString(8).padStart(3, "0");
      const wanted = kind === "file" ? "600" : "700";
      throw new Error(
        `expected nobody else to reach the ${kind} ${path}, found mode ${found}: run  chmod ${wanted} '${path}'`,
      );
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
