// Where the files of a job lie, relative to the workdir. Every service computes the same names from the same numbers.
//
//   N1. An output's name holds its grant, and a merged file's temporary name holds its: two grants never write one file.
//   N2. Folders fan out: none holds more than `fanOut` outputs of first grants.

import type { GrantNumber, GroupNumber, JobNumber } from "./id.js";
import type { JobSpec } from "./job-spec.js";
import type { EventRange } from "./event-range.js";
import type { GroupPlace } from "./fixed-groups.js";

/** Outputs in one folder. */
const fanOut = 4_096;

/** Where the folders of all jobs are. */
export const jobsFolder = "jobs";

/** Folder of a job. */
export function jobFolder(job: JobNumber): string {
  return `${jobsFolder}/${String(job)}`;
}

/** Folder of a job's outputs that are not merged yet. */
export function outputsFolder(job: JobNumber): string {
  return `${jobFolder(job)}/outputs`;
}

/** Folder of a job's merged files. */
export function mergedFolder(job: JobNumber): string {
  return `${jobFolder(job)}/merged`;
}

/** Folder of what actors leave that must stop while there is no driver (P6). */
export function handInFolder(job: JobNumber): string {
  return `${jobFolder(job)}/handin`;
}

/** What an output is of. */
export interface OutputOf {
  readonly job: JobNumber;
  readonly range: number;
  readonly grant: GrantNumber;
  /** The range's events, from the job's layout. */
  readonly events: EventRange;
}

/** Path of an output (N1, N2). Inputs are counted from 1 in names, as people count. */
export function outputPath(output: OutputOf, suffix: string): string {
  const { job, range, grant, events } = output;
  const folder = String(Math.floor(range / fanOut)).padStart(5, "0");
  const name = `input${String(events.input + 1)}.events${String(events.first)}-${String(events.last)}.grant${String(grant)}`;
  return `${outputsFolder(job)}/${folder}/${name}${suffix}`;
}

/** What an output is called in an archive: without its grant, so that it is the same in every run. */
export function archivedName({ input, first, last }: EventRange, suffix: string): string {
  return `input${String(input + 1)}.events${String(first)}-${String(last)}${suffix}`;
}

/** What the name of an output says, whole or becoming one. */
export interface OutputName {
  /** Index of the input, and the first event. */
  readonly input: number;
  readonly first: number;
  readonly grant: number;
}

/** Undefined when it is the name of something else. */
export function outputNamed(name: string): OutputName | undefined {
  const [, input, first, grant] = /^input(\d+)\.events(\d+)-\d+\.grant(\d+)/.exec(name) ?? [];
  if (input === undefined) return undefined;
  return { input: Number(input) - 1, first: Number(first), grant: Number(grant) };
}

/** Path of a merged file before it is published (N1). */
export function temporaryMergedPath(job: JobNumber, group: GroupNumber, grant: GrantNumber): string {
  return `${mergedFolder(job)}/${String(group)}.${String(grant)}.tmp`;
}

/** Path of the file that names a merge command its inputs, beside the one that it makes. */
export function inputListPath(output: string): string {
  return `${output.replace(/\.tmp$/, "")}.inputs.tmp`;
}

/** The grant in the name of a merged file that is not published, or of its list of inputs; undefined when it is something else. */
export function grantOfTemporary(name: string): number | undefined {
  return numberIn(/^\d+\.(\d+)\.(?:inputs\.)?tmp$/.exec(name));
}

function numberIn(match: RegExpExecArray | null): number | undefined {
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** Path of a merged file. */
export function mergedPath(
  job: JobNumber,
  { group, late }: GroupPlace,
  spec: Pick<JobSpec, "name" | "outputSuffix">,
): string {
  const number = String(group).padStart(4, "0");
  const when = late === 0 ? "" : `.late${String(late)}`;
  return `${mergedFolder(job)}/${spec.name}.${number}${when}${spec.outputSuffix}`;
}
