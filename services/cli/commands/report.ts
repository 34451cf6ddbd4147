// noctua report: what came of a job, or how it stands, as its report says. Asks no driver.

import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { JobNumber } from "../../shared/core/id.js";
import { mergedFolder, outputsFolder } from "../../shared/core/names.js";
import { isOver } from "../core/job-status.js";
import { reportText } from "../core/report-text.js";
import type { Selector } from "../core/selector.js";
import { exitCodes, worstCode, type ExitCode } from "../io/cli-error.js";
import { readShown, readState, reportPath } from "../io/report-file.js";
import type { OutputForm } from "../io/output-form.js";
import { selectedFolders } from "../io/select-jobs.js";
import type { Terminal } from "../io/terminal.js";

export interface ReportOptions {
  readonly workdir: string;
  readonly jobs: Selector;
  /** `json` is the file as it is: of several jobs one after the other. */
  readonly output: OutputForm;
}

/** The exit code is that of the worst job. */
export async function showReports(options: ReportOptions, terminal: Terminal): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  for (const job of await selectedFolders(options.workdir, options.jobs))
    codes.push(await showReport(options, job, terminal));
  return worstCode(codes);
}

async function showReport(
  { workdir, output }: ReportOptions,
  job: JobNumber,
  terminal: Terminal,
): Promise<ExitCode> {
  const state = await readState(workdir, job);
  if (state === undefined) {
    terminal.note(
      `job ${job} has no report yet: there is one half a minute after its begin, and when it is over\n` +
        `=> noctua status ${job} --workdir ${shown(workdir)} asks its driver`,
    );
    return exitCodes.notOver;
  }
  if (output === "text") await printReport(workdir, job, terminal);
  else terminal.print(fileText(await readFile(reportPath(workdir, job), "utf8"), output));
  if (!isOver(state)) return exitCodes.notOver;
  return state === "finished" ? exitCodes.ok : exitCodes.bad;
}

/** A report has a line of its own where one object a line is wanted. */
function fileText(text: string, output: "json" | "jsonl"): string {
  return output === "json" ? text.trimEnd() : JSON.stringify(JSON.parse(text));
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
  terminal.printSentences(reportText(report, places));
  return true;
}

/** A path as one would type it here. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short !== "" && !short.startsWith("..") ? short : path;
}
