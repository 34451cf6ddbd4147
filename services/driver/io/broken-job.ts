// What is kept of a job that is out of service (core/apply/contain.ts), for whoever finds out why.
//
//   K1. The journal as it was (journal/kept-journal.ts).
//   K2. Its last report says that it is out of service; nothing else of the job is written or removed.
//   K3. May be repeated, also while it is done.

import { z } from "zod";
import type { Clock } from "../../shared/core/clock.js";
import type { JobNumber } from "../../shared/core/id.js";
import { jobFolder } from "../../shared/core/names.js";
import { reportLists, reportSchema } from "../../shared/core/report.js";
import { errorMessage } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";
import { reportBasics } from "../core/report.js";
import { jobViewOf } from "../core/state/farm.js";
import type { JobFiles } from "./job-files.js";
import type { ReadFarm } from "./report-lists.js";
import type { ReportWriter } from "./report-writer.js";

interface BrokenParts {
  readonly files: Pick<JobFiles, "keepJournal" | "readText" | "writeWhole">;
  readonly read: ReadFarm;
  readonly reports: Pick<ReportWriter, "inTurn" | "emptyHead">;
  readonly clock: Pick<Clock, "unixMs">;
  readonly log: Logger;
}

/** Keeps what is to be kept of the job that it is told. */
export function brokenKeeper(parts: BrokenParts): (job: JobNumber) => Promise<void> {
  const keep = async (job: JobNumber): Promise<void> => {
    const kept = await parts.files.keepJournal(job); // (K1)
    parts.log.warn("journal of a job that is out of service", {
      job,
      kept: kept ?? "not kept: too many are",
    });
    await writeBroken(parts, job); // (K2)
  };
  return (job) => parts.reports.inTurn(job, () => keep(job)); // (K3)
}

const someReport = z.looseObject({ schema: z.literal(reportSchema), times: z.looseObject({}) });

async function writeBroken({ files, read, reports, clock, log }: BrokenParts, job: JobNumber): Promise<void> {
  const path = `${jobFolder(job)}/report.json`;
  const { state, reason, endedAtUnixMs } = await read((farm) => reportBasics(farm, jobViewOf(farm, job)));
  const text = await files.readText(path);
  let former: z.infer<typeof someReport> | undefined;
  try {
    former = text === undefined ? undefined : someReport.parse(JSON.parse(text));
  } catch (error) {
    log.warn("a former report can't be read", { path, error: errorMessage(error) });
  }
  if (former === undefined)
    for (const list of reportLists) await files.writeWhole(`${jobFolder(job)}/${list}.jsonl`, "");
  const { times, ...told } = former ?? (await reports.emptyHead(job));
  const ended = new Date(endedAtUnixMs ?? clock.unixMs()).toISOString();
  const updated = new Date(clock.unixMs()).toISOString();
  const report = { ...told, state, reason, times: { ...times, ended, updated } };
  await files.writeWhole(path, `${JSON.stringify(report, undefined, 1)}\n`);
}
