// What happened. Facts are the only way in which the farm changes.
//
//   F1. A durable fact is journaled; replaying the durable facts gives the durable part of the farm again.
//   F2. A passing fact concerns what ends with the driver process: streams, credit, when somebody was last heard.
//   F3. Facts name spans, never one range each where many will do. RangesDone carries a message's columns as they came.

import type { Failure } from "../../../shared/core/failure.js";
import type { Epoch, GrantNumber, GroupNumber, JobNumber, SessionNumber } from "../../../shared/core/id.js";
import type { InputFile, JobSpec } from "../../../shared/core/job-spec.js";
import type { Labels } from "../../../shared/core/labels.js";
import type { Spans } from "../../../shared/core/spans.js";
import type { CrewSummed } from "../state/crew.js";
import type { BrokenFact } from "./fact-broken.js";
import type { FailureFact } from "./fact-failure.js";
import type { NodeAnswer, NodeFact } from "./fact-node.js";
import type { Failed, Unfit } from "./fact-refusal.js";

/** Which kind of service a session is of. */
export type SessionRole = "actor" | "merger";

/** How a job came to its end. */
export type JobOutcome = "finished" | "finished-with-failures" | "failed" | "cancelled";

/** What a user may ask of a job that was submitted. */
export const jobControls = ["cancel", "pause", "resume", "retry", "close"] as const;
export type JobControl = (typeof jobControls)[number];

/**
 * Outputs of one job in columns: `grant` has one item a span, the others one a range, in the spans' order. In a job without
 * outputs there are no sizes and checksums.
 */
export interface OutputColumns {
  readonly spans: Spans;
  readonly grant: readonly GrantNumber[];
  readonly sizeBytes: readonly number[];
  readonly adler32: readonly number[];
  readonly wallMs: readonly number[];
}

/** A merged file, as its merger reported it. */
export interface MergedFile {
  readonly sizeBytes: number;
  readonly adler32: number;
  readonly events: number;
  /** A UUID that no other file has, as its merger made it; empty where an older one made none. */
  readonly guid: string;
}

