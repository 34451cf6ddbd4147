// What one would do without Noctua: for each group the system's own program reads the inputs and makes the file, one pass sums
// it, file and folder are fsynced, and the inputs are removed. It has inputs of its own, which are made the same way.

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { checksumFile } from "../../../services/shared/io/checksum.js";
import { systemClock } from "../../../services/shared/io/system-clock.js";

export type PlainTool = "concat" | "tar";

export interface PlainWork {
  readonly tool: PlainTool;
  /** Paths of inputs below any folder. */
  readonly groups: readonly (readonly string[])[];
  /** Of each input. */
  readonly content: Uint8Array;
}

export interface PlainFigures {
  /** For all groups, one after the other: until each file is whole, summed and durable. */
  readonly seconds: number;
  /** More, for removing the inputs. */
  readonly removalSeconds: number;
}

const execute = promisify(execFile);
/** `xargs`, since argument lists get too long. */
const scripts: Readonly<Record<PlainTool | "remove", string>> = {
  concat: 'xargs cat < "$1" > "$2"',
  tar: 'tar -C / -cf "$2" -T "$1"',
  remove: 'xargs rm -f < "$1"',
};

/** All is done in a folder within, and removed. */
export async function measurePlain(
  work: PlainWork,
  folder: string,
  signal: AbortSignal,
): Promise<PlainFigures> {
  const own = join(folder, "plain");
  try {
    const groups = await storeInputs(work, own);
    await execute("sync");
    const ms = { file: 0, removal: 0 };
    for (const [i, list] of groups.entries()) {
      const output = join(own, `${i}.${work.tool}`);
      const run = (script: keyof typeof scripts): Promise<unknown> =>
        execute("sh", ["-c", scripts[script], "plain", list, output], { signal });
      const beganAtMs = systemClock.nowMs();
      await run(work.tool);
      await checksumFile(output, signal);
      for (const path of [output, own]) await syncPath(path);
      const madeAtMs = systemClock.nowMs();
      await run("remove");
      ms.file += madeAtMs - beganAtMs;
      ms.removal += systemClock.nowMs() - madeAtMs;
    }
    return { seconds: ms.file / 1_000, removalSeconds: ms.removal / 1_000 };
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** Lists of the groups' inputs. */
async function storeInputs({ groups, content }: PlainWork, own: string): Promise<string[]> {
  const lists: string[] = [];
  for (const [i, names] of groups.entries()) {
    const paths = names.map((name) => join(own, name));
    for (const parent of new Set(paths.map((path) => dirname(path))))
      await mkdir(parent, { recursive: true });
    for (const path of paths) writeFileSync(path, content);
    const list = join(own, `${i}.list`);
    await writeFile(list, paths.map((path) => `${path}\n`).join(""));
    lists.push(list);
  }
  return lists;
}

async function syncPath(path: string): Promise<void> {
  const opened = await open(path, "r");
  await opened.sync();
  await opened.close();
}
