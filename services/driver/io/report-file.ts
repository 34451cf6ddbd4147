// What is done at the end of a job: its last report is written, and what nobody will read any more is swept (job-sweep.ts).

import type { JobNumber } from "../../shared/core/id.js";
import { jobViewOf } from "../core/state/farm.js";
import { sweepJob, type SweepParts } from "./job-sweep.js";
import type { ReportWriter } from "./report-writer.js";

interface EndParts extends SweepParts {
  readonly reports: Pick<ReportWriter, "writeLast">;
}

/** May be repeated, even by a driver that wakes up late. */
export async function writeReport(parts: EndParts, number: JobNumber): Promise<void> {
  await parts.reports.writeLast(number);
  const lastGrant = await parts.read((farm) => jobViewOf(farm, number).lastGrant);
  await sweepJob(parts, { number, lastGrant });
}
