// Every check of the repository but the tests, in the order in which they are worth reading.
//
// A check is a question to a folder, so that test/laws can ask it about a copy with a violation planted.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../setup/command.mjs";
import { findBadFileNames } from "./file-names.mjs";
import { findStrayContents } from "./git-contents.mjs";
import { findLicenceProblems } from "./licences.mjs";
import { findLockFileProblems } from "./lock-file.mjs";
import { findBareMarks } from "./marks.mjs";

/**
 * `output` says what is wrong and where; `note` is a word for the line of a check that passed.
 *
 * @typedef {{ isOk: boolean, output: string, note?: string }} CheckResult
 * @typedef {{ name: string, run: (root: string) => Promise<CheckResult> }} Check
 */

/** Where tools/release-protos.mjs keeps them. */
export const releasedProtos = "test/laws/released-protos";

/** @type {readonly Check[]} */
export const allChecks = [
  { name: "lint", run: tool("eslint", [".", "--max-warnings", "0"]) },
  { name: "types", run: tool("tsc", ["--project", "tsconfig.json"]) },
  { name: "core-types", run: tool("tsc", ["--project", "tsconfig.core.json"]) },
  { name: "format", run: tool("prettier", ["--check", "--log-level", "warn", "."]) },
  { name: "imports", run: checkImports },
  { name: "dead-code", run: tool("knip", ["--no-progress", "--no-config-hints"]) },
  { name: "proto-lint", run: tool("buf", ["lint"]) },
  { name: "proto-format", run: tool("buf", ["format", "--diff", "--exit-code"]) },
  { name: "proto-breaking", run: checkReleasedProtos },
  { name: "file-names", run: finder(findBadFileNames) },
  { name: "marks", run: finder(findBareMarks) },
  { name: "git-contents", run: finder(findStrayContents) },
  { name: "lock-file", run: finder(findLockFileProblems) },
  { name: "licences", run: finder(findLicenceProblems) },
];

/**
 * A check by a program from node_modules: what it prints is what is wrong.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Check["run"]}
 */
function tool(command, args) {
  return (root) => runCommand(join(root, "node_modules", ".bin", command), args, { cwd: root });
}

/**
 * A check of our own: one line for each problem.
 *
 * @param {(root: string) => Promise<string[]>} find
 * @returns {Check["run"]}
 */
function finder(find) {
  return async (root) => {
    const problems = await find(root);
    return { isOk: problems.length === 0, output: problems.map((line) => `${line}\n`).join("") };
  };
}

/** dependency-cruiser refuses a folder that does not exist. @type {Check["run"]} */
async function checkImports(root) {
  const folders = ["services", "test", "tools", "examples", "payloads"].filter((folder) =>
    existsSync(join(root, folder)),
  );
  return tool("depcruise", ["--config", ".dependency-cruiser.cjs", "--output-type", "err", ...folders])(root);
}

/** The wire may grow, never break: compared with the protos of the last release. @type {Check["run"]} */
async function checkReleasedProtos(root) {
  if (!existsSync(join(root, releasedProtos)))
    return { isOk: true, output: "", note: "nothing released yet" };
  return tool("buf", ["breaking", "--against", releasedProtos])(root);
}
