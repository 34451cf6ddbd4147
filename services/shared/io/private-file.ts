// Files and folders that nobody else on the machine may read (P8). Shared nodes are the normal case.
//
//   F1. What others can read, or what belongs to somebody else, is refused, with the command that mends it.
//   F2. A link is not followed: it would lead out of the folder that was checked.

import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { errorCode } from "./error-code.js";
import { makeFolder } from "./make-folder.js";

/** Makes the folder, or checks that the one that is there is private (F1). */
export async function ensurePrivateFolder(path: string): Promise<void> {
  await makeFolder(path, { mode: 0o700 });
  await checkPrivateFolder(path);
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

/** Checks that a folder that is there is private (F1). */
export async function checkPrivateFolder(path: string): Promise<void> {
  await (await openPrivate(path, "folder")).close();
}

/** Reads a private file of at most so many bytes (F1). Whatever it is or becomes meanwhile, no more is read. */
export async function readPrivateBytes(path: string, bytesMax: number): Promise<Buffer> {
  const file = await openPrivate(path, "file");
  try {
    const { size } = await file.stat();
    if (size > bytesMax) throw new Error(`expected at most ${bytesMax} bytes in ${path}, found ${size}`);
    const bytes = Buffer.alloc(size);
    let length = 0;
    for (let read = -1; read !== 0 && length < size; length += read)
      ({ bytesRead: read } = await file.read(bytes, length, size - length, length));
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

/** Opens first and looks then, so that what was checked is what is read. */
async function openPrivate(path: string, kind: "file" | "folder"): Promise<FileHandle> {
  // Neither is a link followed (F2), nor is a pipe waited for.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: unknown) => {
    if (errorCode(error) !== "ELOOP") throw error;
    const remedy = "remove it, or choose another workdir";
    throw new Error(`expected a ${kind} at ${path}, found a link: ${remedy}`, { cause: error });
  });
  try {
    const stats = await file.stat();
    const { mode, uid } = stats;
    if (!(kind === "file" ? stats.isFile() : stats.isDirectory())) {
      throw new Error(
        `expected a ${kind} at ${path}, found something else: choose another workdir, or remove it`,
      );
    }
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
