// P1 and P3: what lies under final names, and what the reports say of it.
//
//   - Nothing has a final name before its merge-accepted is durable, and nothing changes there afterwards.
//   - A merged file is made of its group's members, each once, by the grants that won.
//   - What it was made of stays until it is there.
//   - Every range of an ended job is in one merged file, or failed or kept in the report.
//   - Where nothing is merged every range is done or failed in the report. A job without outputs writes no file; one that keeps
//     them has those of all ranges that are done.

import { fateOfOutputs } from "../../../services/shared/core/job-spec.js";
import type { WholeReport } from "../../../services/shared/core/whole-report.js";
import type { SharedFiles } from "../shared-files.js";
import { checksumOf, sizeOf, type SimFile } from "../sim-file.js";
import type { Sighting } from "../sighting.js";
import type { Books } from "./books.js";
import type { JobBook } from "./job-book.js";
import type { Complain, Oracle } from "./oracle.js";

export function mergedFilesOracle(files: SharedFiles, complain: Complain): Oracle {
  /** Under final names, as they were published. */
  const finals = new Map<string, SimFile>();
  const reports = new Map<number, WholeReport>();
  const lost = new Set<string>();
  return {
    see: (sighting, books) => {
      switch (sighting.kind) {
        case "file-renamed":
          judgeRename(sighting, books, complain);
          finals.set(sighting.to, sighting.file);
          break;
        case "file-written":
          if (isFinalName(sighting.path)) complain("P3", `${sighting.path} was written in place`);
          judgeWritten(sighting, books, complain);
          break;
        case "file-removed":
          if (finals.has(sighting.path)) complain("P3", `${sighting.path} was removed`);
          else judgeRemoval(sighting, books, { finals, complain });
          break;
        case "file-lost":
          lost.add(sighting.path);
          break;
        case "report-written":
          reports.set(sighting.job, sighting.report);
          break;
        default:
      }
    },
    end: (books) => {
      for (const job of books.jobs.values()) {
        if (job.broken) continue; // Its report tells of before.
        const report = reports.get(job.number);
        if (report === undefined) complain("P1", `job ${job.number} is over and has no report`);
        else judgeReport(job, report, { finals, files, lost, complain });
      }
    },
  };
}

function judgeWritten(
  { path, file }: Extract<Sighting, { kind: "file-written" }>,
  books: Books,
  complain: Complain,
): void {
  const job = file.copies[0] === undefined ? undefined : books.jobs.get(file.copies[0].job);
  if (job?.spec.outputs === "none") complain("P1", `${path} was written, and its job makes no outputs`);
}

type Rename = Extract<Sighting, { kind: "file-renamed" }>;

function isFinalName(path: string): boolean {
  return path.includes("/merged/") && !path.endsWith(".tmp");
}

function judgeRename({ from, to, file, replaced }: Rename, books: Books, complain: Complain): void {
  const place = [...books.jobs.values()]
    .flatMap((job) => [...job.groups].map(([number, group]) => ({ job, number, group })))
    .find(({ job, number }) => job.finalPath(number) === to);
  if (place === undefined) {
    complain("P3", `${to} appeared, and no group of that name is planned on the disk`);
    return;
  }
  const { job, number, group } = place;
  if (replaced !== undefined) complain("P3", `${to} was replaced`);
  if (group.accepted === undefined) {
    complain("P3", `${to} appeared before merge-accepted was durable`);
    return;
  }
  if (!from.endsWith(`/${number}.${group.accepted.grant}.tmp`)) {
    complain("P3", `${to} was made from ${from}, and accepted was grant ${group.accepted.grant}`);
  }
  const { sizeBytes, adler32 } = group.accepted.file;
  if (file.isDamaged || sizeOf(file) !== sizeBytes || checksumOf(file) !== adler32) {
    complain("P3", `${to} is not the file that was accepted: ${textOf(file)}`);
  }
  const expected = group.ranges.map((range) => `${range}/${job.winner.get(range) ?? "?"}`);
  const found = file.copies.map(({ range, grant }) => `${range}/${grant}`);
  if (expected.toSorted().join() !== found.toSorted().join()) {
    complain(
      "P3",
      `${to} should have the outputs ${expected.join(" ")} (range/grant), and has ${found.join(" ")}`,
    );
  }
}

