// Whether a tool was started, or imported by another.

import { realpathSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

/**
 * True for the file that Node was told to run.
 *
 * @param {string} url import.meta.url of the asker
 */
export function isMain(url) {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === fileURLToPath(url);
}
