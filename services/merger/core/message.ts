// What a merger and the driver say to each other, as the core knows it. io/wire.ts turns it into protobuf and back.

import type { Failure } from "../../shared/core/failure.js";
import type { Epoch, GrantNumber, GroupNumber, JobNumber } from "../../shared/core/id.js";
import type { PeerHello, PeerMessage, PeerWord } from "../../shared/core/peer-message.js";
import type { Spans } from "../../shared/core/spans.js";

/** A merge group, lent under a grant. */
export interface MergeGrant {
  readonly job: JobNumber;
  readonly group: GroupNumber;
  readonly grant: GrantNumber;
}

/** A lent group with its members in columns. */
export interface LentGroup {
  readonly merge: MergeGrant;
  /** In the order in which they are fused, which need not ascend. */
  readonly spans: Spans;
  /** The grant that names each output, in the order of the spans' ranges; so too the columns that follow. */
  readonly grant: readonly GrantNumber[];
  readonly sizeBytes: readonly number[];
  readonly adler32: readonly number[];
}

/** Outputs of a group that is too long for one message, behind those that came `ahead`. */
export interface GroupPart {
  readonly lent: LentGroup;
  readonly ahead: number;
  /** Another part follows. */
  readonly more: boolean;
}

/** A merged file under its temporary name: whole, checked and fsynced. */
export interface MergedFile {
  readonly sizeBytes: number;
  readonly adler32: number;
  /** How many events are in it. */
  readonly events: number;
  readonly wallMs: number;
  /** A UUID that no other file has. */
  readonly guid: string;
}

/** What came of a lent group. */
export type MergeReport =
  | { readonly kind: "merged"; readonly file: MergedFile }
  /** `lost`: ranges whose output was missing, short or corrupt; they ascend. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly lost: Spans }
  | { readonly kind: "returned"; readonly reason: string };

/** Who joins, and what it holds. */
export interface MergerHello extends PeerHello {
  readonly merger: string;
  readonly held: readonly MergeGrant[];
}

/** From a merger. */
export type MergerMessage =
  | PeerMessage
  | MergerHello
  | {
      readonly kind: "result";
      readonly number: number;
      readonly merge: MergeGrant;
      readonly report: MergeReport;
    }
  | {
      readonly kind: "progress";
      readonly merge: MergeGrant;
      readonly bytesRead: number;
      readonly bytesTotal: number;
      readonly runningMs: number;
    };

/** What the driver says. */
export type DriverWord =
  | PeerWord
  | { readonly kind: "lend"; readonly lent: LentGroup }
  | { readonly kind: "lend-part"; readonly part: GroupPart }
  | { readonly kind: "acknowledge"; readonly numbers: readonly number[] }
  | { readonly kind: "revoke"; readonly merges: readonly MergeGrant[] };

/** From the driver: what it says, and which driver says it. */
export interface DriverMessage {
  readonly epoch: Epoch;
  readonly word: DriverWord;
}
