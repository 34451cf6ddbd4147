// What an actor knows of a payload process that lives for many ranges (stream.ts), and the words for what happens to it.

import type { Failure } from "../../shared/core/failure.js";
import type { FailureRule } from "../../shared/core/job-spec.js";
import type { ProcessOutcome } from "../../shared/core/process-failure.js";
import type { FromPayload, StreamRange } from "./stream-words.js";

export interface StreamRules {
  /** What the end of a process means, before all else. */
  readonly failures: readonly FailureRule[];
  readonly startTimeoutMs: number;
  /** For one range. */
  readonly rangeTimeoutMs: number;
  /** For the answer to what is no longer wanted (T7). */
  readonly cancelMs: number;
  /** A process that had nothing to do for so long is told to stop. */
  readonly idleMs: number;
}

/** What a range came to. */
export type StreamEnd =
  | { readonly kind: "made"; readonly wallMs: number }
  | { readonly kind: "failure"; readonly failure: Failure }
  | { readonly kind: "suspect" }
  | { readonly kind: "aborted" };

export type StreamEvent =
  | { readonly kind: "ranges-handed"; readonly ranges: readonly StreamRange[] }
  /** The range is no longer wanted. */
  | { readonly kind: "range-cancelled"; readonly id: string }
  /** The range is to be another slot's, if it has not begun: it is aborted then. */
  | { readonly kind: "range-recalled"; readonly id: string }
  /** What the process said, in its order. */
  | { readonly kind: "heard"; readonly words: readonly FromPayload[] }
  /** The process is gone. */
  | { readonly kind: "ended"; readonly end: ProcessOutcome }
  | { readonly kind: "not-started"; readonly failure: Failure }
  /** The process takes more of its node than it may, for the sake of this range, if it is known which it was. */
  | { readonly kind: "took-too-much"; readonly failure: Failure; readonly culprit: string | undefined }
  /** Nothing more will come. */
  | { readonly kind: "closed" }
  | { readonly kind: "tick" };

export type StreamAction =
  | { readonly kind: "start-process" }
  | { readonly kind: "tell-process"; readonly text: string }
  /** With signals. An `ended` follows. */
  | { readonly kind: "end-process"; readonly reason: string }
  /** Ask it to finish; no range will come any more, and nothing is to be told here. */
  | { readonly kind: "stop" }
  | { readonly kind: "begun"; readonly id: string }
  /** So many events of the range are done, as its process says. */
  | { readonly kind: "progressed"; readonly id: string; readonly events: number }
  | { readonly kind: "end-range"; readonly id: string; readonly end: StreamEnd }
  /** Nobody works any more on a range that was recalled: what there is of this output is nobody's. */
  | { readonly kind: "forget-range"; readonly output: string | undefined };

export interface Handed {
  readonly range: StreamRange;
  /** The process was told of it. */
  isTold: boolean;
  /** When its slot began with it: it is the first there that is not answered. */
  sinceMs: number | undefined;
  isCancelled: boolean;
  /** It has come to its end for everybody else, and its process was told so. */
  isRecalled: boolean;
}

export type Phase =
  | { readonly kind: "absent" }
  /** After a failure (T5). */
  | { readonly kind: "pausing"; readonly untilMs: number }
  | { readonly kind: "starting"; readonly untilMs: number }
  | { readonly kind: "ready" }
  /** Signals were sent: why, and which range is to blame, if one is. */
  | {
      readonly kind: "ending";
      readonly wasReady: boolean;
      readonly failure: Failure | undefined;
      readonly culprit: string | undefined;
    }
  | { readonly kind: "stopped" };

/** Made by `newStream`, changed by `stepStream`. */
export interface Stream {
  readonly rules: StreamRules;
  phase: Phase;
  /** By id, in the order in which they came. */
  readonly ranges: Map<string, Handed>;
  /** Of these, what its process was not told of. */
  readonly untold: Set<Handed>;
  /** By slot, in the order in which they are processed. */
  readonly queues: Map<number, Handed[]>;
  /** By slot, what its process answered last. */
  readonly answered: Map<number, string>;
  /** Of those that its process was told of, how many are not wanted any more, and since when the last of them. */
  cancelled: number;
  cancelledAtMs: number;
  /** In a row, without a process that became ready (T6). */
  failedStarts: number;
  /** Processes in a row that processed no range (T5). */
  fruitless: number;
  idleSinceMs: number;
}

export function newStream(rules: StreamRules, nowMs: number): Stream {
  return {
    rules,
    phase: { kind: "absent" },
    ranges: new Map(),
    untold: new Set(),
    queues: new Map(),
    answered: new Map(),
    cancelled: 0,
    cancelledAtMs: 0,
    failedStarts: 0,
    fruitless: 0,
    idleSinceMs: nowMs,
  };
}
