// What the folders of a job hold, for `noctua verify`.

import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { JobNumber } from "../../shared/core/id.js";
import { mergedFolder, outputsFolder } from "../../shared/core/names.js";
import { checksumFile } from "../../shared/io/checksum.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { isInMergedFolder, type FoundFiles } from "../core/audit.js";
import type { Check, FoundFile } from "../core/audit-file.js";
import { OutputsAudit } from "../core/audit-outputs.js";
import type { JobReport } from "../core/report.js";
import { eachOutput } from "./report-file.js";

/** Reads every merged file of the report and every output that stays, one after the other, and lists the job's folders. */
export async function findFiles(
  workdir: string,
  job: JobNumber,
  report: JobReport,
  signal: AbortSignal,
): Promise<FoundFiles> {
  const mergedFiles: FoundFile[] = [];
  for (const { path } of report.mergedFiles) {
    if (isInMergedFolder(job, path)) mergedFiles.push(await readWhole(join(workdir, path), signal));
    else mergedFiles.push({ kind: "unreadable", why: "was not opened" });
  }
  return {
    mergedFiles,
    inMergedFolder: await filesUnder(workdir, mergedFolder(job)),
    outputs: await readOutputs(workdir, job, report, signal),
  };
}

/** Reads every output that stays, and lists folder by folder what else there is: there may be very many. */
async function readOutputs(
  workdir: string,
  job: JobNumber,
  report: JobReport,
  signal: AbortSignal,
): Promise<Check> {
  const audit = new OutputsAudit(job, report);
  const entered = new Set<string>();
  const enter = async (folder: string): Promise<void> => {
    if (entered.has(folder)) return;
    entered.add(folder);
    audit.enter(await filesUnder(workdir, folder));
  };
  for await (const line of eachOutput(workdir, job)) {
    const path = audit.pathOf(line);
    if (path === undefined) continue;
    await enter(dirname(path));
    audit.note(line, await readWhole(join(workdir, path), signal));
  }
  for (const entry of await entriesOf(join(workdir, outputsFolder(job)))) {
    const path = `${outputsFolder(job)}/${entry.name}`;
    if (entry.isDirectory()) await enter(path);
    else audit.enter([path]);
  }
  return audit.end();
}

async function readWhole(path: string, signal: AbortSignal): Promise<FoundFile> {
  try {
    const entry = await lstat(path);
    if (!entry.isFile()) return { kind: "unreadable", why: "expected a file, found something else" };
    return { kind: "read", ...(await checksumFile(path, signal)) };
  } catch (error) {
    signal.throwIfAborted();
    const why = errorCode(error) === "ENOENT" ? "is not there" : `cannot be read: ${errorMessage(error)}`;
    return { kind: "unreadable", why };
  }
}

/** Paths relative to the workdir of all that is no folder; none when there is no such folder. */
async function filesUnder(workdir: string, folder: string): Promise<readonly string[]> {
  const entries = await entriesOf(join(workdir, folder), { recursive: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => relative(workdir, join(entry.parentPath, entry.name))).sort();
}

/** In the order of their names; none when there is no such folder. */
async function entriesOf(
  folder: string,
  options: { readonly recursive?: boolean } = {},
): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(folder, { ...options, withFileTypes: true });
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
