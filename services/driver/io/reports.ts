// The reports of a driver's jobs: what is counted for them, who writes them, and when.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../../shared/core/clock.js";
import type { JobNumber } from "../../shared/core/id.js";
import { summaryOf, type Latencies } from "../../shared/core/latencies.js";
import { jobFolder } from "../../shared/core/names.js";
import { reportSchema } from "../../shared/core/report.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";
import { every, type Cancel } from "../../shared/io/system-clock.js";
import { FailureEnds } from "./failure-ends.js";
import { FailureFinder } from "./failure-finder.js";
import type { JobFiles } from "./job-files.js";
import type { DurableFact } from "../core/facts/fact.js";
import type { FarmView } from "../core/state/farm.js";
import { JobTallies, type Tallied } from "./job-tallies.js";
import type { ReadFarm } from "./report-lists.js";
import { ReportUpdates } from "./report-updates.js";
import { ReportWriter } from "./report-writer.js";

interface ReportsParts {
  readonly workdir: string;
  readonly files: JobFiles;
  readonly read: ReadFarm;
  readonly clock: Clock;
  readonly latencies: Latencies;
  readonly claim: { isCurrent(): Promise<boolean> };
  readonly log: Logger;
}

export interface Reports {
  readonly writer: ReportWriter;
  readonly tallies: JobTallies;
  readonly finder: FailureFinder;
  /** Told of each turn that was committed. */
  observe(facts: readonly DurableFact[], farm: FarmView): void;
  /** Reports jobs that are at work, until stopped. */
  keepUpToDate(): void;
  stop(): Promise<void>;
}

const lookIntervalMs = 5_000;

export function makeReports({ workdir, latencies, claim, ...parts }: ReportsParts): Reports {
  const { clock, log } = parts;
  const tallies = new JobTallies(
    () => clock.unixMs(),
    (job) => formerlyTold(workdir, job, log),
  );
  const failureEnds = new FailureEnds({ workdir, log });
  const writer = new ReportWriter({
    ...parts,
    latencies: () => summaryOf(latencies),
    tallied: (job) => tallies.of(job),
    failureEnds,
    isCurrent: () => claim.isCurrent(),
  });
  const updates = new ReportUpdates({ ...parts, reports: writer });
  let end: Cancel = () => undefined;
  return {
    writer,
    tallies,
    finder: new FailureFinder({ workdir, log }),
    observe: (facts, farm) => {
      tallies.observe(facts);
      failureEnds.observe(facts, farm);
    },
    keepUpToDate: () => (end = every(lookIntervalMs, () => void updates.look())),
    stop: async () => {
      end();
      await updates.stop();
    },
  };
}

const time = z.iso
  .datetime()
  .transform((text) => Date.parse(text))
  .optional();
const seconds = z.number().min(0);

/** What is taken up of a report that another driver wrote. */
const formerReport = z.object({
  schema: z.literal(reportSchema),
  times: z.object({ firstDone: time, lastDone: time, lastMerged: time }),
  utilisation: z.object({
    held: seconds,
    busy: seconds,
    lost: seconds,
    starting: seconds,
    waiting: seconds,
    otherJobs: seconds,
  }),
});

/** It is only of times: a report that can't be read is made anew without it. */
async function formerlyTold(workdir: string, job: JobNumber, log: Logger): Promise<Tallied | undefined> {
  const path = join(workdir, jobFolder(job), "report.json");
  try {
    const { times, utilisation } = formerReport.parse(JSON.parse(await readFile(path, "utf8")));
    const { firstDone, lastDone, lastMerged } = times;
    return { times: { firstDone, lastDone, lastMerged }, utilisation };
  } catch (error) {
    if (errorCode(error) !== "ENOENT")
      log.warn("a former report can't be read", { path, error: errorMessage(error) });
    return undefined;
  }
}
