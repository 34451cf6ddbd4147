// The files that are, or are about to be, in git. Checks over the sources read these, so that what is ignored is no matter.

import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../setup/command.mjs";

/**
 * Paths relative to `root`, sorted; what was deleted but not yet committed is left out.
 *
 * @param {string} root
 * @param {"tracked" | "tracked-and-new"} which
 * @returns {Promise<string[]>}
 */
export async function listSources(root, which = "tracked-and-new") {
  const others = which === "tracked" ? [] : ["--others", "--exclude-standard"];
  const result = await runCommand("git", ["ls-files", "-z", "--cached", ...others], { cwd: root });
  if (!result.isOk) throw new Error(`git ls-files failed (${result.ending}): ${result.output}`);
  const paths = result.output.split("\0").filter((path) => path !== "");
  return paths.filter((path) => lstatSync(join(root, path), { throwIfNoEntry: false })?.isFile()).sort();
}

/**
 * The lines of a text file; none of a binary one.
 *
 * @param {string} root
 * @param {string} path
 * @returns {string[]}
 */
export function readLines(root, path) {
  const content = readFileSync(join(root, path));
  const isBinary = content.subarray(0, 8000).includes(0);
  return isBinary ? [] : content.toString("utf8").split("\n");
}
