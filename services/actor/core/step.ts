// What an actor is told, and what it wants done: io/agent.ts lives it, a simulator replays it. All are plain values, save
// a job's plan, which goes by name and may grow meanwhile.

import type { Failure } from "../../shared/core/failure.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { JobPlanView } from "../../shared/core/job-plan.js";
import type { PeerAction, PeerEvent } from "../../shared/core/peer-step.js";
import type { HeldRange } from "./held.js";
import type { ActorMessage, DriverMessage } from "./message.js";
import type { JobResults, RangeDone, RangeOutput } from "./outbox.js";

/**
 * What a run came to. `aborted`: it was ended because `abort-range` asked for it. `suspect`: the payload process died
 * while it ran other ranges too, and nobody knows whose fault it was.
 */
export type RangeOutcome =
  | RangeOutput
  | RangeDone
  | { readonly kind: "failure"; readonly failure: Failure }
  | { readonly kind: "aborted" }
  | { readonly kind: "suspect" };

/** What an actor is told. */
export type ActorEvent =
  | PeerEvent
  | { readonly kind: "message"; readonly message: DriverMessage }
  | RunEvent
  /** When the node's wall time ends, as it is known now. */
  | { readonly kind: "wall-time-told"; readonly endsAtMs: number }
  /** Outputs wait for room where they are to be stored, or none does any more. */
  | { readonly kind: "storage-told"; readonly isWaiting: boolean }
  /** What came of several runs at once, in its order: told together, it costs one step. */
  | { readonly kind: "runs-told"; readonly events: readonly RunEvent[] };

/** What comes of a run. */
export type RunEvent =
  /** What a slot ran ended well, and its output is being stored: the slot is free for another range. */
  | { readonly kind: "payload-ended"; readonly held: HeldRange }
  /** A run has come to its end; if it still has its slot, that is free. */
  | { readonly kind: "range-ended"; readonly held: HeldRange; readonly outcome: RangeOutcome };

/** What an actor wants done, in this order. */
export type ActorAction =
  | PeerAction
  | { readonly kind: "send"; readonly message: ActorMessage }
  | {
      /** Behind those that the slot has already, if it has any. */
      readonly kind: "start-range";
      readonly slot: number;
      readonly held: HeldRange;
      /** In a payload process of its own. */
      readonly alone: boolean;
      /** So often was it taken back from a slot before. */
      readonly recalls: number;
      readonly plan: JobPlanView;
    }
  /** Take back what waits there to run, if its program has not begun it: a `range-ended` says then that it was aborted. */
  | { readonly kind: "recall-range"; readonly slot: number; readonly held: HeldRange }
  /**
   * End what runs there, or waits there to run: `held` is the object that it was started with. A `range-ended` follows in
   * any case, with what it came to.
   */
  | { readonly kind: "abort-range"; readonly slot: number; readonly held: HeldRange }
  /** Wait no longer for room to store its output. A `range-ended` follows in any case. */
  | { readonly kind: "stop-storing"; readonly held: HeldRange }
  /** Nothing of the job is held here any more, and nothing will be run. */
  | { readonly kind: "end-job"; readonly job: JobNumber }
  /** Leave in the workdir what no driver has acknowledged (P6). An `exit` follows. */
  | { readonly kind: "hand-in"; readonly run: string; readonly jobs: readonly JobResults[] }
  /** Count as lost what slots spent on ranges of the job that are not wanted, though they ended well. */
  | { readonly kind: "count-lost"; readonly job: JobNumber; readonly slotMs: number }
  /** Remove the stored output of this range and grant. */
  | { readonly kind: "remove-output"; readonly held: HeldRange; readonly plan: JobPlanView };
