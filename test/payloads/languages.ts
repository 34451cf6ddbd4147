// The languages that there is a payload header, module or file for, and how a program in each is started here.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const top = join(import.meta.dirname, "..", "..");

export interface Language {
  readonly name: string;
  /** Undefined where this machine has what it takes. */
  readonly missing: string | undefined;
  /** Makes a program ready to run, from its path without the suffix, relative to the top. */
  readonly build: (program: string) => readonly string[];
}

const built = mkdtempSync(join(tmpdir(), "noctua-cpp-"));
afterAll(() => rmSync(built, { recursive: true, force: true }));

export const languages: readonly Language[] = [
  {
    name: "python",
    missing: missing("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 9))"], "Python 3.9"),
    build: (program) => ["python3", join(top, `${program}.py`)],
  },
  {
    name: "node",
    missing: undefined,
    build: (program) => [process.execPath, join(top, `${program}.mjs`)],
  },
  {
    name: "cpp",
    missing: missing("g++", ["--version"], "g++"),
    build: (program) => {
      const binary = join(built, program.replaceAll("/", "-"));
      const warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];
      const header = ["-I", join(top, "payloads", "cpp")];
      const args = [
        "-std=c++17",
        ...warnings,
        ...header,
        join(top, `${program}.cpp`),
        "-o",
        binary,
        "-pthread",
      ];
      const { status, stderr } = spawnSync("g++", args, { encoding: "utf8" });
      if (status !== 0) throw new Error(`g++ ${args.join(" ")}: ${stderr}`);
      return [binary];
    },
  },
];

function missing(program: string, args: readonly string[], what: string): string | undefined {
  return spawnSync(program, args).status === 0 ? undefined : what;
}
