// What a test file leaves behind: processes, listening sockets, and files in its TMPDIR. All that it starts can be told by
// TMPDIR, which each process that runs tests has of its own: it stands in the environment, the arguments or the folder of
// whoever has to do with the test; and by its parent.

import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import process from "node:process";
import { join } from "node:path";

/** What tools keep there for their next start. */
const caches = /^(tsx-|node-compile-cache|v8-compile-cache)/;
/** The place of a user's actors and mergers on a node, which stays when the last of them goes. */
const place = /^noctua-\d+$/;
/** The folder of a process that runs tests. */
const ownFolder = /^p-\w{6}$/;

/** How the name of a process's own TMPDIR begins. Short, since paths of sockets are. */
export const ownPrefix = "p-";

/** @param {string} path */
export function isOwnFolder(path) {
  return ownFolder.test(path.slice(path.lastIndexOf("/") + 1));
}

/**
 * What lies there that should not.
 * @param {string} folder
 * @returns {string[]}
 */
export function filesLeftIn(folder) {
  return readdirSync(folder).flatMap((name) => {
    if (place.test(name)) return readdirSync(join(folder, name)).map((inside) => join(name, inside));
    if (ownFolder.test(name)) return filesLeftIn(join(folder, name)).map((inside) => join(name, inside));
    return caches.test(name) ? [] : [name];
  });
}

/** Names of sockets of this process that listen. */
export function listeners() {
  return process.getActiveResourcesInfo().filter((name) => /ServerWrap$/.test(name));
}

/** @typedef {{ readonly pid: number, readonly words: string }} Left */

/** It ends with the process that uses it, which is one that runs tests. */
const companion = /\/esbuild --service=/;

/** Whoever ends while it is looked may have begun another one that nobody has seen: then it is looked again. */
const looksMax = 5;

/**
 * Processes of this user that have to do with the folder, or that this process has started; it and its parent are not among
 * them.
 * @param {string} folder
 * @returns {Left[]}
 */
export function processesOf(folder) {
  /** @type {Left[]} */
  let found = [];
  for (let looks = 0; looks < looksMax && found.length === 0; looks += 1) {
    const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
    found = pids.flatMap((pid) => (isOf(folder, pid) ? [{ pid, words: wordsOf(pid) }] : []));
    if (!pids.some(hasJustEnded)) break;
  }
  return found;
}

/** @param {number} pid */
function hasJustEnded(pid) {
  const { state, parent } = statOf(pid);
  return state === "" || (state === "Z" && parent === process.pid);
}

/**
 * @param {string} folder
 * @param {number} pid
 */
function isOf(folder, pid) {
  if (pid === process.pid || pid === process.ppid || !isOwn(pid)) return false;
  const words = wordsOf(pid);
  if (words === "" || companion.test(words)) return false;
  return statOf(pid).parent === process.pid || has(folder, words, read(pid, "environ"), cwdOf(pid));
}

const becomingMs = 5;
const becomingMax = 100;

/**
 * Nothing when it has ended, or is the kernel's. Who is about to become another program has none for a moment.
 * @param {number} pid
 */
function wordsOf(pid) {
  for (let looks = 0; looks < becomingMax; looks += 1) {
    const words = read(pid, "cmdline").replaceAll("\0", " ").trim();
    const { state, parent } = statOf(pid);
    if (words !== "" || pid === 2 || parent === 2 || ["Z", "X", ""].includes(state)) return words;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, becomingMs);
  }
  return "";
}

/**
 * @param {string} folder
 * @param {readonly string[]} texts
 */
function has(folder, ...texts) {
  return texts.some((text) => text.includes(folder));
}

/** @param {number} pid */
function isOwn(pid) {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.getuid?.();
}

/** @param {number} pid */
function statOf(pid) {
  const stat = read(pid, "stat");
  const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state, parent: Number(parent) };
}

/** @param {number} pid */
function cwdOf(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}

/**
 * Nothing, when it is gone or may not be looked at.
 * @param {number} pid
 * @param {string} name
 */
function read(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return "";
  }
}
