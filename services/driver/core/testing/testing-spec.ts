// For tests: jobs, of which a test says what matters to it.

import {
  byArrival,
  nothingToMerge,
  type JobSpec,
  type MergeGrouping,
  type MergeSpec,
} from "../../../shared/core/job-spec.js";
import { anInput, wholeSpec } from "../../../shared/core/testing-spec.js";

/** What a test says of a job; the rest is ordinary. */
export interface SpecChanges extends Partial<Omit<JobSpec, "inputs" | "merge">> {
  /** Events of each input; one input of 10 when nothing is said. */
  readonly inputs?: readonly number[];
  /** Of all inputs; each has its own when nothing is said. */
  readonly path?: string;
  readonly grouping?: MergeGrouping;
  readonly everyOutputs?: number;
  /** Outputs stay as they are. */
  readonly keepsOutputs?: boolean;
  readonly mergeAttempts?: number;
  readonly attempts?: number;
  /** After the first failure; doubled up to eight times that. 0 when nothing is said. */
  readonly backoffMs?: number;
}

/** Groups of ranges that follow each other. */
export function byRange(acrossFiles: boolean): MergeGrouping {
  return { kind: "range", acrossFiles };
}

export function aSpec(changes: SpecChanges = {}): JobSpec {
  const { inputs = [10], path, everyOutputs = 100, mergeAttempts = 2, attempts = 3, ...others } = changes;
  const { backoffMs = 0, grouping = byArrival, keepsOutputs = false, ...rest } = others;
  const merge: MergeSpec = {
    grouping,
    everyOutputs,
    tool: { kind: "concat" },
    attemptsMax: mergeAttempts,
    timeoutMs: 60_000,
  };
  return wholeSpec({
    inputs: inputs.map((events, i) => anInput({ path: path ?? `/in/${String(i + 1)}.lhe`, events })),
    merge: rest.outputs === "none" || keepsOutputs ? nothingToMerge : merge,
    retry: { attemptsMax: attempts, backoff: { firstMs: backoffMs, lastMs: 8 * backoffMs }, rules: [] },
    ...rest,
  });
}