export type DurableFact =
  | {
      readonly kind: "driver-started";
      readonly epoch: Epoch;
      readonly run: string;
      readonly atUnixMs: number;
    }
  | {
      readonly kind: "job-submitted";
      readonly job: JobNumber;
      readonly requestId: string;
      readonly spec: JobSpec;
      readonly atUnixMs: number;
    }
  | {
      readonly kind: "session-opened";
      readonly session: SessionNumber;
      readonly role: SessionRole;
      readonly name: string;
      readonly incarnation: string;
      readonly node: string;
      readonly slots: number;
      readonly labels: Labels;
      /** The session of the same process that it goes on from, with all that was held there. */
      readonly continues: SessionNumber | undefined;
      readonly atUnixMs: number;
    }
  | { readonly kind: "session-ended"; readonly session: SessionNumber; readonly reason: string }
  | {
      readonly kind: "ranges-granted";
      readonly job: JobNumber;
      readonly grant: GrantNumber;
      readonly session: SessionNumber;
      readonly spans: Spans;
      /** With no other range beside it. */
      readonly alone: boolean;
    }
  /** Ranges that are held are lent once more, to another session: whose output comes first wins (P4). */
  | {
      readonly kind: "ranges-copied";
      readonly job: JobNumber;
      readonly grant: GrantNumber;
      readonly session: SessionNumber;
      readonly spans: Spans;
    }
  | {
      readonly kind: "ranges-returned";
      readonly job: JobNumber;
      readonly grant: GrantNumber;
      readonly spans: Spans;
    }
  | ({ readonly kind: "ranges-done"; readonly job: JobNumber } & OutputColumns)
  | FailureFact
  | NodeFact
  | BrokenFact
  | {
      readonly kind: "outputs-lost";
      readonly job: JobNumber;
      readonly group: GroupNumber;
      readonly spans: Spans;
    }
  | { readonly kind: "job-stopped"; readonly job: JobNumber; readonly reason: string }
  | {
      readonly kind: "merge-planned";
      readonly job: JobNumber;
      readonly group: GroupNumber;
      readonly spans: Spans;
    }
  | {
      readonly kind: "merge-granted";
      readonly job: JobNumber;
      readonly group: GroupNumber;
      readonly grant: GrantNumber;
      readonly session: SessionNumber;
    }
  | {
      readonly kind: "merge-returned";
      readonly job: JobNumber;
      readonly group: GroupNumber;
      readonly grant: GrantNumber;
    }
  | {
      readonly kind: "merge-failed";
      readonly job: JobNumber;
      readonly group: GroupNumber;
      readonly grant: GrantNumber;
      readonly failure: Failure;
      /** Its tries are spent: the group failed for good, and its inputs are kept. */
      readonly final: boolean;
    }
  | {
      readonly kind: "merge-accepted";
      readonly job: JobNumber;
      readonly group: GroupNumber;
      readonly grant: GrantNumber;
      readonly file: MergedFile;
    }
  | { readonly kind: "merge-published"; readonly job: JobNumber; readonly group: GroupNumber }
  | { readonly kind: "merge-inputs-removed"; readonly job: JobNumber; readonly group: GroupNumber }
  | {
      readonly kind: "job-ended";
      readonly job: JobNumber;
      readonly outcome: JobOutcome;
      readonly atUnixMs: number;
    }
  | { readonly kind: "job-reported"; readonly job: JobNumber }
  | { readonly kind: "job-cancelled"; readonly job: JobNumber; readonly requestId: string }
  | {
      readonly kind: "job-suspended";
      readonly job: JobNumber;
      readonly requestId: string;
      /** 0 when it is not known. */
      readonly atUnixMs: number;
    }
  | { readonly kind: "job-resumed"; readonly job: JobNumber; readonly requestId: string }
  | { readonly kind: "job-retried"; readonly job: JobNumber; readonly requestId: string }
  | { readonly kind: "job-closed"; readonly job: JobNumber; readonly requestId: string }
  | {
      readonly kind: "ranges-added";
      readonly job: JobNumber;
      readonly requestId: string;
      /** They come behind all inputs that the job has. */
      readonly inputs: readonly InputFile[];
    };

/** Names one stream of a gateway, for as long as the driver process lives. */
export type StreamKey = number;

/** Names one question of a client, for as long as the driver process lives. */
export type ReplyKey = number;

/** Names one hand-in that was found, for as long as the driver process lives. */
export type HandInKey = number;

/** What became of a hand-in. */
export type HandInVerdict =
  /** All that it says is settled; of its outputs, these came too late. */
  | { readonly kind: "taken"; readonly superseded: readonly GrantedSpans[] }
  /** It makes no sense, and nothing of it was believed. */
  | { readonly kind: "refused"; readonly reason: string };

/** What a client is told of its submission. */
export type SubmitAnswer =
  | { readonly kind: "accepted"; readonly job: JobNumber; readonly repeated: boolean }
  | Unfit
  | { readonly kind: "refused"; readonly why: "conflict"; readonly message: string };

/** What a client is told of what it asked of a job. */
export type ControlAnswer =
  | { readonly kind: "done"; readonly job: JobNumber }
  | Failed
  | { readonly kind: "refused"; readonly why: "unknown" | "conflict"; readonly message: string };

/** What a client is told of ranges that it wanted added. */
export type AddAnswer =
  | {
      readonly kind: "added";
      readonly firstRange: number;
      readonly ranges: number;
      readonly repeated: boolean;
    }
  | { readonly kind: "refused"; readonly why: "unknown" | "conflict"; readonly message: string }
  | Unfit;

