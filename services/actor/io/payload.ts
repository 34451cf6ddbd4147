// How a user's program is run for one range. Each kind of payload has a maker.

import type { EventRange } from "../../shared/core/event-range.js";
import type { Failure } from "../../shared/core/failure.js";
import type { InputFile, JobSpec } from "../../shared/core/job-spec.js";
import type { HeldRange } from "../core/held.js";

/** One range to be run. */
export interface PayloadRun {
  readonly slot: number;
  readonly held: HeldRange;
  readonly spec: JobSpec;
  /** Where the events are. */
  readonly input: InputFile;
  readonly events: EventRange;
  /** A folder of its own, empty, that nobody else can read. */
  readonly folder: string;
  /** Where the output is to be, in that folder. */
  readonly output: string;
  /** Told when the program has begun. */
  readonly onBegin: () => void;
}

/** How a run ended. `made` says that the program ended well; the output is for others to check. */
export type PayloadEnd =
  | { readonly kind: "made"; readonly wallMs: number }
  | { readonly kind: "failure"; readonly failure: Failure };

export interface Payload {
  /** Rejects only with the signal's reason, when told to stop; no process of the run is left then. */
  run(run: PayloadRun, signal: AbortSignal): Promise<PayloadEnd>;
}
