// For the tests of this folder: a folder that goes away again, and programs run as a user runs them.

import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Too little work to wait for, for tests that look at the physics. */
export const QUICK = ["--cpu-ms-min", "0.01", "--cpu-ms-max", "0.1"];

/** A real sample, when it is there: see the tests that skip themselves without it. */
export const REAL_SAMPLE = fileURLToPath(
  new URL("../../../shared/data/drell-yan-10k.lhe.gz", import.meta.url),
);

/**
 * A folder for the tests of one file.
 * @param {{beforeAll: (run: () => Promise<void>) => void, afterAll: (run: () => Promise<void>) => void}} hooks of vitest,
 *   which only tests import
 * @returns {{path: (name: string) => string, write: (name: string, content: string | Buffer) => Promise<string>}}
 */
export function testFolder({ beforeAll, afterAll }) {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "noctua-drell-yan-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  /** @param {string} name */
  const path = (name) => join(folder, name);
  return {
    path,
    write: async (name, content) => {
      await writeFile(path(name), content);
      return path(name);
    },
  };
}

/**
 * Runs a program of this folder in a process of its own.
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<{code: number | null, stdout: string, stderr: string}>}
 */
export function run(program, args) {
  const script = fileURLToPath(new URL(program, import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

/**
 * @template T
 * @param {AsyncIterable<T>} items
 * @returns {Promise<T[]>}
 */
export async function collect(items) {
  /** @type {T[]} */
  const all = [];
  for await (const item of items) all.push(item);
  return all;
}
