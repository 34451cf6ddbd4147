// What is done about a service that ended though nobody asked it to.

import { backoffMs, type Rng } from "../../shared/core/rng.js";

export interface RestartLimits {
  /** So many starts again within `withinMs`, and no more. */
  readonly restartsMax: number;
  readonly withinMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

export const restartLimits: RestartLimits = {
  restartsMax: 5,
  withinMs: 60_000,
  firstMs: 200,
  lastMs: 5_000,
};

/** For a service that has not been ready yet: what keeps it from starting rarely goes away by itself. */
export const firstStartLimits: RestartLimits = {
  restartsMax: 1,
  withinMs: 60_000,
  firstMs: 2_000,
  lastMs: 2_000,
};

/** Exit codes that say "not like this": it would end the same way again. (From sysexits.h.) */
const finalExitCodes: ReadonlySet<number> = new Set([64, 65, 66, 69, 73, 77, 78]);

/** How a service ended. */
export interface ServiceEnd {
  readonly exitCode: number | undefined;
  /** Empty when no signal ended it. */
  readonly signal: string;
}

export type RestartDecision =
  { readonly kind: "restart"; readonly waitMs: number } | { readonly kind: "give-up" };

/** `endsAtMs`: when it ended unexpectedly, the present end included. */
export function decideRestart(
  end: ServiceEnd,
  endsAtMs: readonly number[],
  limits: RestartLimits,
  rng: Rng,
): RestartDecision {
  const nowMs = endsAtMs.at(-1) ?? 0;
  const recent = endsAtMs.filter((atMs) => nowMs - atMs <= limits.withinMs).length;
  const isFinal = end.exitCode !== undefined && finalExitCodes.has(end.exitCode);
  if (isFinal || recent > limits.restartsMax) return { kind: "give-up" };
  return { kind: "restart", waitMs: backoffMs(recent - 1, limits, rng) };
}

/** How it ended, in words. */
export function describeEnd({ exitCode, signal }: ServiceEnd): string {
  if (signal !== "") return `was ended by ${signal}`;
  return exitCode === undefined ? "could not be started" : `ended with exit code ${exitCode}`;
}
