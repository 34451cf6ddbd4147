// Tests leave nothing behind: a run has a temporary folder of its own, and fails, naming what is in it, when that is not empty
// at the end. Keepers of services that were killed (process-keeper.ts) sweep a moment longer than the last test: that is waited
// for.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import process from "node:process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What tools keep there for their next start. */
const caches = /^(tsx-|node-compile-cache|v8-compile-cache)/;
/** The place of a user's actors and mergers on a node, which stays when the last of them goes. */
const place = /^noctua-\d+$/;

/** A keeper looks fifty times, a tenth of a second apart. */
const sweepsMax = 100;

/**
 * What lies there that should not.
 * @param {string} folder
 */
function leftIn(folder) {
  return readdirSync(folder).flatMap((name) => {
    if (place.test(name)) return readdirSync(join(folder, name)).map((inside) => join(name, inside));
    return caches.test(name) ? [] : [name];
  });
}

/**
 * Before the first test; what is returned is called after the last.
 * @returns {() => Promise<void>}
 */
export function setup() {
  const own = mkdtempSync(join(tmpdir(), "nt-")); // Short, since paths of sockets are.
  process.env["TMPDIR"] = own;
  return async () => {
    let left = leftIn(own);
    for (let looks = 0; left.length > 0 && looks < sweepsMax; looks += 1) {
      await sleep(100);
      left = leftIn(own);
    }
    rmSync(own, { recursive: true, force: true });
    if (left.length === 0) return;
    process.exitCode = 1;
    throw new Error(`expected the tests to leave nothing in TMPDIR, found ${left.sort().join(", ")}`);
  };
}