export type PassingFact =
  | { readonly kind: "session-attached"; readonly session: SessionNumber; readonly stream: StreamKey }
  | { readonly kind: "session-detached"; readonly session: SessionNumber }
  | { readonly kind: "session-heard"; readonly session: SessionNumber; readonly atMs: number }
  | { readonly kind: "session-draining"; readonly session: SessionNumber }
  /** The driver asks the actor to leave. */
  | {
      readonly kind: "session-drained";
      readonly session: SessionNumber;
      readonly reason: string;
      readonly graceMs: number;
    }
  /** The wall time of its node ends then; monotonic. */
  | { readonly kind: "wall-time-told"; readonly session: SessionNumber; readonly endsAtMs: number }
  /** Why what is done there can't be stored at present, for people; empty when nothing is in its way. */
  | { readonly kind: "wait-told"; readonly session: SessionNumber; readonly waitsFor: string }
  /** More is kept from it until it holds less, asks for more, or the clock strikes (grant-ranges.ts, V3). */
  | { readonly kind: "session-sated"; readonly session: SessionNumber }
  /** That actor, and no other, is kept from other ranges; or none is any more (reserve.ts). */
  | { readonly kind: "actor-reserved"; readonly reserved: Reservation | undefined }
  | CrewSummed
  /** Every session has its full lease from now on: after a recovery, and after a stall of the driver's own loop. */
  | { readonly kind: "leases-renewed"; readonly atMs: number }
  | { readonly kind: "clock-read"; readonly atMs: number }
  /** Ranges in that job's waiting room that were to be granted no sooner may be granted now. */
  | { readonly kind: "delays-ended"; readonly room: JobNumber; readonly untilUnixMs: number }
  | { readonly kind: "demand-raised"; readonly session: SessionNumber; readonly credit: number }
  /** The session has what is done by another grant already, or given up. */
  | {
      readonly kind: "ranges-revoked";
      readonly session: SessionNumber;
      readonly revoked: readonly GrantedSpans[];
    }
  /** The session still holds something of jobs in which there is nothing left for it to do. */
  | { readonly kind: "jobs-closed"; readonly session: SessionNumber; readonly jobs: readonly JobNumber[] }
  | {
      readonly kind: "results-settled";
      readonly session: SessionNumber;
      readonly number: number;
      /** Outputs that another grant's came before. */
      readonly superseded: readonly GrantedSpans[];
    }
  | { readonly kind: "hand-in-judged"; readonly handIn: HandInKey; readonly verdict: HandInVerdict }
  | {
      readonly kind: "merge-settled";
      readonly session: SessionNumber;
      readonly number: number;
      /** The temporary file is not wanted. */
      readonly unwanted: MergeGrant | undefined;
    }
  | { readonly kind: "stream-refused"; readonly stream: StreamKey; readonly refusal: StreamRefusal }
  | { readonly kind: "submit-answered"; readonly reply: ReplyKey; readonly answer: SubmitAnswer }
  | { readonly kind: "control-answered"; readonly reply: ReplyKey; readonly answer: ControlAnswer }
  | { readonly kind: "add-answered"; readonly reply: ReplyKey; readonly answer: AddAnswer }
  | { readonly kind: "node-answered"; readonly reply: ReplyKey; readonly answer: NodeAnswer };

/** An actor that is lent nothing until it is empty and may have a range of the job that is to be alone (reserve.ts). */
export interface Reservation {
  readonly session: SessionNumber;
  readonly job: JobNumber;
}

export type Fact = DurableFact | PassingFact;

/** Ranges under one grant of one job. */
export interface GrantedSpans {
  readonly job: JobNumber;
  readonly grant: GrantNumber;
  readonly spans: Spans;
}

/** A merge group under one grant. */
export interface MergeGrant {
  readonly job: JobNumber;
  readonly group: GroupNumber;
  readonly grant: GrantNumber;
}

/** Why a stream is closed by the driver. */
export interface StreamRefusal {
  /**
   * `fenced`: another process has the name now; `replaced`: the same process has a newer stream; `over`: the session
   * has ended, and a new hello begins another; `malformed`: the message makes no sense; `left`: its peer has taken leave,
   * and all that it said is settled; `failed`: the driver is wrong.
   */
  readonly why: "fenced" | "replaced" | "over" | "malformed" | "left" | "failed";
  readonly message: string;
}
