// How a user's program is run for one range. Each kind of payload has a maker.
//
//   Y1. A run that is started ends once: `onEnd` is told, whatever happens, and perhaps before `start` returns.
//   Y2. A run that is no longer wanted is aborted; it ends soon after that, when no program works on it any more.
//   Y3. A run that is recalled ends as aborted if no program has begun it; if one has, it goes on.
//
// Ranges may be shorter than a tenth of a millisecond. So a run is one object, told of by plain calls, and costs no promise
// and no signal where its program lives already.

import type { EventRange } from "../../shared/core/event-range.js";
import { failureOf, type Failure } from "../../shared/core/failure.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { InputFile, JobSpec } from "../../shared/core/job-spec.js";
import { errorMessage } from "../../shared/io/error-code.js";
import type { HeldRange } from "../core/held.js";

/** One range to be run, which is told what comes of it. */
export interface PayloadRun {
  readonly slot: number;
  readonly held: HeldRange;
  /** In a process of its own. */
  readonly alone: boolean;
  readonly spec: JobSpec;
  /** Where the events are. */
  readonly input: InputFile;
  readonly events: EventRange;
  /** Empty, and nobody else can read it; undefined where no program is made for the range. */
  readonly folder: string | undefined;
  /** Where the output is to be: there is nothing yet, and its folder is there. Undefined in a job without outputs. */
  readonly output: string | undefined;
  /** It was aborted: who has not passed it on yet ends it. */
  readonly isAborted: boolean;
  /** The same, if it was recalled. */
  readonly isRecalled: boolean;
  /** So often was it recalled before, and ended so. */
  readonly recalls: number;
  /** What its node has for it; for those who prepare nodes to change, before its program begins. */
  prepared: Preparation;
  /** The program has begun. */
  onBegin(): void;
  /** The program has been started for it, or a program that lives has been told of it. */
  onHandOver(): void;
  /** So many events of the range are done, as a program says. */
  onProgress(events: number): void;
  /** (Y1) */
  onEnd(end: PayloadEnd): void;
}

/** What a node has for a range (job-places.ts). */
export interface Preparation {
  /** The job's folder on the node. */
  readonly jobScratch?: string;
  /** A copy of the input on the node, which the program is given in its place. */
  readonly inputCopy?: string;
  /** To be called when the run has ended. */
  readonly giveBack?: () => void;
}

export const unprepared: Preparation = {};

/** How a run ended. `made` says that the program ended well; the output is for others to check. */
export type PayloadEnd =
  | { readonly kind: "made"; readonly wallMs: number }
  | { readonly kind: "failure"; readonly failure: Failure }
  /** The process died while it ran other ranges too. */
  | { readonly kind: "suspect" }
  /** It was given up as it was aborted. */
  | { readonly kind: "aborted" };

export interface Payload {
  /** Throws nothing (Y1). */
  start(run: PayloadRun): void;
  /** (Y2) */
  abort(run: PayloadRun): void;
}

/** A payload whose processes may outlive a range. */
export interface LastingPayload extends Payload {
  /** (Y3) */
  recall(run: PayloadRun): void;
  /** Nothing more of the job will be run. */
  endJob(job: JobNumber): void;
  /** Ends all processes. */
  close(): Promise<void>;
}

/** How a run ended that met an error of ours, or of the node. */
export function endOfError(
  run: Pick<PayloadRun, "isAborted">,
  error: unknown,
): Extract<PayloadEnd, { kind: "failure" | "aborted" }> {
  if (run.isAborted) return { kind: "aborted" };
  const message = `cannot run the range on this node: ${errorMessage(error)}`;
  return { kind: "failure", failure: failureOf("node", message) };
}
