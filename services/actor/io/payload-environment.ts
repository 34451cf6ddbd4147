// What a user's program sees of the world.
//
//   X1. It sees the environment that was passed on purpose, and nothing else: no secret, no leftover of the actor's. That
//       is what every program needs (user-environment.ts), what the job names or sets, and what we say: NOCTUA_….
//   X2. It runs in a folder of its own, which is its TMPDIR too.

import type { JobSpec } from "../../shared/core/job-spec.js";
import { fillPlaceholders } from "../../shared/core/placeholders.js";
import { userEnvironment } from "../../shared/core/user-environment.js";
import type { RunProgram } from "../../shared/io/user-programs.js";
import type { SlotLogs } from "./slot-log.js";

export interface PayloadOptions {
  /** The actor's own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From TERM to KILL. */
  readonly graceMs: number;
  readonly logs: SlotLogs;
  readonly runProgram: RunProgram;
}

/** All of a program's environment: `own` is what this one is told, and `folder` its own (X1, X2). */
export function environmentOf(
  options: Pick<PayloadOptions, "environment">,
  { payload: { needs }, jobDir }: Pick<JobSpec, "payload" | "jobDir">,
  { folder, own }: { readonly folder: string; readonly own: Readonly<Record<string, number>> },
): Record<string, string> {
  const environment = userEnvironment(options.environment, needs.passEnvironment);
  for (const [name, value] of Object.entries(needs.environment)) {
    environment[name] = fillPlaceholders([value], { jobDir }).join("");
  }
  environment["TMPDIR"] = folder;
  for (const [name, value] of Object.entries(own)) environment[`NOCTUA_${name}`] = String(value);
  return environment;
}
