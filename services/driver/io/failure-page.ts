// The failures of a page with how their payloads ended, where the farm does not know it.
//
//   E1. A page waits for that only so long: it is read from a disk. What is not found in time is told without it (P7).

import { z } from "zod";
import type { JobNumber } from "../../shared/core/id.js";
import type { FailureLine } from "../../shared/core/report.js";
import { after } from "../../shared/io/system-clock.js";
import { isLatest } from "../core/report-failures.js";
import { jobViewOf } from "../core/state/farm.js";
import type { FoundEnds } from "./failure-finder.js";
import type { ReadFarm } from "./report-lists.js";

/** What is known of how these ranges of the job ended. Never rejects. */
export type FindEnds = (job: JobNumber, ranges: readonly number[]) => Promise<FoundEnds>;

/** (E1) */
const searchMsMax = 3_000;

/** What is taken of a line that was kept. */
const keptEnd = z.object({
  message: z.string(),
  exitCode: z.number().optional(),
  signal: z.string(),
  stderrTail: z.string(),
});

export async function withEnds(
  read: ReadFarm,
  number: JobNumber,
  failures: readonly FailureLine[],
  findEnds: FindEnds,
): Promise<readonly FailureLine[]> {
  const open = failures.filter(isOpen).map(({ range }) => range);
  if (open.length === 0) return failures;
  const found = await inTime(findEnds(number, open));
  if (found.size === 0) return failures;
  return read((farm) => {
    const job = jobViewOf(farm, number);
    return failures.map((failure) => {
      const ended = found.get(failure.range);
      if (ended === undefined || !isOpen(failure) || !isLatest(job, ended)) return failure;
      return { ...failure, ...endIn(ended.line) };
    });
  });
}

function isOpen({ exitCode, signal, stderrTail }: FailureLine): boolean {
  return exitCode === undefined && signal === "" && stderrTail === "";
}

/** (E1) */
function inTime(finding: Promise<FoundEnds>): Promise<FoundEnds> {
  return new Promise((resolve) => {
    const cancel = after(searchMsMax, () => resolve(new Map()));
    void finding.then(resolve).finally(cancel);
  });
}

/** Nothing when the line is damaged: the file is not trusted. */
function endIn(line: string): Partial<FailureLine> {
  const parsed = keptEnd.safeParse(jsonIn(line));
  if (!parsed.success) return {};
  const { exitCode, ...end } = parsed.data;
  return exitCode === undefined ? end : { ...end, exitCode };
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
