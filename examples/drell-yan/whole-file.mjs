// A file that is there is whole.
//
//   W1. Nothing stands under the final name before everything was written: first `<path>.part`, then a rename.
//   W2. A failure leaves no part behind; a kill may, and the next try writes over it.

import { open, rename, rm } from "node:fs/promises";

/**
 * Writes the pieces, in order, to a file that appears only when all of them are there.
 * @param {string} path
 * @param {AsyncIterable<string> | Iterable<string>} pieces
 * @returns {Promise<void>}
 */
export async function writeWholeFile(path, pieces) {
  const part = `${path}.part`;
  const file = await open(part, "w");
  try {
    try {
      for await (const piece of pieces) await file.write(piece);
    } finally {
      await file.close();
    }
    await rename(part, path); // (W1)
  } catch (error) {
    await rm(part, { force: true }); // (W2)
    throw error;
  }
}
