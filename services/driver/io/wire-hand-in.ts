// Between what an actor left behind and the driver's words.

import { HandIn } from "../../../gen/noctua/handin/v1/handin.js";
import type { JobNumber } from "../../shared/core/id.js";
import { WireError } from "../../shared/io/wire-checks.js";
import type { RangeResults } from "../core/facts/command.js";
import { resultsFromWire } from "./wire.js";
import { filledName } from "./wire-session.js";

/** What a hand-in says. */
export interface FoundHandIn {
  readonly actor: string;
  readonly incarnation: string;
  readonly node: string;
  readonly results: RangeResults;
}

/** Throws an error that names the field, when it is not what belongs into the folder of this run's job. */
export function handInFromWire(
  payload: Uint8Array,
  expected: { readonly run: string; readonly job: JobNumber },
): FoundHandIn {
  const { run, job, actor, incarnation, node, results } = HandIn.decode(payload);
  if (run !== expected.run) throw new WireError("run", expected.run, run === "" ? "none" : run);
  const parsed = results.map((some, i) => resultsFromWire(some, `results[${i}]`));
  const outputs = parsed.flatMap((some) => some.outputs);
  const failures = parsed.flatMap((some) => some.failures);
  const returned = parsed.flatMap((some) => some.returned);
  const suspected = parsed.flatMap((some) => some.suspected);
  const jobs = [...outputs, ...failures, ...returned, ...suspected].map((some): number => some.job);
  const other = [job, ...jobs].find((number) => number !== expected.job);
  if (other !== undefined) throw new WireError("job", `${expected.job}, as the folder says`, String(other));
  return {
    actor: filledName(actor, "actor"),
    incarnation: filledName(incarnation, "incarnation"),
    node: filledName(node, "node"),
    results: { outputs, failures, returned, suspected },
  };
}
