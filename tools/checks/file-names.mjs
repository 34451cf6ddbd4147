// Files are kebab-case and named after what they hold; a name that fits anything says nothing.

import { listSources } from "./sources.mjs";

const places = /^(services|test|tools|examples|payloads|deploy)\/.*\.(ts|mts|cts|js|mjs|cjs)$/;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const sayNothing = new Set(
  ["util", "utils", "helper", "helpers", "manager", "handler", "common", "misc", "data", "info"].values(),
);

/**
 * One line for each file that is named badly.
 *
 * @param {string} root
 */
export async function findBadFileNames(root) {
  const paths = await listSources(root);
  return paths.filter((path) => places.test(path)).flatMap(judgePath);
}

/** @param {string} path */
function judgePath(path) {
  // "range-table.test.ts" is "range-table"; a folder is judged as a file is.
  for (const name of path.split("/").map((part) => part.replace(/\..*$/, ""))) {
    if (!kebabCase.test(name)) return [`${path}: "${name}" is not kebab-case`];
    const word = name.split("-").find((part) => sayNothing.has(part));
    if (word !== undefined) return [`${path}: "${word}" says nothing; name the file after what it holds`];
  }
  return [];
}
