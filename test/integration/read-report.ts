// The report of a job and its lists, as the files in the workdir say.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReportHead } from "../../services/shared/core/report.js";
import { wholeReport, type ReportLines, type WholeReport } from "../../services/shared/core/whole-report.js";

export async function readWholeReport(workdir: string, job: number): Promise<WholeReport> {
  const folder = join(workdir, "jobs", String(job));
  const lines = async <List extends keyof ReportLines>(list: List): Promise<ReportLines[List]> => {
    const text = await readFile(join(folder, `${list}.jsonl`), "utf8");
    return JSON.parse(`[${text.trimEnd().split("\n").join(",")}]`) as ReportLines[List];
  };
  const head = JSON.parse(await readFile(join(folder, "report.json"), "utf8")) as ReportHead;
  return wholeReport(head, {
    ranges: await lines("ranges"),
    merged: await lines("merged"),
    kept: await lines("kept"),
    failures: await lines("failures"),
  });
}
