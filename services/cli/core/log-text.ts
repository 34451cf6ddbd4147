// How `noctua logs` says what a log says. Whatever is not Noctua's own word is harmless to a terminal.

import { harmless } from "../../shared/core/harmless.js";
import type { LoggedEnd, LoggedMerge, LoggedMergeEnd, LoggedRange } from "../../shared/core/logged.js";

/** Where and when a part of a log was written, and while which ranges were processed, or by a command of which merge. */
export interface SectionHead {
  /** The folder that it is in. */
  readonly actor: string;
  /** Such as `slot1`. */
  readonly log: string;
  readonly node: string;
  /** In ISO 8601; empty when nobody wrote it down. */
  readonly at: string;
  readonly ranges: readonly LoggedRange[];
  readonly merge: LoggedMerge | undefined;
}

/** Ranges of one process that are named. */
const rangesShown = 4;

/** Above what was written. */
export function headText({ actor, log, node, at, ranges, merge }: SectionHead): string {
  const place = node === "" || node === actor ? `${actor}, ${log}` : `${node} (${actor}, ${log})`;
  const when = at === "" ? "" : `, ${secondsOf(at)}`;
  return harmless(`== ${merge === undefined ? whatOf(ranges) : nameOfMerge(merge)} on ${place}${when}`);
}

function whatOf(ranges: readonly LoggedRange[]): string {
  const [one] = ranges;
  if (one === undefined) return "no range";
  const rest = ranges.length - rangesShown;
  const named = ranges.slice(0, rangesShown).map(nameOf).join("; ");
  const several = rest > 0 ? `${named}; and ${rest} more` : named;
  return ranges.length === 1 ? nameOf(one) : `one process with ${several}`;
}

function nameOf({ range, grant, input, first, last }: LoggedRange): string {
  const events = first === last ? `event ${first}` : `events ${first}-${last}`;
  return `range ${range} (${events} of ${input}), grant ${grant},`;
}

function nameOfMerge({ group, grant, command }: LoggedMerge): string {
  return `merge group ${group}, grant ${grant},${command === undefined ? "" : ` its ${command},`}`;
}

/** Below it. */
export function endText(end: LoggedEnd | LoggedMergeEnd): string {
  const of = "group" in end ? `merge group ${end.group}` : `range ${end.range}`;
  const what = `== ${of}, grant ${end.grant}, ${endings[end.outcome]} after ${end.seconds} s`;
  const codes = [
    ...(end.class === undefined ? [] : [end.class]),
    ...(end.exitCode === undefined ? [] : [`exit code ${end.exitCode}`]),
    ...(end.signal === undefined ? [] : [end.signal]),
  ];
  const how = codes.length === 0 ? "" : ` (${codes.join(", ")})`;
  const why = end.message === undefined ? "" : `: ${end.message.replaceAll("\n", " ")}`;
  return harmless(`${what}${how}${why}`);
}

const endings = {
  made: "ended well",
  failed: "failed",
  suspect: "was in a process that died",
  stopped: "was stopped, since it was not wanted any more,",
} as const satisfies Record<LoggedEnd["outcome"], string>;

/** Indented, so that no program can write what looks like a line of Noctua's. */
export function programText(line: string): string {
  return `  ${harmless(line.replace(/\r$/, ""))}`;
}

export function leftOutText(bytes: number): string {
  return `== ${bytes} more bytes were written, and not kept`;
}

export function linesAboveText(lines: number): string {
  return `  … ${lines === 1 ? "1 line" : `${lines} lines`} above (--lines shows more)`;
}

function secondsOf(isoTime: string): string {
  return isoTime.replace(/\.\d+Z$/, "Z");
}
