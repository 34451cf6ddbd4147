// package-lock.json lets `npm ci` run anywhere: complete for every platform, and without the address of a registry.
//
// npm leaves out what its registry could not serve at that moment, such as the binaries for another platform, and then
// refuses its own lock file with EUSAGE. What is missing is added by hand: version, os, cpu, "optional": true.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** @typedef {Record<string, { resolved?: string, optionalDependencies?: Record<string, string> }>} LockedPackages */

/**
 * One line for each package that the lock file lacks, or knows the address of.
 *
 * @param {string} root
 * @returns {Promise<string[]>}
 */
export async function findLockFileProblems(root) {
  /** @type {{ packages: LockedPackages }} */
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const problems = Object.entries(packages).flatMap(([path, { resolved, optionalDependencies = {} }]) => [
    ...(resolved === undefined ? [] : [`package-lock.json: ${path} has an address; .npmrc leaves it out`]),
    ...Object.keys(optionalDependencies)
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => `package-lock.json: ${name}, optional for ${path}, is missing: npm ci will refuse`),
  ]);
  return Promise.resolve(problems);
}

/**
 * Looks where Node would: in the package's own node_modules, then in each folder above.
 *
 * @param {LockedPackages} packages
 * @param {string} path
 * @param {string} name
 * @returns {boolean}
 */
function isLocked(packages, path, name) {
  if (`${path}/node_modules/${name}`.replace(/^\//, "") in packages) return true;
  return path !== "" && isLocked(packages, path.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, ""), name);
}
