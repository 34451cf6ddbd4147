// What `noctua check` prints of a good job file.

import { formatDuration } from "../../shared/core/duration.js";
import { harmless } from "../../shared/core/harmless.js";
import { formatSize } from "../../shared/core/size.js";
import { shellWords } from "./shell-words.js";
import type { JobOutlook } from "./job-outlook.js";

export function outlookText(file: string, outlook: JobOutlook): string {
  const lines = [
    `${file} is good. It would run`,
    "",
    `  job      ${outlook.name}${outlook.open ? ", open: inputs may be added until it is closed" : ""}`,
    `  inputs   ${inputsText(outlook)}`,
    `  ranges   ${rangesText(outlook)}`,
    `  payload  ${payloadText(outlook)}`,
    `  nodes    ${nodesText(outlook)}`,
    `  outputs  ${outputsText(outlook)}`,
    "",
    ...commandLines(outlook),
  ];
  return harmless(lines.join("\n"));
}

function inputsText({ inputs: { files, events, sizeBytes } }: JobOutlook): string {
  return files === 0
    ? "none yet"
    : `${counted(files, "file")}, ${counted(events, "event")}, ${formatSize(sizeBytes)}`;
}

function rangesText({ ranges, eventsPerRange }: JobOutlook): string {
  const of = ranges === 1 ? "of" : "each of";
  return `${ranges.toLocaleString("en-US")}, ${of} ${eventsPerRange === 1 ? "1 event" : `${eventsPerRange} events at most`}`;
}

function payloadText({ payload: { kind, cores, timeoutMs } }: JobOutlook): string {
  const how = kind === "exec" ? "a process for each range" : "processes that live for many ranges";
  return `${kind}, ${how}; ${counted(cores, "core")}; ${formatDuration(timeoutMs)} at most`;
}

function nodesText({ requires, variants }: JobOutlook): string {
  const labels = Object.entries(requires).map(([key, value]) => `${key}=${value}`);
  const those = labels.length === 0 ? "any" : `those with ${labels.join(", ")}`;
  return variants === 0 ? those : `${those}; other payloads on some (${counted(variants, "variant")})`;
}

function outputsText({ outputs, merge, ranges }: JobOutlook): string {
  if (outputs === "none") return "none";
  if (merge === undefined) return `${counted(ranges, "file")}, kept as they are`;
  const { files, every, grouping, kind, firstFile } = merge;
  const many = files === undefined ? "merged files" : counted(files, "merged file");
  const most = files !== undefined && files * every === ranges ? "" : "at most ";
  const group =
    ranges > 0 && every >= ranges ? "of all outputs" : `of ${most}${counted(every, "output")} each`;
  const order = grouping === "range" ? "in their order" : "as they are done";
  return `${many} ${group}, ${order}, by ${kind}:\n           ${firstFile}${files === 1 ? "" : " …"}`;
}

function commandLines({ payload, firstRange }: JobOutlook): readonly string[] {
  const { kind, command, environment, passEnvironment, setup } = payload;
  const lines: string[] = [];
  if (setup !== undefined) lines.push("On each node, first:", `  ${shellWords(setup)}`, "");
  if (kind === "stream") lines.push("Each process, told of its ranges over pipes:");
  else if (firstRange === undefined) lines.push("For each range:");
  else {
    const { input, firstEvent, lastEvent } = firstRange;
    const events = firstEvent === lastEvent ? `event ${firstEvent}` : `events ${firstEvent}-${lastEvent}`;
    lines.push(`The first range, ${events} of ${input}, in an empty folder:`);
  }
  lines.push(`  ${shellWords(command)}`);
  const set = Object.entries(environment).map(([name, value]) => `  ${name}=${shellWords([value])}`);
  const passed = passEnvironment.map((name) => `  ${name}, as the actor has it`);
  if (set.length + passed.length > 0) lines.push("", "With these variables:", ...set, ...passed);
  return lines;
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
}
