// A small Noctua in a folder of its own, for planting violations.
//
// It has this repository's own configuration, copied, and its packages, by link; its sources are a handful of files that
// keep every law. So what a check says about it is what the same check would say here.

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { allChecks, type CheckResult } from "../../tools/checks/all-checks.mjs";
import { type CommandResult, runCommand } from "../../tools/setup/command.mjs";
import { root as repository } from "../../tools/setup/root.mjs";
import { lawfulFiles } from "./lawful-files.js";

const configuration = [
  ...["eslint.config.js", "tsconfig.json", "tsconfig.core.json", ".prettierrc.json", ".prettierignore"],
  ...[
    ".dependency-cruiser.cjs",
    "knip.json",
    "buf.yaml",
    "buf.gen.yaml",
    ".gitignore",
    "LICENSE",
    "package-lock.json",
  ],
];

export interface PlantedTree {
  readonly root: string;
  write(files: Readonly<Record<string, string>>): void;
  /** Puts everything that .gitignore lets through under version control, and what is forced. */
  track(...force: string[]): void;
  check(name: string): Promise<CheckResult>;
  /** Runs a command there. `npm` is a stand-in: the real one would empty this repository's node_modules by the link. */
  run(command: string, ...args: string[]): Promise<CommandResult>;
  /** What the stand-in for npm does, as a shell script. At first it fails. */
  writeNpm(script: string): void;
  remove(): void;
}

/** The lawful tree, with `files` written over it, and with copies of this repository's `copied` paths. */
export function plantTree(
  files: Readonly<Record<string, string>> = {},
  copied: readonly string[] = [],
): PlantedTree {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "noctua-laws-")));
  const root = join(folder, "tree");
  for (const path of [...configuration, ...copied]) {
    cpSync(join(repository, path), join(root, path), { recursive: true });
  }
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  execFileSync("git", ["init", "--quiet"], { cwd: root });
  const tree = makeTree(folder, root);
  tree.write(lawfulFiles);
  tree.write(files);
  tree.writeNpm("echo 'no npm here' >&2; exit 1");
  writeProgram(join(folder, "bin", "apt-get"), "exit 1"); // Nothing is asked of the network.
  return tree;
}

function makeTree(folder: string, root: string): PlantedTree {
  const PATH = `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`;
  // A command that outlives its test, and the stand-in, must not do by the real npm what the stand-in is there against.
  const env = { ...process.env, PATH, npm_config_dry_run: "true" };
  return {
    root,
    write: (files) => Object.entries(files).forEach(([path, text]) => writeFile(join(root, path), text)),
    track: (...force) => {
      execFileSync("git", ["add", "--all"], { cwd: root });
      if (force.length > 0) execFileSync("git", ["add", "--force", ...force], { cwd: root });
    },
    check: (name) => runCheck(root, name),
    run: (command, ...args) => runCommand(command, args, { cwd: root, env }),
    writeNpm: (script) => writeProgram(join(folder, "bin", "npm"), script),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function writeProgram(path: string, script: string): void {
  writeFile(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

function writeFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function runCheck(root: string, name: string): Promise<CheckResult> {
  const check = allChecks.find((candidate) => candidate.name === name);
  if (check === undefined) throw new Error(`no check named ${name}`);
  return check.run(root);
}
