// The simulated shared file system, as the driver's file work (services/driver/io/file-work.ts) sees it: each step takes
// its time, so that a crash finds the work half done.

import { dirname } from "node:path";
import type { JobReport } from "../../services/driver/core/report.js";
import type { JobFiles } from "../../services/driver/io/job-files.js";
import { jobNumber } from "../../services/shared/core/id.js";
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

export function driverFiles(
  { timeline, files, sight }: FilesWorld,
  dice: Dice,
  lifetime: Lifetime,
): JobFiles {
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
    remove: (path) => step(() => files.remove(path, "driver")),
    syncFolder: () => step(() => undefined),
    list: (folder) => step(() => entriesOf(files, folder)),
    removeIfEmpty: () => step(() => undefined),
    writeWhole: (path, text) =>
      step(() => {
        const report = JSON.parse(text) as JobReport;
        sight({ kind: "report-written", job: jobNumber(Number(dirname(path).split("/").at(-1))), report });
      }),
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
