// Running a program to its end, with what it wrote.

import { spawn } from "node:child_process";

/**
 * `ending` is for messages: "exit code 2", "signal SIGKILL", "not found".
 *
 * @typedef {{ isOk: boolean, output: string, ending: string, tookMs: number }} CommandResult
 */

/**
 * Runs `command` without a shell and without input; standard output and error come as one text. Never rejects.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<CommandResult>}
 */
export function runCommand(command, args, { cwd, env = process.env }) {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    /** @type {Buffer[]} */
    const pieces = [];
    const finish = (/** @type {boolean} */ isOk, /** @type {string} */ ending) => {
      const output = Buffer.concat(pieces).toString("utf8");
      resolve({ isOk, ending, output, tookMs: performance.now() - startedMs });
    };
    child.stdout.on("data", (piece) => pieces.push(piece));
    child.stderr.on("data", (piece) => pieces.push(piece));
    child.on("error", (error) => {
      finish(false, "code" in error && error.code === "ENOENT" ? `${command} not found` : error.message);
    });
    child.on("close", (code, signal) => {
      finish(code === 0, signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
}
