// Putting a finished build in place of an older one, while others may be reading it.
//
//   R1. Each file is replaced by rename: whoever opens it finds the old one or the new one, whole.
//   R2. The stamp goes first and comes back last: a build that was interrupted anywhere is never taken for a fresh one.

import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stamp } from "./fingerprint.mjs";

/**
 * Moves all files of `temporary` into `folder`, removes the others there, and stamps it. Both are on one file system.
 *
 * @param {string} folder
 * @param {string} temporary is gone afterwards
 * @param {string} inputs from fingerprint()
 */
export function replaceFolder(folder, temporary, inputs) {
  const [stampFile, stampText] = stamp(inputs);
  const files = listFiles(temporary);
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, stampFile), { force: true }); // (R2)
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    renameSync(join(temporary, file), join(folder, file)); // (R1)
  }
  const kept = new Set(files);
  for (const file of listFiles(folder)) {
    if (!kept.has(file)) rmSync(join(folder, file));
  }
  writeFileSync(join(temporary, stampFile), stampText);
  renameSync(join(temporary, stampFile), join(folder, stampFile)); // (R2)
  rmSync(temporary, { recursive: true });
}

/** @param {string} folder */
function listFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
