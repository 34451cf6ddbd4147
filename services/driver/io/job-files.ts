// Files of jobs, as far as the driver itself works with them. Paths are relative to the workdir. The simulator has a file
// system of its own.

import { readFile, readdir, rename, rmdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { JobNumber } from "../../shared/core/id.js";
import { syncFolder, writeFileAtomically } from "../../shared/io/atomic-file.js";
import { errorCode } from "../../shared/io/error-code.js";
import { makeFolder } from "../../shared/io/make-folder.js";
import { keepJournal } from "./journal/kept-journal.js";
import { removeHere, type RemoveFiles } from "./removals.js";

export interface JobFiles {
  /** Takes the place of whatever has the name. Rejects with ENOENT when there is no such file. */
  rename(from: string, to: string): Promise<void>;
  /** In bytes; undefined when there is no such file. */
  sizeOf(path: string): Promise<number | undefined>;
  /** Whatever they are; what is not there is passed over. */
  remove(paths: readonly string[]): Promise<void>;
  /** Makes what was created, renamed or removed in it durable. */
  syncFolder(folder: string): Promise<void>;
  /** What is in the folder; nothing when it is not there. A link is no folder. */
  list(folder: string): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]>;
  /** Nothing when there is something in it. */
  removeIfEmpty(folder: string): Promise<void>;
  /** Undefined when there is no such file. */
  readText(path: string): Promise<string | undefined>;
  /** Keeps the journal as it is for a job that is out of service; tells where, or undefined when too many are kept. */
  keepJournal(job: JobNumber): Promise<string | undefined>;
  /** Whole or not at all, durably, and with the folder for it. Pieces are asked for one by one, and may be empty. */
  writeWhole(path: string, content: string | AsyncIterable<string>): Promise<void>;
}

export function jobFilesIn(workdir: string, removeFiles: RemoveFiles = removeHere): JobFiles {
  const at = (path: string): string => `${workdir}/${path}`;
  return {
    rename: (from, to) => rename(at(from), at(to)),
    sizeOf: async (path) => (await stat(at(path)).catch(absent("ENOENT")))?.size,
    remove: (paths) => removeFiles(paths.map(at)),
    syncFolder: (folder) => syncFolder(at(folder)),
    list: async (folder) => {
      const entries = await readdir(at(folder), { withFileTypes: true }).catch(absent("ENOENT"));
      return (entries ?? []).map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
    },
    removeIfEmpty: async (folder) => {
      await rmdir(at(folder)).catch(absent("ENOENT", "ENOTEMPTY", "EEXIST"));
    },
    readText: (path) => readFile(at(path), "utf8").catch(absent("ENOENT")),
    keepJournal: (job) => keepJournal(workdir, job),
    writeWhole: async (path, content) => {
      await makeFolder(dirname(at(path)));
      await writeFileAtomically(at(path), typeof content === "string" ? content : inWrites(content));
    },
  };
}

/** What is handed to one write. */
const writeCharsMin = 65_536;

/** The pieces in fewer, larger ones. Between two the loop does what else there is. */
async function* inWrites(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let text = "";
  for await (const piece of pieces) {
    text += piece;
    if (text.length >= writeCharsMin) {
      yield text;
      text = "";
    } else await new Promise((resolve) => setImmediate(resolve));
  }
  if (text !== "") yield text;
}

/** Undefined in the place of one of these errors. */
function absent(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(errorCode(error))) throw error;
  };
}