/** An output may go when its merged file is there, or when it never was, or is no longer, its range's output. */
function judgeRemoval(
  { path, file, by }: Extract<Sighting, { kind: "file-removed" }>,
  books: Books,
  { finals, complain }: { readonly finals: ReadonlyMap<string, SimFile>; readonly complain: Complain },
): void {
  if (!path.includes("/outputs/")) return;
  for (const { job: number, range, grant } of file.copies) {
    const job = books.job(number);
    if (job.winner.get(range) !== grant) {
      if (job.mayStillWin(range, grant))
        complain("P4", `${by} removed ${path}, which may still be its range's output`);
      continue;
    }
    const group = [...job.groups].find(([, { ranges }]) => ranges.includes(range));
    const final = group === undefined ? undefined : finals.get(job.finalPath(group[0]));
    if (group === undefined || final === undefined) {
      complain("P3", `${by} removed ${path} before a merged file with it was published`);
    } else if (group[1].stage !== "published") {
      complain("P3", `${by} removed ${path} before merge-published was durable`);
    }
  }
}

interface Shelf {
  readonly finals: ReadonlyMap<string, SimFile>;
  readonly files: SharedFiles;
  readonly lost: ReadonlySet<string>;
  readonly complain: Complain;
}

/** (P1) */
function judgeReport(job: JobBook, report: WholeReport, shelf: Shelf): void {
  const { complain } = shelf;
  const finals = [...shelf.finals].filter(([path]) => path.startsWith(`jobs/${job.number}/merged/`));
  const places = new Map<number, string[]>();
  for (const [range, place] of placesOf(job, finals, report))
    places.set(range, [...(places.get(range) ?? []), place]);
  for (let range = 0; range < job.layout.ranges; range += 1) {
    const found = places.get(range) ?? ["neither merged nor done nor failed nor kept"];
    if (found.length > 1 || !places.has(range))
      complain("P1", `range ${range} of job ${job.number} is ${found.join(" and ")}`);
  }
  if (places.size > job.layout.ranges)
    complain("P1", `job ${job.number} has ${job.layout.ranges} ranges, and ${places.size} were found`);
  const expected = finals.map(([path]) => path).sort();
  const told = report.mergedFiles.map(({ path }) => path).sort();
  if (expected.join() !== told.join())
    complain("P1", `the report names ${told.join()}, and there are ${expected.join()}`);
  for (const [path, file] of finals)
    if (shelf.files.read(path) !== file) complain("P3", `${path} has changed`);
  for (const { spans } of keptIn(job, report)) judgeKept(job, rangesOf(spans), shelf);
}

function keptIn(
  { spec }: JobBook,
  { done, keptGroups }: WholeReport,
): readonly Pick<WholeReport["done"], "spans">[] {
  return fateOfOutputs(spec) === "kept" ? [done] : keptGroups;
}

/** Where each range came to lie. What is done and still to be merged lies nowhere yet. */
function* placesOf(
  { spec }: JobBook,
  finals: readonly (readonly [path: string, file: SimFile])[],
  report: WholeReport,
): Generator<readonly [range: number, place: string]> {
  for (const [path, file] of finals) for (const { range } of file.copies) yield [range, `in ${path}`];
  for (const { spans, message } of report.failed)
    for (const range of rangesOf(spans)) yield [range, `failed: ${message}`];
  if (fateOfOutputs(spec) !== "merged")
    for (const range of rangesOf(report.done.spans)) yield [range, "done"];
  for (const { spans, group } of report.keptGroups)
    for (const range of rangesOf(spans)) yield [range, `kept in group ${group}`];
}

function judgeKept(job: JobBook, ranges: Iterable<number>, { files, lost, complain }: Shelf): void {
  for (const range of ranges) {
    const path = job.outputPath(range, job.winner.get(range) ?? 0);
    const file = files.read(path);
    if (!lost.has(path) && (file === undefined || file.isDamaged))
      complain("P2", `${path} should be kept, and is gone`);
  }
}

function* rangesOf(spans: readonly (readonly [number, number])[]): Generator<number> {
  for (const [first, count] of spans) for (let range = first; range < first + count; range += 1) yield range;
}

function textOf(file: SimFile): string {
  const copies = file.copies.map(({ range, grant }) => `${range}/${grant}`).join(" ");
  return `${file.isDamaged ? "not whole, " : ""}outputs ${copies}`;
}
