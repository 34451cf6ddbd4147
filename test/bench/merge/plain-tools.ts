// What one would do without Noctua: the system's own program makes the file, one pass checks it, one call makes it durable.

import { execFile } from "node:child_process";
import { open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { checksumFile } from "../../../services/shared/io/checksum.js";
import { systemClock } from "../../../services/shared/io/system-clock.js";

export type PlainTool = "concat" | "tar";

const execute = promisify(execFile);
/** `xargs`, since argument lists get too long. */
const scripts: Readonly<Record<PlainTool, string>> = {
  concat: 'xargs cat < "$1" > "$2"',
  tar: 'tar -C / -cf "$2" -T "$1"',
};

/** Seconds for all groups, one after the other. What it makes is removed. */
export async function measurePlain(
  tool: PlainTool,
  groups: readonly (readonly string[])[],
  folder: string,
  signal: AbortSignal,
): Promise<number> {
  const made: string[] = [];
  let ms = 0;
  for (const [i, paths] of groups.entries()) {
    const list = join(folder, `${i}.list`);
    const output = join(folder, `${i}.${tool}`);
    await writeFile(list, paths.map((path) => `${path}\n`).join(""));
    const beganAtMs = systemClock.nowMs();
    await execute("sh", ["-c", scripts[tool], "plain", list, output], { signal });
    await checksumFile(output, signal);
    const file = await open(output, "r");
    await file.sync();
    await file.close();
    ms += systemClock.nowMs() - beganAtMs;
    made.push(list, output);
  }
  for (const path of made) await rm(path);
  return ms / 1_000;
}
