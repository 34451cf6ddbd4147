// Each test file leaves nothing behind: no process, no listening socket, no file in its TMPDIR. It fails otherwise, naming
// what is left, which is then ended and removed, so that the next file begins as this one did.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll } from "vitest";
import { filesLeftIn, isOwnFolder, listeners, ownPrefix, processesOf } from "./leftovers.mjs";

/** Keepers of services that were killed sweep a moment longer than the last test: fifty looks, a tenth of a second apart. */
const looksMax = Number(process.env["NOCTUA_TEST_LOOKS"] ?? 100);
const lookMs = 100;

// Files of one project share processes: then the folder stays, since modules that were loaded know it.
if (!isOwnFolder(tmpdir())) process.env["TMPDIR"] = mkdtempSync(join(tmpdir(), ownPrefix));
const own = tmpdir();
const before = new Set(processesOf(own).map(({ pid }) => pid));
/** Nobody can close what a file before this one has left. */
const listenersBefore = listeners().length;

/** What there is, in words. */
function left() {
  const processes = processesOf(own).filter(({ pid }) => !before.has(pid));
  return {
    processes,
    words: [
      ...processes.map(({ pid, words }) => `process ${pid} (${words.slice(0, 200)})`),
      ...listeners()
        .slice(listenersBefore)
        .map((name) => `a socket that listens (${name})`),
      ...filesLeftIn(own).map((name) => `${name} in TMPDIR`),
    ],
  };
}

afterAll(async () => {
  let found = left();
  for (let looks = 0; found.words.length > 0 && looks < looksMax; looks += 1) {
    await sleep(lookMs);
    found = left();
  }
  if (found.words.length === 0) return;
  for (const { pid } of found.processes) end(pid);
  for (const name of filesLeftIn(own)) rmSync(join(own, name), { recursive: true, force: true });
  throw new Error(
    `expected this file's tests to leave nothing behind, found ${found.words.sort().join("; ")}`,
  );
});

/** @param {number} pid */
function end(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
