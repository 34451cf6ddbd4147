// What a merger and the driver say to each other, as the core knows it. io/wire.ts turns it into protobuf and back.

import type { Failure } from "../../shared/core/failure.js";
import type { Epoch, GrantNumber, GroupNumber, JobNumber, SessionNumber } from "../../shared/core/id.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import type { Spans } from "../../shared/core/spans.js";

/** The machine that a merger runs on. */
export interface NodeFacts {
  /** Host name. */
  readonly name: string;
  /** Cores that the process may use. */
  readonly cores: number;
  readonly labels: Readonly<Record<string, string>>;
}

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

/** A merged file under its temporary name: whole, checked and fsynced. */
export interface MergedFile {
  readonly sizeBytes: number;
  readonly adler32: number;
  /** How many events are in it. */
  readonly events: number;
  readonly wallMs: number;
}

/** What came of a lent group. */
export type MergeReport =
  | { readonly kind: "merged"; readonly file: MergedFile }
  /** `lost`: ranges whose output was missing, short or corrupt; they ascend. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly lost: Spans }
  | { readonly kind: "returned"; readonly reason: string };

/** Who joins, and what it holds; `more` says that another hello adds to it. */
export interface MergerHello {
  readonly kind: "hello";
  readonly merger: string;
  readonly incarnation: string;
  /** The highest one met; undefined when none was. */
  readonly epoch: Epoch | undefined;
  readonly node: NodeFacts;
  readonly slots: number;
  readonly held: readonly MergeGrant[];
  readonly more: boolean;
}

/** From a merger. */
export type MergerMessage =
  | MergerHello
  | { readonly kind: "demand"; readonly credit: number }
  | {
      readonly kind: "result";
      readonly number: number;
      readonly merge: MergeGrant;
      readonly report: MergeReport;
    }
  | { readonly kind: "progress"; readonly merge: MergeGrant; readonly bytesRead: number }
  | { readonly kind: "heartbeat" }
  | { readonly kind: "draining"; readonly reason: string };

/** The driver's answer to a hello. */
export interface Welcome {
  readonly kind: "welcome";
  readonly session: SessionNumber;
  readonly run: string;
  /** How long results may be gathered. A merger sends each at once. */
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
  | { readonly kind: "lend"; readonly lent: LentGroup }
  | { readonly kind: "acknowledge"; readonly numbers: readonly number[] }
  | { readonly kind: "revoke"; readonly merges: readonly MergeGrant[] }
  | { readonly kind: "close-job"; readonly job: JobNumber }
  | { readonly kind: "drain"; readonly reason: string; readonly graceMs: number };

/** From the driver: what it says, and which driver says it. */
export interface DriverMessage {
  readonly epoch: Epoch;
  readonly word: DriverWord;
}
