// What an actor and the driver say to each other, as the core knows it. io/wire.ts turns it into protobuf and back.

import type { Failure } from "../../shared/core/failure.js";
import type { Epoch, GrantNumber, JobNumber } from "../../shared/core/id.js";
import type { PeerHello, PeerMessage, PeerWord } from "../../shared/core/peer-message.js";
import type { Spans } from "../../shared/core/spans.js";

/** Ranges that are held under one grant. */
export interface HeldGrant {
  readonly job: JobNumber;
  readonly grant: GrantNumber;
  readonly spans: Spans;
}

/** Who joins, and what it holds. */
export interface ActorHello extends PeerHello {
  readonly actor: string;
  /** What is left of the node's wall time; undefined when nobody knows. */
  readonly allocationLeftMs: number | undefined;
  readonly held: readonly HeldGrant[];
}

/**
 * Outputs of one job in columns: one grant a span, and the rest in the order of the spans' ranges. In a job without outputs
 * there are no sizes and checksums.
 */
export interface RangeOutputs {
  readonly job: JobNumber;
  readonly spans: Spans;
  readonly grant: readonly GrantNumber[];
  readonly sizeBytes: readonly number[];
  readonly adler32: readonly number[];
  readonly wallMs: readonly number[];
}

/** A range whose payload failed. */
export interface RangeFailure {
  readonly job: JobNumber;
  readonly range: number;
  readonly grant: GrantNumber;
  readonly failure: Failure;
}

/** What came of ranges; acknowledged by its number. */
export interface RangeResults {
  readonly kind: "results";
  readonly number: number;
  readonly outputs: readonly RangeOutputs[];
  readonly failures: readonly RangeFailure[];
  /** Handed back untouched or unfinished. */
  readonly returned: readonly HeldGrant[];
  /** Their payload process died while others ran in it too. */
  readonly suspected: readonly HeldGrant[];
}

/** The node's wall time is longer, or shorter, than was said before. */
export interface WallTime {
  readonly kind: "wall-time";
  readonly leftMs: number;
}

/** From an actor. */
export type ActorMessage = PeerMessage | ActorHello | RangeResults | WallTime;

/** What the driver says. */
export type DriverWord =
  | PeerWord
  /** `alone`: with no other range in its payload process. */
  | ({ readonly kind: "grant"; readonly alone: boolean } & HeldGrant)
  | {
      readonly kind: "acknowledge";
      readonly numbers: readonly number[];
      readonly superseded: readonly HeldGrant[];
    }
  | { readonly kind: "revoke"; readonly revoked: readonly HeldGrant[] };

/** From the driver: what it says, and which driver says it. */
export interface DriverMessage {
  readonly epoch: Epoch;
  readonly word: DriverWord;
}
