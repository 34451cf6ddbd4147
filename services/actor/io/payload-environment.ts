// What a user's program sees of the world.
//
//   X1. It sees the environment that was passed on purpose, and nothing else: no secret, no leftover of the actor's. That
//       is what every program needs (user-environment.ts), what the job names or sets, and what we say: NOCTUA_….
//   X2. It runs in a folder of its own, which is its TMPDIR too.
//   X3. It is told to start as many threads for a range as the range has cores, unless the job says otherwise.

import type { JobSpec } from "../../shared/core/job-spec.js";
import { fillPlaceholders } from "../../shared/core/placeholders.js";
import { userEnvironment } from "../../shared/core/user-environment.js";
import { slotsTaken } from "../../shared/core/payload-needs.js";
import type { NodeShares } from "./pinning.js";
import type { RunProgram } from "../../shared/io/user-programs.js";
import type { SlotLogs } from "./slot-log.js";

/** Libraries that would start a thread for each core of the node read these. */
const threadVariables = [
  "OMP_NUM_THREADS",
  "OPENBLAS_NUM_THREADS",
  "MKL_NUM_THREADS",
  "BLIS_NUM_THREADS",
  "NUMEXPR_NUM_THREADS",
  "VECLIB_MAXIMUM_THREADS",
] as const;

/** Without the NOCTUA_ in front. */
export type OwnVariables = Readonly<Record<string, number | string>>;

/** Of a job that has a folder on the node. */
export function ofJobScratch(folder: string | undefined): OwnVariables {
  return folder === undefined ? {} : { JOB_SCRATCH: folder };
}

export interface PayloadOptions extends NodeShares {
  /** The actor's own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From TERM to KILL. */
  readonly graceMs: number;
  readonly logs: SlotLogs;
  readonly runProgram: RunProgram;
}

/** All of a program's environment: `own` is what this one is told, and `folder` its own (X1, X2). */
export function environmentOf(
  options: Pick<PayloadOptions, "environment" | "slots">,
  { payload: { needs }, jobDir }: Pick<JobSpec, "payload" | "jobDir">,
  { folder, own }: { readonly folder: string; readonly own: OwnVariables },
): Record<string, string> {
  const cores = String(slotsTaken(needs, options.slots));
  const environment: Record<string, string> = { NOCTUA_CORES: cores };
  for (const name of threadVariables) environment[name] = cores; // (X3)
  Object.assign(environment, userEnvironment(options.environment, needs.passEnvironment));
  for (const [name, value] of Object.entries(needs.environment)) {
    environment[name] = fillPlaceholders([value], { jobDir }).join("");
  }
  environment["TMPDIR"] = folder;
  for (const [name, value] of Object.entries(own)) environment[`NOCTUA_${name}`] = String(value);
  return environment;
}
