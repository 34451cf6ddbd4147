// Whether this Node can run Noctua: package.json's "engines" says which, here it is read.
//
// Written for old Nodes, since those are the ones it must tell.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Nothing when `version` fits the engines field of `root`, else a sentence that says what was expected and found.
 *
 * @param {string} root
 * @param {string} version as in `process.versions.node`
 * @returns {string | undefined}
 */
export function nodeVersionProblem(root, version) {
  const wanted = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).engines.node;
  const fits = wanted.split("||").some((/** @type {string} */ range) => fitsRange(version, range));
  return fits ? undefined : `Noctua needs Node ${wanted}, found ${version} (${process.execPath}).`;
}

/**
 * A range is comparators that must all hold: ">=20.20 <21".
 *
 * @param {string} version
 * @param {string} range
 */
function fitsRange(version, range) {
  return range
    .trim()
    .split(/\s+/)
    .every((comparator) => {
      const match = /^(>=|<)(\d+)(?:\.(\d+))?$/.exec(comparator);
      if (match === null)
        throw new Error(`package.json: engines has "${comparator}", expected >=X.Y or <X.Y`);
      const [, operator, major, minor] = match;
      const isAtLeast = compare(version, Number(major), Number(minor || 0)) >= 0;
      return operator === ">=" ? isAtLeast : !isAtLeast;
    });
}

/**
 * @param {string} version
 * @param {number} major
 * @param {number} minor
 */
function compare(version, major, minor) {
  const [ownMajor, ownMinor] = version.split(".").map(Number);
  return (ownMajor || 0) - major || (ownMinor || 0) - minor;
}
