// Every check of the repository, then the tests.
//
//   npm run verify                          all of it
//   npm run verify -- --no-tests            the checks only
//   npm run verify -- --only lint,types     some of them
//
// One line for each, its output only when it fails. All run, whatever fails; the last line names what did.

import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { allChecks } from "./checks/all-checks.mjs";
import { runChecks } from "./checks/run-checks.mjs";
import { runCommand } from "./setup/command.mjs";
import { root } from "./setup/root.mjs";

/** @type {import("./checks/all-checks.mjs").Check} */
const tests = {
  name: "tests",
  run: async (root) => {
    const result = await runCommand(join(root, "node_modules", ".bin", "vitest"), ["run"], { cwd: root });
    const counts = /^\d+ passed, \d+ failed, \d+ skipped$/m.exec(result.output);
    return { ...result, ...(counts === null ? {} : { note: counts[0] }) };
  },
};

/** Checks run side by side; the tests, which measure time and start many processes, alone. @returns {Promise<string[]>} */
async function verify() {
  const { values } = parseArgs({ options: { "no-tests": { type: "boolean" }, only: { type: "string" } } });
  const chosen = choose(values.only);
  const write = (/** @type {string} */ text) => process.stdout.write(text);
  const setup = await runCommand(process.execPath, [join(root, "tools", "setup.mjs")], { cwd: root });
  write(setup.output);
  if (!setup.isOk) return ["setup"];
  const checks = chosen.filter((check) => check !== tests);
  const failed = await runChecks(root, checks, { write, atOnce: Math.min(2, availableParallelism()) });
  const lastly = values["no-tests"] === true ? [] : chosen.filter((check) => check === tests);
  return [...failed, ...(await runChecks(root, lastly, { write, atOnce: 1 }))];
}

/** @param {string | undefined} only names with commas between */
function choose(only) {
  const all = [...allChecks, tests];
  const names = only?.split(",") ?? all.map((check) => check.name);
  const unknown = names.filter((name) => !all.some((check) => check.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `no check named ${unknown.join(", ")}; there are ${all.map((check) => check.name).join(", ")}`,
    );
  }
  return all.filter((check) => names.includes(check.name));
}

try {
  const failed = await verify();
  process.stdout.write(failed.length === 0 ? "all checks passed\n" : `failed: ${failed.join(", ")}\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`verify: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
