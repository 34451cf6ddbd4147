// Whether this machine has a program.

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";

/** Where a program lies that is called by its name, or by an absolute path; undefined when there is none. */
export async function findProgram(program: string, path = ""): Promise<string | undefined> {
  if (isAbsolute(program)) return (await isExecutable(program)) ? program : undefined;
  if (program.includes("/")) return undefined;
  for (const folder of path.split(":").filter(isAbsolute)) {
    const file = join(folder, program);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false; // Not there, or not ours to run.
  }
}
