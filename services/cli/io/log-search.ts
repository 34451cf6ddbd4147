// Looks for the parts of logs that somebody asks for.
//
//   S1. What is found is kept as places in files, and so many of them at most; their text is read when it is shown.

import type { LoggedEnd, LoggedMerge, LoggedMergeEnd, LoggedRange } from "../../shared/core/logged.js";
import { isAskedFor, isMergeAskedFor, isOfMany, type LogQuestion } from "../core/log-question.js";
import type { SectionHead } from "../core/log-text.js";
import type { FoundLog } from "./log-folders.js";
import { LogReader, openLog, type LogItem } from "./log-lines.js";

/** Part of a log that was written while the same ranges were processed, or by one command of a merge. */
export interface LogSection {
  readonly file: FoundLog;
  readonly head: SectionHead;
  /** Where its text lies in the file. */
  readonly from: number;
  to: number;
  leftOutBytes: number;
  /** Of ranges of it, or of its merge, which had no later section. */
  readonly ends: (LoggedEnd | LoggedMergeEnd)[];
}

/** Which nodes are wanted: all when undefined. */
export interface LogSearch {
  readonly question: LogQuestion;
  readonly node: string | undefined;
}

/** What was found. Sections are in the order of time. */
export interface FoundSections {
  /** Of what was asked for; of a whole job or all its merges, those with failures, or the last ones when nothing failed. */
  readonly sections: readonly LogSection[];
  /** There were more, which are older. */
  readonly leftOut: number;
  /** Logs that are gone. */
  readonly rotatedAway: number;
  /** How far each file was read, to go on from there. */
  readonly readers: ReadonlyMap<string, LogReader>;
}

/** Of a job that is asked for as a whole. */
const sectionsOfJobMax = 5;
const sectionsOfRangeMax = 1_000;

export async function searchLogs(
  files: readonly FoundLog[],
  search: LogSearch,
  signal: AbortSignal,
): Promise<FoundSections> {
  const isOfJob = isOfMany(search.question);
  const wanted = new Newest(isOfJob ? sectionsOfJobMax : sectionsOfRangeMax);
  const others = new Newest(sectionsOfJobMax);
  const readers = new Map<string, LogReader>();
  let rotatedAway = 0;
  for (const file of files) {
    const found = await searchLog(file, search, signal);
    if (found === undefined) continue;
    readers.set(file.key, found.reader);
    if (!file.isOld) rotatedAway += Math.max(0, found.rotated - 1); // The last of them is kept.
    for (const section of found.sections) {
      if (isWanted(search, section)) wanted.add(section);
      else if (isOfJob && section.to > section.from) others.add(section);
    }
  }
  const { sections, leftOut } = wanted.found().sections.length > 0 ? wanted.found() : others.found();
  return { sections, leftOut, rotatedAway, readers };
}

/** Sections are kept as they are read, since the ends of their ranges come later. */
async function searchLog(
  file: FoundLog,
  search: LogSearch,
  signal: AbortSignal,
): Promise<{ sections: readonly LogSection[]; rotated: number; reader: LogReader } | undefined> {
  const handle = await openLog(file.path, file.key);
  if (handle === undefined) return undefined; // It was put aside twice meanwhile.
  try {
    const reader = new LogReader(file);
    const sections = new SectionBuilder(file, search);
    for await (const item of reader.read(handle, { to: file.sizeBytes, isGrowing: true }, signal))
      sections.add(item);
    return { sections: sections.done(), rotated: sections.rotated, reader };
  } finally {
    await handle.close();
  }
}

/** In one log, at most so many sections are kept of a job as a whole: it has more only if it is full of tiny ones. */
const sectionsOfLogMax = 4_096;

class SectionBuilder {
  rotated = 0;
  readonly #file: FoundLog;
  readonly #search: LogSearch;
  #section: LogSection | undefined;
  #sections: LogSection[] = [];
  /** The last section of each range or merge that has not ended. */
  readonly #lastOf = new Map<string, LogSection>();

  constructor(file: FoundLog, search: LogSearch) {
    this.#file = file;
    this.#search = search;
  }

  add(item: LogItem): void {
    if (item.kind === "rotated") this.rotated = item.logs;
    else if (item.kind === "head") this.#begin(item.head, item.to);
    else if (item.kind === "end") this.#end(item.end);
    else {
      const section = this.#section ?? this.#begin(item.head, item.from);
      if (item.kind === "text") section.to = item.to;
      else section.leftOutBytes += item.bytes;
    }
  }

  done(): readonly LogSection[] {
    return this.#sections;
  }

  #begin(head: SectionHead, from: number): LogSection {
    const section = { file: this.#file, head, from, to: from, leftOutBytes: 0, ends: [] };
    this.#section = section;
    if (!mayBeWanted(this.#search, head)) return section;
    for (const range of head.ranges) this.#lastOf.set(keyOf(range), section);
    if (head.merge !== undefined) this.#lastOf.set(keyOf(head.merge), section);
    this.#sections.push(section);
    if (this.#sections.length > 2 * sectionsOfLogMax)
      this.#sections = this.#sections.slice(-sectionsOfLogMax);
    return section;
  }

  #end(end: LoggedEnd | LoggedMergeEnd): void {
    this.#lastOf.get(keyOf(end))?.ends.push(end);
    this.#lastOf.delete(keyOf(end));
  }
}

function keyOf(of: Pick<LoggedRange, "range" | "grant"> | Pick<LoggedMerge, "group" | "grant">): string {
  return "group" in of ? `group ${of.group}.${of.grant}` : `${of.range}.${of.grant}`;
}

/** Of a job as a whole nobody knows before the end. */
export function mayBeWanted({ question, node }: LogSearch, head: SectionHead): boolean {
  if (node !== undefined && head.actor !== node && head.node !== node) return false;
  if (head.merge !== undefined) return isMergeAskedFor(question, head.merge);
  return question.kind === "job" || head.ranges.some((range) => isAskedFor(question, range));
}

function isWanted({ question }: LogSearch, section: LogSection): boolean {
  if (!isOfMany(question)) return true;
  return section.ends.some(({ outcome }) => outcome === "failed");
}

/** The newest sections that were seen. */
class Newest {
  readonly #max: number;
  #kept: LogSection[] = [];
  #seen = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(section: LogSection): void {
    this.#seen += 1;
    this.#kept.push(section);
    if (this.#kept.length >= 2 * this.#max) this.#kept = this.#newest();
  }

  found(): { readonly sections: readonly LogSection[]; readonly leftOut: number } {
    const sections = this.#newest();
    return { sections, leftOut: this.#seen - sections.length };
  }

  #newest(): LogSection[] {
    const inOrder = this.#kept.sort((a, b) => timeOf(a).localeCompare(timeOf(b)) || a.from - b.from);
    return inOrder.slice(-this.#max);
  }
}

/** When it was over, as far as that was written down; ISO times sort as text. */
function timeOf({ file, head, ends }: LogSection): string {
  const last = ends.at(-1)?.at ?? head.at;
  return last === "" ? new Date(file.modifiedMs).toISOString() : last;
}
