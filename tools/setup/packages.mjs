// Whether node_modules is what package-lock.json asks for, and making it so.
//
// npm writes node_modules/.package-lock.json last, after every package is in place: an interrupted install has none. So
// comparing the two files is enough, whoever ran the install, and costs milliseconds.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command.mjs";

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockedPackage */

/**
 * True when every locked package is installed in the locked version, and nothing else is.
 *
 * @param {string} root
 */
export function arePackagesInstalled(root) {
  const locked = readPackages(join(root, "package-lock.json"));
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (locked === undefined)
    throw new Error(`${root}/package-lock.json is missing or broken: is this a whole clone?`);
  if (installed === undefined) return false;
  const isAsLocked = Object.entries(installed).every(([path, found]) => isSame(locked[path], found));
  const isComplete = Object.entries(locked).every(
    // What is optional may be for another platform.
    ([path, wanted]) =>
      path === "" || path in installed || wanted.optional === true || wanted.devOptional === true,
  );
  return isAsLocked && isComplete;
}

/**
 * Installs what is locked, development tools too, whatever NODE_ENV says. Fails with npm's own output.
 *
 * @param {string} root
 */
export async function installPackages(root) {
  const result = await runCommand("npm", ["ci", "--include=dev"], { cwd: root });
  if (!result.isOk) throw new Error(`npm ci failed (${result.ending}):\n${result.output}`);
}

/**
 * @param {string} path
 * @returns {Record<string, LockedPackage> | undefined}
 */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    // Missing or half-written is the same to both callers: there is no such list.
    return undefined;
  }
}

/**
 * @param {LockedPackage | undefined} wanted
 * @param {LockedPackage} found
 */
function isSame(wanted, found) {
  return wanted !== undefined && wanted.version === found.version && wanted.integrity === found.integrity;
}
