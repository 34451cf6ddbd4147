// Reads the report of a job: jobs/<n>/report.json and the lists beside it.

import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { JobNumber } from "../../shared/core/id.js";
import { jobFolder } from "../../shared/core/names.js";
import {
  reportSchema,
  reportStates,
  type OutputLine,
  type ReportList,
  type ReportState,
} from "../../shared/core/report.js";
import { wholeReport } from "../../shared/core/whole-report.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import type { JobReport, ReportSummary, ShownReport } from "../core/report.js";
import { readableHead, reportLines } from "./report-schema.js";

/** Mistakes of one report that are named. */
const mistakesShown = 5;
/** Lines of a list that people are shown the beginning of. */
const linesShown = 1_000;

export function reportPath(workdir: string, job: JobNumber): string {
  return join(workdir, jobFolder(job), "report.json");
}

/** How the job stands, whatever else its report says; undefined while there is none. */
export async function readState(workdir: string, job: JobNumber): Promise<ReportState | undefined> {
  return (await readAs(reportPath(workdir, job), z.object({ state: z.enum(reportStates) })))?.state;
}

/** The report without its lists; undefined while there is none. Throws on a damaged one. */
async function readSummary(workdir: string, job: JobNumber): Promise<ReportSummary | undefined> {
  return readAs(reportPath(workdir, job), readableHead);
}

async function readAs<Content>(path: string, schema: z.ZodType<Content>): Promise<Content | undefined> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : parsed(path, text, schema);
}

/** The report as people are shown it. */
export async function readShown(workdir: string, job: JobNumber): Promise<ShownReport | undefined> {
  const summary = await readSummary(workdir, job);
  if (summary === undefined) return undefined;
  const { submitted, ended, updated } = summary.times;
  return {
    summary,
    tookMs: Date.parse(ended ?? updated) - Date.parse(submitted),
    failures: await readLines(listPath(workdir, job, "failures"), reportLines.failures, linesShown),
    kept: await readLines(listPath(workdir, job, "kept"), reportLines.kept, linesShown),
  };
}

/** The report and its lists; of a job that is at work they may be of different moments. */
export async function readReport(workdir: string, job: JobNumber): Promise<JobReport | undefined> {
  const summary = await readSummary(workdir, job);
  if (summary === undefined) return undefined;
  const ranges = await readLines(listPath(workdir, job, "ranges"), reportLines.ranges);
  const merged = await readLines(listPath(workdir, job, "merged"), reportLines.merged);
  const kept = await readLines(listPath(workdir, job, "kept"), reportLines.kept);
  return { ...wholeReport(summary, { ranges, merged, kept, failures: [] }), rangeLines: ranges };
}

function listPath(workdir: string, job: JobNumber, list: ReportList): string {
  return join(workdir, jobFolder(job), `${list}.jsonl`);
}

/** The outputs that stay as they are, one by one: there may be more than fit into memory. */
export function eachOutput(workdir: string, job: JobNumber): AsyncGenerator<OutputLine> {
  return eachLine(listPath(workdir, job, "outputs"), reportLines.outputs);
}

async function readLines<Line>(path: string, schema: z.ZodType<Line>, most = Infinity): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of eachLine(path, schema)) {
    lines.push(line);
    if (lines.length >= most) break;
  }
  return lines;
}

async function* eachLine<Line>(path: string, schema: z.ZodType<Line>): AsyncGenerator<Line> {
  const input = createReadStream(path);
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      number += 1;
      yield parsed(`${path}, line ${number},`, line, schema);
    }
  } finally {
    input.destroy();
  }
}

function parsed<Content>(where: string, text: string, schema: z.ZodType<Content>): Content {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new Error(`expected JSON in ${where}, found: ${errorMessage(error)}`, { cause: error });
  }
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, mistakesShown);
  const mistakes = issues.map(({ path: field, message }) => `${field.join(".")}: ${message}`);
  throw new Error(`${where} is no ${reportSchema}: ${mistakes.join("; ")}`);
}
