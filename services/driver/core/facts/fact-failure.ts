// What happened to ranges and nodes that failed.

import type { Failure } from "../../../shared/core/failure.js";
import type { GrantNumber, JobNumber } from "../../../shared/core/id.js";
import type { Spans } from "../../../shared/core/spans.js";

/** A failure of a range's payload. */
interface FailedTry {
  readonly job: JobNumber;
  readonly range: number;
  readonly grant: GrantNumber;
  readonly node: string;
  readonly failure: Failure;
  /** It failed for good. */
  readonly final: boolean;
}

/** What ranges are suspected of: to have killed a node, or a payload process that ran others too. */
export type Suspicion = "node-death" | "payload-death";

export type FailureFact =
  /** Of older drivers, which tried a range again at once and anywhere. */
  | ({ readonly kind: "range-failed" } & FailedTry)
  | ({
      readonly kind: "range-tried";
      /** It cost credit; it does not when its node is in quarantine, or unheard (unproven.ts). */
      readonly counted: boolean;
      /** The range is not granted before this time; 0 when it may be at once. */
      readonly dueUnixMs: number;
      /** Nodes that it is not granted to while there are others. */
      readonly avoids: readonly string[];
    } & FailedTry)
  /** They are still held; what returns them is a fact of its own. */
  | {
      readonly kind: "ranges-suspected";
      readonly job: JobNumber;
      readonly spans: Spans;
      readonly of: Suspicion;
      /** From now on they are granted alone. */
      readonly alone: boolean;
    }
  /** It failed for good, though not by its payload's failures. No grant holds it, or that one does. */
  | {
      readonly kind: "range-given-up";
      readonly job: JobNumber;
      readonly range: number;
      readonly grant: GrantNumber | undefined;
      /** Where that was; empty when it was nowhere. */
      readonly node: string;
      readonly failure: Failure;
    }
  | {
      readonly kind: "node-quarantined";
      readonly node: string;
      readonly reason: string;
      readonly atUnixMs: number;
    }
  | { readonly kind: "node-restored"; readonly node: string; readonly reason: string };
