// The payload program that is fed: made from payload.c where there is a C compiler, else payload.mjs.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { errorCode } from "../../../services/shared/io/error-code.js";

export interface FeedProgram {
  /** What it is, for people. */
  readonly name: string;
  readonly command: readonly string[];
}

const execute = promisify(execFile);

/** `folder` is where the program is made. Rejects when the compiler does not like it. */
export async function feedProgramIn(folder: string): Promise<FeedProgram> {
  const program = join(folder, "payload");
  try {
    await execute("cc", ["-O2", "-o", program, join(import.meta.dirname, "payload.c"), "-lm"]);
    return { name: "C", command: [program] };
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    return nodeProgram;
  }
}

export const nodeProgram: FeedProgram = {
  name: "JavaScript, since there is no cc",
  command: [process.execPath, join(import.meta.dirname, "payload.mjs")],
};
