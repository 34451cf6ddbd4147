// Does a job's report add up, and do the files that were found bear it out? (P1, P3)
//
//   V1. The ranges of the job are computed anew from its inputs; no number in the report is taken for granted.
//   V2. Each range is in exactly one place: a merged file, the failed ones, a group whose merge was given up, or, where
//       nothing is merged, among what is done.
//   V4. A merged file of a job that groups by range has the name of its group, ranges of it only, and tells which it lacks.
//   V3. Nothing lies in the job's folders that the report does not account for.

import { present } from "../../shared/core/assert.js";
import { fixedGroupsOf, type FixedGroups } from "../../shared/core/fixed-groups.js";
import { fateOfOutputs } from "../../shared/core/job-spec.js";
import { groupNumber, type JobNumber } from "../../shared/core/id.js";
import { rangeLayout, type RangeLayout } from "../../shared/core/event-range.js";
import { mergedFolder, mergedPath } from "../../shared/core/names.js";
import { without, type Spans } from "../../shared/core/spans.js";
import { fileProblem, type Check, type FoundFile } from "./audit-file.js";
import { checkLists } from "./audit-lists.js";
import { claimsOf, coverageProblems, rangesOfPairs, soundSpans } from "./coverage.js";
import { isCutShort } from "./job-status.js";
import type { JobReport, MergedFile, ReportedSpec } from "./report.js";

/** What the job's folders hold; paths are relative to the workdir. */
export interface FoundFiles {
  /** For each merged file of the report, in its order. */
  readonly mergedFiles: readonly FoundFile[];
  readonly inMergedFolder: readonly string[];
  /** What came of looking at the outputs that stay (audit-outputs.ts). */
  readonly outputs: Check;
}

export function auditJob(job: JobNumber, report: JobReport, found: FoundFiles): readonly Check[] {
  const layout = rangeLayout(report.spec); // (V1)
  return [
    checkHead(job, report),
    checkRanges(report, layout),
    checkLists(report, layout),
    checkEvents(report, layout),
    checkMergedFiles(job, report, found),
    checkMergedFolder(report, found),
    found.outputs,
  ];
}

function checkHead(job: JobNumber, report: JobReport): Check {
  const problems: string[] = [];
  if (report.job !== job) problems.push(`the report is of job ${report.job}, expected job ${job}`);
  const { failed, kept } = report.ranges;
  if (report.state === "finished" && failed + kept > 0) {
    problems.push(`the job is called finished, but ${failed + kept} of its ranges are in no merged file`);
  }
  if (report.state === "finished-with-failures" && failed + kept === 0) {
    problems.push("the job is called finished-with-failures, but no range failed and no merge was given up");
  }
  return { name: "report", summary: `job ${job}, ${report.name}, ${report.state}`, problems };
}

function checkRanges(report: JobReport, layout: RangeLayout): Check {
  const problems = [...coverageProblems(claimsOf(report), layout, report.spec)]; // (V2)
  const done = rangesOfPairs(report.done.spans);
  if (report.done.ranges !== done) problems.push(`done.ranges says ${report.done.ranges}, counted ${done}`);
  const fate = fateOfOutputs(report.spec);
  if (fate === "merged" && done > 0)
    problems.push(`${done} ranges are called done, and the job merges its outputs`);
  const counted = {
    total: layout.ranges,
    merged: rangesOfPairs(report.mergedFiles.flatMap(({ spans }) => spans)),
    failed: rangesOfPairs(report.failed.flatMap(({ spans }) => spans)),
    kept: rangesOfPairs(report.keptGroups.flatMap(({ spans }) => spans)),
  };
  for (const key of ["total", "merged", "failed", "kept"] as const) {
    if (report.ranges[key] === counted[key]) continue;
    problems.push(`ranges.${key} says ${report.ranges[key]}, counted ${counted[key]}`);
  }
  const { total, merged, failed, kept } = counted;
  const unfinished = `${failed} ${isCutShort({ state: report.state, reason: "" }) ? "not done" : "failed"} with a reason`;
  return {
    name: "ranges",
    summary:
      fate === "merged"
        ? `${total} in all: ${merged} merged once, ${unfinished}, ${kept} kept unmerged`
        : `${total} in all: ${done} done once, ${unfinished}; ${howKept[fate]}`,
    problems,
  };
}

/** As the job file says it. */
const howKept = { kept: "merge: none", none: "outputs: none" } as const;

