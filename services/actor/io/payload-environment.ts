// What a user's program sees of the world.
//
//   X1. It sees the environment that was passed on purpose, and nothing else: no secret, no leftover of the actor's.
//   X2. It runs in a folder of its own, which is its TMPDIR too.

import type { SlotLogs } from "./slot-log.js";

export interface PayloadOptions {
  /** What is passed on to every payload, such as PATH (X1). */
  readonly environment: Readonly<Record<string, string>>;
  /** From TERM to KILL. */
  readonly graceMs: number;
  readonly logs: SlotLogs;
  /** Told the process group of each slot's run, before anything else is done with it. */
  readonly onGroup: (slot: number, pid: number) => void;
}

/** All of a program's environment: `own` are the variables that this one has. */
export function environmentOf(
  options: PayloadOptions,
  folder: string,
  own: Readonly<Record<string, number>>,
): Record<string, string> {
  const environment: Record<string, string> = { ...options.environment, TMPDIR: folder }; // (X2)
  for (const [name, value] of Object.entries(own)) environment[`NOCTUA_${name}`] = String(value);
  return environment;
}
