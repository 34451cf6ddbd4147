// Tests leave nothing behind: a run has a temporary folder of its own, and fails, naming what is in it, when that is not empty
// at the end.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import process from "node:process";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What tools keep there for their next start. */
const caches = /^(tsx-|node-compile-cache|v8-compile-cache)/;
/** The place of a user's actors and mergers on a node, which stays when the last of them goes. */
const place = /^noctua-\d+$/;

/**
 * Before the first test; what is returned is called after the last.
 * @returns {() => void}
 */
export function setup() {
  const own = mkdtempSync(join(tmpdir(), "nt-")); // Short, since paths of sockets are.
  process.env["TMPDIR"] = own;
  return () => {
    const left = readdirSync(own).flatMap((name) => {
      if (place.test(name)) return readdirSync(join(own, name)).map((inside) => join(name, inside));
      return caches.test(name) ? [] : [name];
    });
    rmSync(own, { recursive: true, force: true });
    if (left.length === 0) return;
    process.exitCode = 1;
    throw new Error(`expected the tests to leave nothing in TMPDIR, found ${left.sort().join(", ")}`);
  };
}
