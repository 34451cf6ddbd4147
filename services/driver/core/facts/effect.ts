// What is to be done in the world once the facts that it rests on are durable.
//
//   X1. Every effect can be derived from the farm, and is harmless when it is repeated. After a recovery the pending ones
//       are performed again (react.ts).
//   X2. Effects for streams go nowhere when the stream is gone: the next hello makes up for them.

import type { JobNumber, SessionNumber } from "../../../shared/core/id.js";
import type {
  AddAnswer,
  GrantedSpans,
  HandInKey,
  HandInVerdict,
  MergeGrant,
  ReplyKey,
  SessionRole,
  StreamKey,
  StreamRefusal,
  SubmitAnswer,
  ControlAnswer,
} from "./fact.js";
import type { NodeAnswer } from "./fact-node.js";

export type Effect =
  | {
      readonly kind: "welcome";
      readonly stream: StreamKey;
      readonly role: SessionRole;
      readonly session: SessionNumber;
    }
  /** The job has so many more inputs, from that one on: said where the job is known. */
  | {
      readonly kind: "extend-job";
      readonly stream: StreamKey;
      readonly job: JobNumber;
      readonly firstInput: number;
      readonly inputs: number;
    }
  | { readonly kind: "close-job"; readonly stream: StreamKey; readonly job: JobNumber }
  /** The job is told first where it is not known; so it is with a merge group. */
  | {
      readonly kind: "send-grant";
      readonly stream: StreamKey;
      readonly grant: GrantedSpans;
      readonly alone: boolean;
    }
  | {
      readonly kind: "acknowledge-results";
      readonly stream: StreamKey;
      readonly number: number;
      readonly superseded: readonly GrantedSpans[];
    }
  | { readonly kind: "revoke-ranges"; readonly stream: StreamKey; readonly revoked: readonly GrantedSpans[] }
  | { readonly kind: "drain"; readonly stream: StreamKey; readonly reason: string; readonly graceMs: number }
  | { readonly kind: "hand-back"; readonly stream: StreamKey; readonly reason: string }
  | { readonly kind: "send-merge"; readonly stream: StreamKey; readonly merge: MergeGrant }
  | { readonly kind: "acknowledge-merge"; readonly stream: StreamKey; readonly number: number }
  | { readonly kind: "revoke-merge"; readonly stream: StreamKey; readonly merge: MergeGrant }
  | { readonly kind: "close-stream"; readonly stream: StreamKey; readonly refusal: StreamRefusal }
  | { readonly kind: "answer-submit"; readonly reply: ReplyKey; readonly answer: SubmitAnswer }
  | { readonly kind: "answer-control"; readonly reply: ReplyKey; readonly answer: ControlAnswer }
  | { readonly kind: "answer-add"; readonly reply: ReplyKey; readonly answer: AddAnswer }
  | { readonly kind: "answer-node"; readonly reply: ReplyKey; readonly answer: NodeAnswer }
  /** Remove the hand-in and the outputs of it that came too late, or set it aside. */
  | { readonly kind: "settle-hand-in"; readonly handIn: HandInKey; readonly verdict: HandInVerdict }
  /** Rename the temporary to its final name and fsync the folder. */
  | { readonly kind: "publish-merge"; readonly merge: MergeGrant }
  /** Remove the outputs that a published merged file was made of. */
  | { readonly kind: "remove-inputs"; readonly merge: Omit<MergeGrant, "grant"> }
  /** Write the report, and sweep what nobody will read any more. */
  | { readonly kind: "report-job"; readonly job: JobNumber }
  /** Keep the journal of a job that is out of service, and say so in its report. */
  | { readonly kind: "keep-broken"; readonly job: JobNumber }
  /** The job has changed: whoever watches it is told. */
  | { readonly kind: "tell-watchers"; readonly job: JobNumber };

/** What the driver itself does with files; the others are said to somebody. */
export type FileEffect = Extract<
  Effect,
  { kind: "publish-merge" | "remove-inputs" | "report-job" | "keep-broken" }
>;