function checkEvents(report: JobReport, layout: RangeLayout): Check {
  const problems: string[] = [];
  let merged = 0;
  for (const { path, events, spans } of report.mergedFiles) {
    const sound = soundSpans(spans, layout.ranges);
    if (sound === undefined) continue; // The check of the ranges says so.
    const counted = layout.eventsIn(sound);
    merged += counted;
    if (events !== counted) problems.push(`${path}: events says ${events}, its spans have ${counted}`);
  }
  if (report.events.total !== layout.events) {
    problems.push(`events.total says ${report.events.total}, the inputs have ${layout.events}`);
  }
  if (report.events.merged !== merged) {
    problems.push(`events.merged says ${report.events.merged}, the merged files have ${merged}`);
  }
  if (fateOfOutputs(report.spec) === "merged")
    return { name: "events", summary: `${merged} of ${layout.events} merged`, problems };
  const sound = soundSpans(report.done.spans, layout.ranges);
  const done = sound === undefined ? 0 : layout.eventsIn(sound);
  if (sound !== undefined && report.done.events !== done)
    problems.push(`done.events says ${report.done.events}, its spans have ${done}`);
  return { name: "events", summary: `${done} of ${layout.events} done`, problems };
}

function checkMergedFiles(job: JobNumber, report: JobReport, found: FoundFiles): Check {
  const problems: string[] = [];
  const seen = new Set<string>();
  const fixed = fixedGroupsOf(rangeLayout(report.spec), report.spec);
  let bytes = 0;
  for (const [i, file] of report.mergedFiles.entries()) {
    if (seen.has(file.path)) problems.push(`${file.path}: stands in the report twice`);
    seen.add(file.path);
    if (!isInMergedFolder(job, file.path)) {
      problems.push(`${file.path}: expected a file in ${mergedFolder(job)}/, the report names another place`);
      continue;
    }
    const read = present(found.mergedFiles[i], "look at a merged file");
    const problem = fileProblem(file, read) ?? groupProblem(job, report.spec, file, fixed);
    if (problem !== undefined) problems.push(`${file.path}: ${problem}`);
    bytes += file.sizeBytes;
  }
  const count = report.mergedFiles.length;
  return {
    name: "merged files",
    summary: `${count} with the size and adler32 reported, ${bytes} bytes`,
    problems,
  };
}

/** True for a path that the auditor may open: the report is not trusted to name a file elsewhere. */
export function isInMergedFolder(job: JobNumber, path: string): boolean {
  const folder = `${mergedFolder(job)}/`;
  return path.startsWith(folder) && /^[^/\0]+$/.test(path.slice(folder.length)) && !path.endsWith("/..");
}

/** (V4) */
function groupProblem(
  job: JobNumber,
  spec: ReportedSpec,
  { group: number, path, spans, missing }: MergedFile,
  fixed: FixedGroups | undefined,
): string | undefined {
  if (fixed === undefined) return undefined;
  const place = fixed.placeOf(groupNumber(number));
  const expected = mergedPath(job, place, spec);
  if (path !== expected) return `expected ${expected} for group ${number}`;
  const members = fixed.membersOf(place.group);
  const end = members.first + members.count;
  const stray = spans.find(([first, count]) => first < members.first || first + count > end);
  if (stray !== undefined) return `expected ranges ${members.first}-${end - 1}, found [${stray.join(", ")}]`;
  if (place.late > 0) return undefined;
  const lacks = spansOfPairs(missing);
  const has = without(members, lacks);
  const isAll = JSON.stringify(has) === JSON.stringify(spansOfPairs(spans));
  return isAll ? undefined : `expected all of ranges ${members.first}-${end - 1} in it or called missing`;
}

function spansOfPairs(pairs: MergedFile["spans"]): Spans {
  return { first: pairs.map(([first]) => first), count: pairs.map(([, count]) => count) };
}

function checkMergedFolder(report: JobReport, found: FoundFiles): Check {
  const named = new Set(report.mergedFiles.map(({ path }) => path)); // (V3)
  const strangers = found.inMergedFolder.filter((path) => !named.has(path));
  const problems = strangers.map((path) =>
    path.endsWith(".tmp")
      ? `${path}: a temporary file was left behind`
      : `${path}: the report does not name it`,
  );
  return { name: "merged folder", summary: "holds the merged files and nothing else", problems };
}
