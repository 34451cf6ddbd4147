// One setup at a time in a clone: npm ci empties node_modules, and two at once would leave a mixture.
//
//   X1. The lock is a file made by exclusive create; it names its holder by host, process and start time.
//   X2. A lock whose holder is gone is taken over: moved aside by rename, which only one can do, and looked at again,
//       so that a lock that was made in between is put back.
//   X3. Waiting has a limit, and its error says which file to look at.

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const retryMs = 50;

/**
 * Runs `work` while holding the lock file, and lets go of it whatever happens.
 *
 * @template T
 * @param {string} lockFile its folder is made
 * @param {() => Promise<T>} work
 * @param {{ waitMs?: number, onWait?: (holder: string) => void }} [options] waitMs: 15 minutes, above a slow npm ci
 * @returns {Promise<T>}
 */
export async function exclusively(lockFile, work, { waitMs = 15 * 60_000, onWait = () => {} } = {}) {
  mkdirSync(dirname(lockFile), { recursive: true });
  const deadlineMs = performance.now() + waitMs;
  let hasTold = false;
  while (!tryLock(lockFile)) {
    // Unreadable is either let go of just now, or another user's: both are for waiting.
    const holder = readText(lockFile);
    if (holder !== undefined && isGone(holder)) {
      takeAside(lockFile, holder);
      continue;
    }
    if (performance.now() > deadlineMs) {
      const by = holder ?? "another user";
      throw new Error(`${lockFile} is held by ${by} for too long; remove it if nobody works here.`); // (X3)
    }
    if (!hasTold && holder !== undefined) {
      onWait(holder);
      hasTold = true;
    }
    await sleep(retryMs);
  }
  try {
    return await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

/** @param {string} lockFile */
function tryLock(lockFile) {
  // Written aside and linked, so that nobody ever reads a lock without its holder.
  const draft = `${lockFile}.${process.pid}`;
  writeFileSync(draft, `${hostname()} ${process.pid} ${startTime(process.pid) ?? "?"}`);
  try {
    linkSync(draft, lockFile); // (X1)
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * @param {string} lockFile
 * @param {string} holder
 */
function takeAside(lockFile, holder) {
  const aside = `${lockFile}.${process.pid}.stale`;
  try {
    renameSync(lockFile, aside);
    if (readText(aside) !== holder) linkSync(aside, lockFile); // (X2)
  } catch (error) {
    // Another one was quicker, to take it aside or to lock again: the loop looks anew.
    if (!isCode(error, "ENOENT") && !isCode(error, "EEXIST")) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Of another host nothing can be known. @param {string} holder */
function isGone(holder) {
  const [host, pid, started] = holder.split(" ");
  if (host !== hostname()) return false;
  const found = startTime(Number(pid));
  return found === undefined ? !isAlive(Number(pid)) : found !== started;
}

/** In clock ticks since boot, where /proc tells: a number of a process is used again, a start time is not. @param {number} pid */
function startTime(pid) {
  const stat = readText(`/proc/${pid}/stat`);
  // The second field, the program's name, may hold spaces and parentheses; the start is the 20th after it.
  return stat
    ?.slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .at(19);
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, "EPERM");
  }
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function isCode(error, code) {
  return error instanceof Error && "code" in error && error.code === code;
}
