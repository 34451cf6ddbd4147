// Makes folders, and says truly why one can't be made: where there is no room, or nobody may write, Node's own making of
// several at once finds "no such file".

import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "./error-code.js";

/** Of folders that others may look into, where those above let them, whatever the user's umask: only their owner writes. */
export const ownFolderMode = 0o755;

/** With those above it that are missing. Nothing happens when there is something of that name, whatever it is. */
export async function makeFolder(path: string, options: { readonly mode?: number } = {}): Promise<void> {
  try {
    await makeOne(path, options);
  } catch (error) {
    if (errorCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path), options);
    await makeOne(path, options);
  }
}

async function makeOne(path: string, options: { readonly mode?: number }): Promise<void> {
  await mkdir(path, { mode: ownFolderMode, ...options }).catch((error: unknown) => {
    if (errorCode(error) !== "EEXIST") throw error;
  });
}
