// A small job whose outputs say which events they are of, so that a test can count them without asking Noctua.

import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobNumber } from "../../services/shared/core/id.js";
import { mergedFolder } from "../../services/shared/core/names.js";

export interface ListedJob {
  /** Path of the job file. */
  readonly path: string;
  /** Every event of the job, as its line in a merged file: `<input> <event>`. */
  readonly events: readonly string[];
}

export interface ListedJobOptions {
  readonly inputs: number;
  readonly eventsPerInput: number;
  readonly eventsPerRange: number;
  /** Default: 100. */
  readonly mergeEvery?: number;
  /** `none`: it has neither outputs nor what goes with them. */
  readonly outputs?: "none";
  /** Shell lines that run before the output is written; `$first` and `$last` are set. */
  readonly before?: string;
  readonly attempts?: number;
  /** What follows `attempts` in the job file's retry. */
  readonly retry?: string;
  /** Inputs may be added to it. */
  readonly open?: boolean;
  /** Default: the payload that this module writes. */
  readonly program?: string;
  /** The job file's payload, in one line; default: the program, for each range. */
  readonly payload?: string;
  /** What follows `every` in the job file's merge; or none. */
  readonly merge?: string;
  /** More lines of the job file. */
  readonly more?: string;
}

/** Writes inputs, payload and job file into the folder. */
export async function writeListedJob(folder: string, options: ListedJobOptions): Promise<ListedJob> {
  await mkdir(folder, { recursive: true });
  const names = Array.from({ length: options.inputs }, (_, i) => `input${i + 1}.txt`);
  for (const name of names) await writeFile(join(folder, name), `${options.eventsPerInput} events\n`);
  const payload = join(folder, "payload.sh");
  await writeFile(payload, payloadText(options.before ?? ""));
  await chmod(payload, 0o755);
  const path = join(folder, "job.yaml");
  await writeFile(path, jobText(names, options));
  return { path, events: names.flatMap((name) => eventsOf(name, options.eventsPerInput)) };
}

function eventsOf(name: string, events: number): string[] {
  return Array.from({ length: events }, (_, i) => `${name} ${i + 1}`);
}

function payloadText(before: string): string {
  return `#!/bin/sh
# Lists its events, one a line: payload.sh INPUT FIRST LAST OUTPUT
set -eu
input=$1 first=$2 last=$3 output=$4
${before}
event=$first
while [ "$event" -le "$last" ]; do
  echo "\${input##*/} $event"
  event=$((event + 1))
done > "$output"
`;
}

function jobText(names: readonly string[], options: ListedJobOptions): string {
  return `name: listed
inputs:
${names.map((name) => `  - { path: ${name}, events: ${options.eventsPerInput} }`).join("\n")}
eventsPerRange: ${options.eventsPerRange}
payload: ${options.payload ?? execPayload(options.program ?? "{jobDir}/payload.sh")}
${options.outputs === undefined ? ofOutputs(options) : `outputs: ${options.outputs}`}
retry: { attempts: ${options.attempts ?? 3}, ${options.retry ?? ""} }
open: ${options.open ?? false}
${options.more ?? ""}`;
}

function ofOutputs({ mergeEvery = 100, merge = "kind: concat" }: ListedJobOptions): string {
  return `output: { suffix: .txt }
merge: ${merge === "none" ? merge : `{ every: ${mergeEvery}, ${merge} }`}`;
}

function execPayload(program: string): string {
  return `{ kind: exec, command: ["${program}", "{input}", "{first}", "{last}", "{output}"], timeout: 60s }`;
}

/** All lines of a job's merged files. */
export async function mergedLines(workdir: string, job: JobNumber): Promise<string[]> {
  const folder = join(workdir, mergedFolder(job));
  const names = (await readdir(folder)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text) => text.trimEnd().split("\n"));
}
