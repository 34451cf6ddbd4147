// Noctua is Apache-2.0, and what it ships with may be combined with that.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const own = "Apache-2.0";
const compatible = new Set(["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"]);

/**
 * One line for each package, or file of ours, with a licence that does not fit. Development tools do not ship.
 *
 * @param {string} root
 * @returns {Promise<string[]>}
 */
export async function findLicenceProblems(root) {
  const { license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const problems = license === own ? [] : [`package.json: license is "${license}", expected "${own}"`];
  const text = readFileSync(join(root, "LICENSE"), "utf8");
  if (!/Apache License\s+Version 2\.0/.test(text))
    problems.push("LICENSE: not the text of the Apache License 2.0");
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  for (const [path, locked] of Object.entries(packages)) {
    if (path === "" || locked.dev === true || isCompatible(locked.license)) continue;
    problems.push(`package-lock.json: ${path} has licence "${locked.license}"`);
  }
  return Promise.resolve(problems);
}

/** All parts of "(A AND B)" must fit, and one of "(A OR B)". @param {unknown} expression */
function isCompatible(expression) {
  if (typeof expression !== "string") return false;
  const alternatives = expression.replace(/[()]/g, "").split(" OR ");
  return alternatives.some((parts) => parts.split(" AND ").every((part) => compatible.has(part.trim())));
}
