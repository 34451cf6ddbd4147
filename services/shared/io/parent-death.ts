// The parent-death signal: the kernel ends a program in the moment in which the service that started it dies. Node cannot
// ask for it, so util-linux's setpriv does, which then becomes the program.
//
//   D1. What could not be started is reported as if setpriv were not there: it is put in front only of what will start.

import { spawn } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { resolve } from "node:path";

const places = ["/usr/bin/setpriv", "/bin/setpriv"];
const words = ["--pdeathsig", "KILL", "--"];

/** What is put in front of commands; undefined when this machine has no setpriv that can do it. */
export async function parentDeathPrefix(): Promise<readonly string[] | undefined> {
  for (const setpriv of places) {
    const child = spawn(setpriv, [...words, setpriv, "--version"], { stdio: "ignore", env: {} });
    const code = await new Promise<number | null>((done) => {
      child.once("error", () => done(null));
      child.once("exit", done);
    });
    if (code === 0) return [setpriv, ...words];
  }
  return undefined;
}

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Whether the system would find the command's program, and its interpreter, and start it (D1). */
export function willStart([program = ""]: readonly string[], { cwd, env }: Surroundings): boolean {
  const folders = program.includes("/") ? [cwd] : (env["PATH"] ?? "").split(":");
  return folders.some((folder) => isProgram(resolve(cwd, folder, program)));
}

/** Synchronous, as is the start itself. */
function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    if (!statSync(path).isFile()) return false;
    const interpreter = /^#![ \t]*(\S+)/.exec(beginningOf(path))?.[1];
    if (interpreter !== undefined) accessSync(interpreter, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** As much as the kernel looks at. */
function beginningOf(path: string): string {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(256);
    return bytes.subarray(0, readSync(file, bytes)).toString("latin1");
  } finally {
    closeSync(file);
  }
}
