// What an actor and the driver say to each other, as the core knows it. io/wire.ts turns it into protobuf and back.

import type { Failure } from "../../shared/core/failure.js";
import type { Epoch, GrantNumber, JobNumber, SessionNumber } from "../../shared/core/id.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import type { Spans } from "../../shared/core/spans.js";

/** The machine that an actor runs on. */
export interface NodeFacts {
  /** Host name. */
  readonly name: string;
  /** Cores that the process may use. */
  readonly cores: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Ranges that are held under one grant. */
export interface HeldGrant {
  readonly job: JobNumber;
  readonly grant: GrantNumber;
  readonly spans: Spans;
}

/** Who joins, and what it holds; `more` says that another hello adds to it. */
export interface ActorHello {
  readonly kind: "hello";
  readonly actor: string;
  readonly incarnation: string;
  /** The highest one met; undefined when none was. */
  readonly epoch: Epoch | undefined;
  readonly node: NodeFacts;
  readonly slots: number;
  /** What is left of the node's wall time; undefined when nobody knows. */
  readonly allocationLeftMs: number | undefined;
  readonly held: readonly HeldGrant[];
  readonly more: boolean;
}

/** Outputs of one job in columns: one grant a span, and the rest in the order of the spans' ranges. */
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
}

/** From an actor. */
export type ActorMessage =
  | ActorHello
  | { readonly kind: "demand"; readonly credit: number }
  | RangeResults
  | { readonly kind: "heartbeat" }
  | { readonly kind: "draining"; readonly reason: string };

/** The driver's answer to a hello. */
export interface Welcome {
  readonly kind: "welcome";
  readonly session: SessionNumber;
  readonly run: string;
  /** How long results may be gathered. */
  readonly flushIntervalMs: number;
  /** How often to speak when there is nothing to say. */
  readonly heartbeatIntervalMs: number;
  /** What the session holds returns when nothing was heard of it for so long. */
  readonly leaseMs: number;
}

/** What the driver says. */
export type DriverWord =
  | Welcome
  | { readonly kind: "open-job"; readonly job: JobNumber; readonly spec: JobSpec }
  | { readonly kind: "grant"; readonly job: JobNumber; readonly grant: GrantNumber; readonly spans: Spans }
  | {
      readonly kind: "acknowledge";
      readonly numbers: readonly number[];
      readonly superseded: readonly HeldGrant[];
    }
  | { readonly kind: "revoke"; readonly revoked: readonly HeldGrant[] }
  | { readonly kind: "close-job"; readonly job: JobNumber }
  | { readonly kind: "drain"; readonly reason: string; readonly graceMs: number };

/** From the driver: what it says, and which driver says it. */
export interface DriverMessage {
  readonly epoch: Epoch;
  readonly word: DriverWord;
}
