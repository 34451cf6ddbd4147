// Programs that are run to their end.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const dist = join(import.meta.dirname, "..", "..", "dist");
const execute = promisify(execFile);

/** What a command came to. */
export interface CommandEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `noctua ...args` to its end. */
export async function noctua(...args: readonly string[]): Promise<CommandEnd> {
  return runNode(join(dist, "noctua.cjs"), ...args);
}

/** Runs a Node program to its end. */
export async function runNode(program: string, ...args: readonly string[]): Promise<CommandEnd> {
  try {
    const { stdout, stderr } = await execute(process.execPath, [program, ...args], { maxBuffer: 2 ** 26 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    if (!isCommandEnd(error)) throw error;
    return error;
  }
}

function isCommandEnd(error: unknown): error is CommandEnd {
  return error instanceof Error && "code" in error && typeof error.code === "number" && "stdout" in error;
}
