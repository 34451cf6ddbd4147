// Under which conditions something was measured. A figure without them says nothing.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { promisify } from "node:util";
import { figure, type Row } from "./table.js";

export interface Conditions {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  /** Of the last 1, 5 and 15 minutes, before anything was measured. */
  readonly loadBefore: readonly number[];
  /** Type of the file system that the journal is on, and what makes removing slow there. */
  readonly fileSystem: string;
  readonly commit: string;
  readonly atIso: string;
}

const execute = promisify(execFile);

/** `folder` is where the workdirs are made. */
export async function conditionsOf(folder: string): Promise<Conditions> {
  return {
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
    loadBefore: loadavg(),
    fileSystem: await fileSystemOf(folder),
    commit: await commitOf(),
    atIso: new Date().toISOString(),
  };
}

/** For people. */
export function conditionRows(conditions: Conditions): Row[] {
  const { processor, cores, memoryBytes, system, node, loadBefore, fileSystem, commit, atIso } = conditions;
  return [
    ["machine", `${processor}, ${cores} cores, ${figure(memoryBytes / 1e9)} GB, ${system}`],
    ["node", node],
    ["load before", loadBefore.map((load) => figure(load, 2)).join(" ")],
    ["file system", fileSystem],
    ["commit", commit],
    ["at", atIso],
  ];
}

/** Seconds of all cores in which something ran, since the machine was started. */
export function busyCoreSeconds(): number {
  let busyMs = 0;
  for (const { times } of cpus()) busyMs += times.user + times.nice + times.sys + times.irq;
  return busyMs / 1_000;
}

async function commitOf(): Promise<string> {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await execute("git", args, { cwd: import.meta.dirname })).stdout.trim();
  try {
    const changes = await git("status", "--porcelain", "--untracked-files=no", "--", "../../services");
    return `${await git("rev-parse", "--short", "HEAD")}${changes === "" ? "" : ", with changes in services/"}`;
  } catch {
    return "unknown";
  }
}

/** The mount whose folder is the longest beginning of the path. */
async function fileSystemOf(folder: string): Promise<string> {
  const mounts = await readFile("/proc/self/mounts", "utf8").catch(() => "");
  let best = { folder: "", type: "unknown" };
  for (const line of mounts.split("\n")) {
    const [, at = "", type = "", options = ""] = line.split(" ");
    const kind = options.split(",").includes("discard") ? `${type}, mounted with discard` : type;
    const holds = at === "/" || folder === at || folder.startsWith(`${at}/`);
    if (holds && at.length >= best.folder.length) best = { folder: at, type: kind };
  }
  return best.type;
}
