// Files that are there whole or not at all, whenever somebody looks and whenever the machine dies.
//
//   A1. Content is written to a temporary beside the file, fsynced, renamed over it, and the folder is fsynced.
//   A2. A failure leaves the old file as it was, and removes the temporary.

import { randomUUID } from "node:crypto";
import { constants, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes or replaces a file (A1, A2). `mode` is given to the file, whatever the umask. */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array | AsyncIterable<string>,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeDurably(temporary, content, options);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Writes a file that must not be there yet, and fsyncs it. Its folder's entry is not durable before `syncFolder`. */
export async function writeDurably(
  path: string,
  content: string | Uint8Array | AsyncIterable<string>,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const file = await open(path, "wx", options.mode ?? 0o666);
  try {
    if (options.mode !== undefined) await file.chmod(options.mode);
    if (typeof content === "string" || content instanceof Uint8Array) await file.writeFile(content);
    else for await (const piece of content) await file.writeFile(piece); // Where the last one ended.
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a file's content durable. Its name is so only when its folder is synced too. */
export function syncFile(path: string): Promise<void> {
  return sync(path, constants.O_RDONLY);
}

/** Makes a folder's entries durable: what was created, renamed or removed in it. Rejects when it is no folder. */
export function syncFolder(path: string): Promise<void> {
  return sync(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

/** Linux fsyncs what is open for reading too, and a folder can be opened in no other way. */
async function sync(path: string, flags: number): Promise<void> {
  const opened = await open(path, flags);
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
