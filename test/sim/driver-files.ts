// The simulated shared file system, as the driver's file work (services/driver/io/file-work.ts) sees it: each step takes
// its time, so that a crash finds the work half done.

import { dirname } from "node:path";
import { brokenKeeper } from "../../services/driver/io/broken-job.js";
import type { FileWorkParts } from "../../services/driver/io/file-work.js";
import type { JobFiles } from "../../services/driver/io/job-files.js";
import { ReportWriter, type ReportParts } from "../../services/driver/io/report-writer.js";
import { jobNumber } from "../../services/shared/core/id.js";
import { silentLogger } from "../../services/shared/io/logger.js";
import type { ReportHead, ReportList } from "../../services/shared/core/report.js";
import { wholeReport, type WholeReport } from "../../services/shared/core/whole-report.js";
import type { Dice } from "./dice.js";
import { systemError } from "./journal-disk.js";
import type { SharedFiles } from "./shared-files.js";
import { sizeOf } from "./sim-file.js";
import type { Sight } from "./sighting.js";
import type { Lifetime, Timeline } from "./timeline.js";

interface FilesWorld {
  readonly timeline: Timeline;
  readonly files: SharedFiles;
  readonly sight: Sight;
}

/** One step with a file. */
const stepMs = [0, 50] as const;

/** How the driver sees its farm and the time. */
export type Looks = Pick<ReportParts, "read" | "clock">;

/** What the driver's file work is made of. */
export function driverFiles(
  world: FilesWorld,
  dice: Dice,
  lifetime: Lifetime,
  looks: Looks,
): Pick<FileWorkParts, "files" | "read" | "reports" | "keepBroken"> {
  const files = jobFiles(world, dice, lifetime);
  const reports = new ReportWriter({ files, ...looks });
  const keep = brokenKeeper({ files, reports, ...looks, log: silentLogger });
  return { files, read: looks.read, reports, keepBroken: keep };
}

function jobFiles({ timeline, files, sight }: FilesWorld, dice: Dice, lifetime: Lifetime): JobFiles {
  /** What a dead driver has begun never ends. */
  const step = <Result>(run: () => Result): Promise<Result> =>
    new Promise((resolve, reject) => {
      timeline.after(dice.between(stepMs), lifetime, () => {
        try {
          resolve(run());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  const lists = new Map<string, string>();
  const linesOf = <Line>(path: string, list: ReportList): Line[] => {
    const lines =
      lists
        .get(`${dirname(path)}/${list}.jsonl`)
        ?.split("\n")
        .slice(0, -1) ?? [];
    return lines.map((line) => JSON.parse(line) as Line);
  };
  const reportOf = (path: string, text: string): WholeReport =>
    wholeReport(JSON.parse(text) as ReportHead, {
      ranges: linesOf(path, "ranges"),
      merged: linesOf(path, "merged"),
      kept: linesOf(path, "kept"),
      failures: linesOf(path, "failures"),
    });
  return {
    rename: (from, to) =>
      step(() => {
        if (files.read(from) === undefined) throw systemError("ENOENT", from);
        files.rename(from, to);
      }),
    sizeOf: (path) =>
      step(() => {
        const file = files.read(path);
        return file === undefined ? undefined : sizeOf(file);
      }),
    remove: async (paths) => {
      await Promise.all(paths.map((path) => step(() => files.remove(path, "driver"))));
    },
    syncFolder: () => step(() => undefined),
    list: (folder) => step(() => entriesOf(files, folder)),
    removeIfEmpty: () => step(() => undefined),
    readText: () => step(() => undefined),
    keepJournal: (job) => step(() => `job-${job}`),
    writeWhole: async (path, content) => {
      let text = "";
      if (typeof content === "string") text = content;
      else for await (const piece of content) text += piece;
      await step(() => {
        if (!path.endsWith("report.json")) lists.set(path, text);
        else
          sight({
            kind: "report-written",
            job: jobNumber(Number(dirname(path).split("/").at(-1))),
            report: reportOf(path, text),
          });
      });
    },
  };
}

function entriesOf(
  files: SharedFiles,
  folder: string,
): readonly { readonly name: string; readonly isFolder: boolean }[] {
  const entries = new Map<string, boolean>();
  for (const path of files.list(folder)) {
    const [name = "", ...rest] = path.slice(folder.length + 1).split("/");
    entries.set(name, rest.length > 0);
  }
  return [...entries].map(([name, isFolder]) => ({ name, isFolder }));
}
