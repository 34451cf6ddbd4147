// What is asked of the driver: by actors, mergers and clients, by its own clock, and by the world when an effect is done.
// Whatever of a message could be malformed by itself was refused at the border; what depends on the farm is judged here.

import type { Failure } from "../../../shared/core/failure.js";
import type { Epoch, GrantNumber, JobNumber } from "../../../shared/core/id.js";
import type { InputFile, JobSpec } from "../../../shared/core/job-spec.js";
import type { Labels } from "../../../shared/core/labels.js";
import type { Spans } from "../../../shared/core/spans.js";
import type { JobFault } from "../state/fault.js";
import type { NodeControl } from "./fact-node.js";
import type {
  GrantedSpans,
  MergedFile,
  MergeGrant,
  OutputColumns,
  HandInKey,
  ReplyKey,
  SessionRole,
  StreamKey,
  JobControl,
} from "./fact.js";

/** Outputs of one job, as an actor reports them. */
export interface JobOutputs extends OutputColumns {
  readonly job: JobNumber;
}

/** A failure of a payload, as an actor reports it. */
export interface ReportedFailure {
  readonly job: JobNumber;
  readonly range: number;
  readonly grant: GrantNumber;
  readonly failure: Failure;
}

/** What came of ranges. */
export interface RangeResults {
  readonly outputs: readonly JobOutputs[];
  readonly failures: readonly ReportedFailure[];
  readonly returned: readonly GrantedSpans[];
  /** Their payload process died while others ran in it too. */
  readonly suspected: readonly GrantedSpans[];
}

/** What came of a merge group, as a merger reports it. */
export type MergeOutcome =
  | { readonly kind: "merged"; readonly file: MergedFile }
  /** With lost ranges, the group is planned anew without them and no try is spent. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly lost: Spans }
  | { readonly kind: "returned" };

/** Who joins, and all that it still holds. */
export interface Hello {
  readonly role: SessionRole;
  readonly name: string;
  readonly incarnation: string;
  readonly node: string;
  readonly slots: number;
  readonly labels: Labels;
  /** When the wall time of its node ends, on the clock of turns; undefined when nobody knows. */
  readonly allocationEndsAtMs: number | undefined;
  /** Of an actor. */
  readonly ranges: readonly GrantedSpans[];
  /** Of a merger. */
  readonly merges: readonly MergeGrant[];
}

export type Command =
  | { readonly kind: "start-driver"; readonly epoch: Epoch; readonly run: string }
  | {
      readonly kind: "submit-job";
      readonly reply: ReplyKey;
      readonly requestId: string;
      readonly spec: JobSpec;
    }
  | {
      readonly kind: "control-job";
      readonly reply: ReplyKey;
      readonly requestId: string;
      readonly job: JobNumber;
      readonly control: JobControl;
    }
  | {
      readonly kind: "add-ranges";
      readonly reply: ReplyKey;
      readonly requestId: string;
      readonly job: JobNumber;
      readonly inputs: readonly InputFile[];
    }
  | {
      readonly kind: "control-node";
      readonly reply: ReplyKey;
      readonly requestId: string;
      readonly node: string;
      readonly control: NodeControl;
      /** Of a drain, in the user's words; may be empty. */
      readonly reason: string;
    }
  | { readonly kind: "open-session"; readonly stream: StreamKey; readonly hello: Hello }
  /** The stream broke: the session lives on until its lease ends. */
  | { readonly kind: "detach-stream"; readonly stream: StreamKey }
  /** The actor or merger has left for good. */
  | { readonly kind: "leave"; readonly stream: StreamKey }
  | { readonly kind: "raise-demand"; readonly stream: StreamKey; readonly credit: number }
  | { readonly kind: "hear"; readonly stream: StreamKey }
  /** The wall time of its node ends then, on the clock of turns. */
  | { readonly kind: "tell-wall-time"; readonly stream: StreamKey; readonly endsAtMs: number }
  /** Why what is done there can't be stored at present, for people; empty when nothing is in its way. */
  | { readonly kind: "tell-wait"; readonly stream: StreamKey; readonly waitsFor: string }
  | { readonly kind: "start-draining"; readonly stream: StreamKey }
  | ({
      readonly kind: "report-results";
      readonly stream: StreamKey;
      readonly number: number;
    } & RangeResults)
  /** What an actor left that ended without a driver (P6), judged as if it had come over its stream. */
  | ({
      readonly kind: "take-in-results";
      readonly handIn: HandInKey;
      readonly node: string;
    } & RangeResults)
  /** The process of a session is surely gone: nobody waits for its lease. */
  | {
      readonly kind: "end-lost-session";
      readonly role: SessionRole;
      readonly name: string;
      readonly incarnation: string;
      /** Who left was told to, or its time was up. Who died may have died of what ran there. */
      readonly how: "left" | "died";
      readonly reason: string;
    }
  | {
      readonly kind: "report-merge";
      readonly stream: StreamKey;
      readonly number: number;
      readonly merge: MergeGrant;
      readonly outcome: MergeOutcome;
    }
  | { readonly kind: "confirm-published"; readonly merge: Omit<MergeGrant, "grant"> }
  | { readonly kind: "confirm-inputs-removed"; readonly merge: Omit<MergeGrant, "grant"> }
  | { readonly kind: "confirm-reported"; readonly job: JobNumber }
  /** The program was wrong about that job, in what it did with files or said of it. */
  | { readonly kind: "tell-fault"; readonly blamed: JobFault }
  /** The clock struck: leases are looked at. */
  | { readonly kind: "tick" };

/** A command that came over a stream, and renews its session. */
export type StreamCommand = Extract<Command, { stream: StreamKey }>;
