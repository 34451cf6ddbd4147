// Failures of one range's payload, in the oracles' books.

import type { DurableFact } from "../../../services/driver/core/facts/fact.js";
import type { FailureClass } from "../../../services/shared/core/failure.js";

export interface CountedFailure {
  readonly grant: number;
  readonly class: FailureClass;
  readonly node: string;
  /** It cost credit that was not given back. */
  readonly isCounted: boolean;
  /** The range had an output since, which was lost. */
  readonly isOld: boolean;
}

type Tried = Extract<DurableFact, { kind: "range-failed" | "range-tried" }>;

export function countedFailure(fact: Tried): CountedFailure {
  const { grant, node, failure } = fact;
  const isCounted = fact.kind === "range-failed" || fact.counted;
  return { grant, node, class: failure.class, isCounted, isOld: false };
}

export function refunded(failures: readonly CountedFailure[], node: string): CountedFailure[] {
  return failures.map((one) => (one.node === node && !one.isOld ? { ...one, isCounted: false } : one));
}

export function aged(failures: readonly CountedFailure[]): CountedFailure[] {
  return failures.map((one) => ({ ...one, isOld: true }));
}
