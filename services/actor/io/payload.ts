// How a user's program is run for one range. Each kind of payload has a maker.

import type { EventRange } from "../../shared/core/event-range.js";
import type { Failure } from "../../shared/core/failure.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { InputFile, JobSpec } from "../../shared/core/job-spec.js";
import type { HeldRange } from "../core/held.js";

/** One range to be run. */
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
  /** A copy of the input on the node, which the program is given in its place; none when it is not said. */
  readonly inputCopy?: string;
  /** The job's folder on the node, where it has one (job-places.ts). */
  readonly jobScratch?: string;
  /** Told when the program has begun. */
  readonly onBegin: () => void;
  /** Told when the program has been started for it, or a program that lives has been told of it. */
  readonly onHandOver: () => void;
  /** Told how many events of the range are done, by a program that says so. */
  readonly onProgress: (events: number) => void;
}

/** How a run ended. `made` says that the program ended well; the output is for others to check. */
export type PayloadEnd =
  | { readonly kind: "made"; readonly wallMs: number }
  | { readonly kind: "failure"; readonly failure: Failure }
  /** The process died while it ran other ranges too. */
  | { readonly kind: "suspect" }
  /** It was given up as the signal asked, and its process may live. */
  | { readonly kind: "aborted" };

export interface Payload {
  /** Rejects only with the signal's reason, when told to stop; no process of the run is left then. */
  run(run: PayloadRun, signal: AbortSignal): Promise<PayloadEnd>;
}

/** A payload whose processes may outlive a range. */
export interface LastingPayload extends Payload {
  /** Nothing more of the job will be run. */
  endJob(job: JobNumber): void;
  /** Ends all processes. */
  close(): Promise<void>;
}
