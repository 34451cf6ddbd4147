// A job, complete: every default filled in, every path absolute. What a job file says is parsed into this once, by the
// command line; the services pass it on unchanged.

import type { FailureClass } from "./failure.js";
import type { Labels } from "./labels.js";
import type { PayloadNeeds } from "./payload-needs.js";

/** One input file, or a part of one: the events [firstEvent, firstEvent + events). */
export interface InputFile {
  /** Absolute path, as the nodes see it. */
  readonly path: string;
  /** From 1. */
  readonly firstEvent: number;
  /** At least 1. */
  readonly events: number;
  /** The catalogue's name for the file; empty when it has none. */
  readonly guid: string;
  /** The catalogue's scope of the file; empty when it has none. */
  readonly scope: string;
  /** Size and time of last change at submission: a resumed job refuses a file that has changed. */
  readonly sizeBytes: number;
  readonly modifiedUnixMs: number;
}

/**
 * How one range is run. `{input} {first} {last} {output} {jobDir}` in the command are filled in; no shell reads it. There is
 * no `{output}` in a job without outputs.
 */
export interface ExecPayload {
  readonly kind: "exec";
  readonly command: readonly string[];
  /** A range that takes longer fails, and its process is ended. */
  readonly timeoutMs: number;
  readonly needs: PayloadNeeds;
}

/** A process lives for many ranges, which it is told of over a pipe. `{jobDir}` in the command is filled in. */
export interface StreamPayload {
  readonly kind: "stream";
  readonly command: readonly string[];
  /** Ranges that one process works on at a time; 0: as many as its node has slots. */
  readonly slotsPerProcess: number;
  /** A process that is not ready after so long is ended. */
  readonly startTimeoutMs: number;
  /** A range that takes longer fails, and its process is ended. */
  readonly timeoutMs: number;
  readonly needs: PayloadNeeds;
}

export type PayloadSpec = ExecPayload | StreamPayload;

/** How one range is run on nodes that have these labels. */
export interface PayloadVariant {
  readonly requires: Labels;
  readonly payload: PayloadSpec;
}

/**
 * What fuses the outputs of a group. `concat` joins their bytes, `tar` makes an archive of them. In a `command`, `{inputs}`
 * is the path of a file with one input path a line and `{output}` the file to be made; `{guid}` and `{jobDir}` are filled in too.
 * With `none` outputs stay as they are.
 */
export type MergeTool =
  | { readonly kind: "concat" }
  | { readonly kind: "tar" }
  | { readonly kind: "command"; readonly command: readonly string[] }
  | { readonly kind: "none" };

/** Which outputs make a group. */
export type MergeGrouping =
  /** Whatever is done first, of any input. An output waits at most so long for others; undefined: until there are enough. */
  | { readonly kind: "arrival"; readonly maxDelayMs: number | undefined }
  /** Ranges that follow each other, the same in every run (fixed-groups.ts); of one input, unless `acrossFiles`. */
  | { readonly kind: "range"; readonly acrossFiles: boolean };

/**
 * Commands that look at each merged file before it is reported; none where there are no words. `{output}` is the file;
 * `{jobDir}` is filled in too.
 */
export interface MergeChecks {
  /** Prints the number of events in the file first; another number than it should be fails the try. */
  readonly count: readonly string[];
  /** Ends with exit code 0 when the file is good. */
  readonly check: readonly string[];
}

/** Outputs of one merge group: a merger holds the list of them in memory. */
export const groupOutputsMax = 1_000_000;

export interface MergeSpec {
  readonly grouping: MergeGrouping;
  /** Outputs of a group by arrival, ranges of a group by range; 1 to `groupOutputsMax`. The last may have fewer. */
  readonly everyOutputs: number;
  readonly tool: MergeTool;
  /** So many tries before a group is given up; at least 1. */
  readonly attemptsMax: number;
  /** A merge command, or a check, that runs longer is ended, and its try fails. */
  readonly timeoutMs: number;
  readonly checks?: MergeChecks;
}

export interface RetrySpec {
  /** A range fails for good after so many failures of its payload, 1 to 255. */
  readonly attemptsMax: number;
  readonly backoff: Backoff;
  /** What the end of a payload means; the first rule that fits counts, and process-failure.ts where none does. */
  readonly rules: readonly FailureRule[];
}

/** A range that failed waits: `firstMs`, and twice as long after each further failure, up to `lastMs`. 0 is no wait. */
export interface Backoff {
  readonly firstMs: number;
  /** At least `firstMs`. */
  readonly lastMs: number;
}

export const defaultBackoff: Backoff = { firstMs: 1_000, lastMs: 60_000 };

/** What a payload's end means when it has one of these exit codes, or one of these signals ended it, or our timeout. */
export interface FailureRule {
  /** 1 to 255. */
  readonly exitCodes: readonly number[];
  /** Such as `SIGKILL`. */
  readonly signals: readonly string[];
  readonly timeout: boolean;
  readonly class: FailureClass;
}

/** Near the end of a job, idle slots get copies of ranges that run for very long; the first output wins. */
export interface SpeculationSpec {
  readonly enabled: boolean;
  /** What takes so many times as long as nearly all others took is copied, 1 to 100. */
  readonly factor: number;
}

export const defaultSpeculation: SpeculationSpec = { enabled: true, factor: 2 };

/** `strict`: output and folder are fsynced before they are reported; `relaxed`: not, and a lost output is done again. */
export type Durability = "strict" | "relaxed";

/** `files`: each range makes one; `none`: no range makes any, nothing is stored or merged, and a range is over when it is done. */
export type Outputs = "files" | "none";

/** The default. */
export const byArrival: MergeGrouping = { kind: "arrival", maxDelayMs: undefined };

/** What stands in the place of a merge rule where nothing is merged. */
export const nothingToMerge: MergeSpec = {
  grouping: byArrival,
  everyOutputs: 1,
  tool: { kind: "none" },
  attemptsMax: 1,
  timeoutMs: 1,
};

export interface JobSpec {
  /** For people; also the stem of the merged files' names. Letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  /** The folder of the job file: where commands run relative to, as `{jobDir}`. */
  readonly jobDir: string;
  readonly inputs: readonly InputFile[];
  /** At least 1. The last range of an input may have fewer. */
  readonly eventsPerRange: number;
  readonly payload: PayloadSpec;
  /** Labels that a node must have to be granted ranges; usually none. */
  readonly requires: Labels;
  /** The first whose labels a node has is run there instead of `payload`; usually none. */
  readonly variants: readonly PayloadVariant[];
  /** Without them, the next two and `durability` mean nothing. */
  readonly outputs: Outputs;
  /** Ending of output and merged files, with its dot; may be empty. */
  readonly outputSuffix: string;
  readonly merge: MergeSpec;
  readonly retry: RetrySpec;
  readonly speculation: SpeculationSpec;
  readonly durability: Durability;
  /** Ranges may be added until the job is closed; then it may have no inputs at first. */
  readonly open: boolean;
  /** Jobs of a higher one are served first, and those of one priority in the order in which they came. 32 bits. */
  readonly priority: number;
}

/** What becomes of a job's outputs: they are merged, or stay as they are and are what the job was for; or there are none. */
export type OutputFate = "merged" | "kept" | "none";

export function fateOfOutputs({
  outputs,
  merge,
}: Pick<JobSpec, "outputs"> & { readonly merge: { readonly tool: Pick<MergeTool, "kind"> } }): OutputFate {
  if (outputs === "none") return "none";
  return merge.tool.kind === "none" ? "kept" : "merged";
}
