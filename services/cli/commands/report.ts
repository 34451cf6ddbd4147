// noctua report: what came of a job, or how it stands, as its report says. Asks no driver.

import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { harmless } from "../../shared/core/harmless.js";
import type { JobNumber } from "../../shared/core/id.js";
import { mergedFolder, outputsFolder } from "../../shared/core/names.js";
import { isOver } from "../core/job-status.js";
import { reportText } from "../core/report-text.js";
import { exitCodes, type ExitCode } from "../io/cli-error.js";
import { readShown, readState, reportPath } from "../io/report-file.js";
import type { Terminal } from "../io/terminal.js";
import { requireJob } from "../io/workdir-jobs.js";

export interface ReportOptions {
  readonly workdir: string;
  readonly job: JobNumber;
  /** The file as it is. */
  readonly json: boolean;
}

export async function showReport(
  { workdir, job, json }: ReportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  await requireJob(workdir, job);
  const state = await readState(workdir, job);
  if (state === undefined) {
    terminal.note(
      `job ${job} has no report yet: there is one half a minute after its begin, and when it is over\n` +
        `=> noctua status ${job} --workdir ${shown(workdir)} asks its driver`,
    );
    return exitCodes.notOver;
  }
  if (json) terminal.print((await readFile(reportPath(workdir, job), "utf8")).trimEnd());
  else await printReport(workdir, job, terminal);
  if (!isOver(state)) return exitCodes.notOver;
  return state === "finished" ? exitCodes.ok : exitCodes.bad;
}

/** Returns whether there was a report. */
export async function printReport(workdir: string, job: JobNumber, terminal: Terminal): Promise<boolean> {
  const report = await readShown(workdir, job);
  if (report === undefined) return false;
  const places = {
    mergedFolder: `${shown(join(workdir, mergedFolder(job)))}/`,
    outputsFolder: `${shown(join(workdir, outputsFolder(job)))}/`,
    reportFile: shown(reportPath(workdir, job)),
  };
  terminal.print(harmless(reportText(report, places)));
  return true;
}

/** A path as one would type it here. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short !== "" && !short.startsWith("..") ? short : path;
}
