// Whether something that was built is still what its inputs would give: a hash over the inputs, kept with the result.
//
// Contents are hashed, not times: a checkout or a copy changes times only, and an edit within a clock tick changes none.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const stampFile = ".inputs";

/**
 * A hash over names and contents. A folder stands for the files below it that `isInput` accepts; what is missing counts as empty.
 *
 * @param {string} root
 * @param {readonly string[]} paths relative to root
 * @param {(path: string) => boolean} [isInput] by default every file
 */
export function fingerprint(root, paths, isInput = () => true) {
  const hash = createHash("sha256");
  for (const path of paths.flatMap((path) => filesBelow(root, path)).filter(isInput)) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/**
 * True when `folder` was stamped with these inputs.
 *
 * @param {string} folder
 * @param {string} inputs from {@link fingerprint}
 */
export function isStamped(folder, inputs) {
  return readStamp(folder) === inputs;
}

/**
 * The name and the text of the stamp, for who fills the folder.
 *
 * @param {string} inputs
 * @returns {[string, string]}
 */
export function stamp(inputs) {
  return [stampFile, inputs];
}

/**
 * The inputs that `folder` was made from, if it was.
 *
 * @param {string} folder
 */
export function readStamp(folder) {
  try {
    return readFileSync(join(folder, stampFile), "utf8");
  } catch {
    return undefined;
  }
}

/**
 * Sorted, so that the hash does not depend on the file system.
 *
 * @param {string} root
 * @param {string} path
 * @returns {string[]}
 */
function filesBelow(root, path) {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [path];
  const names = readdirSync(join(root, path)).sort();
  return names.flatMap((name) => filesBelow(root, `${path}/${name}`));
}
