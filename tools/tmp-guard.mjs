// Tests leave nothing behind: a run has a temporary folder of its own, and fails, naming what is in it, when that is not empty
// at the end; and so it does when there are files in the repository that nobody knows. What a test file leaves is seen at its own
// end (leftovers-guard.mjs).

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import process from "node:process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { filesLeftIn } from "./leftovers.mjs";
import { root } from "./setup/root.mjs";

/** A keeper looks fifty times, a tenth of a second apart. */
const sweepsMax = 100;

/** Files that are neither under version control nor ignored; none where there is no git. */
function newFiles() {
  const { stdout } = spawnSync("git", ["ls-files", "--others", "--exclude-standard"], { cwd: root });
  return String(stdout)
    .split("\n")
    .filter((name) => name !== "");
}

/**
 * Before the first test; what is returned is called after the last.
 * @returns {() => Promise<void>}
 */
export function setup() {
  const own = mkdtempSync(join(tmpdir(), "nt-")); // Short, since paths of sockets are.
  const known = new Set(newFiles());
  process.env["TMPDIR"] = own;
  return async () => {
    let left = filesLeftIn(own);
    for (let looks = 0; left.length > 0 && looks < sweepsMax; looks += 1) {
      await sleep(100);
      left = filesLeftIn(own);
    }
    rmSync(own, { recursive: true, force: true });
    const found = [
      ...left.map((name) => `${name} in TMPDIR`),
      ...newFiles()
        .filter((name) => !known.has(name))
        .map((name) => `${name} in the repository`),
    ];
    if (found.length === 0) return;
    process.exitCode = 1;
    throw new Error(`expected the tests to leave nothing, found ${found.sort().join(", ")}`);
  };
}
