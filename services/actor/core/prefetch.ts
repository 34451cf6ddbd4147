// How much work lies on the node, so that a slot never waits for the network between two events.
//
//   F1. What waits lasts for some seconds of all slots, by a running mean of measured wall time; before the first
//       measurement it is one range a slot.
//   F2. It is never less than one range a slot, and never more than a limit. Where ranges take several slots, those count
//       as one.
//   F3. Only outputs are measured: a payload that fails at once does not make the actor ask for more.
//   F4. A slot whose process takes them has some ranges more than it runs: what lasts for some milliseconds, at least one,
//       and none where they are long.
//   F5. Outputs that are being stored are bounded by their bytes, and in any case by a limit: a few for each slot where they
//       are large, more where they are small and storing them takes longer than making them.

/** What bounds the prefetch. */
export interface PrefetchRules {
  readonly slots: number;
  /** So much time the waiting ranges are to last. */
  readonly prefetchMs: number;
  /** At most so many ranges wait; at least `slots`. */
  readonly prefetchMax: number;
}

/** Nobody processes a range in less. */
const shortestMs = 0.05;

/** Weight of the newest measurement in the mean. */
const newestWeight = 1 / 8;

/** The running mean after one more output (F3). */
export function measured(meanMs: number | undefined, wallMs: number): number {
  return meanMs === undefined ? wallMs : meanMs + (wallMs - meanMs) * newestWeight;
}

/** How many ranges are to wait, where each takes so many slots on average (F1, F2). */
export function waitingTarget(meanMs: number | undefined, rules: PrefetchRules, meanCores = 1): number {
  const places = Math.max(1, Math.floor(rules.slots / meanCores));
  if (meanMs === undefined) return places;
  const lasting = Math.ceil((places * rules.prefetchMs) / Math.max(meanMs, shortestMs));
  return Math.max(places, Math.min(lasting, rules.prefetchMax));
}

/** So much work is to be with the process of a slot when one of its ranges ends: more than it takes to hand over another. */
const aheadMs = 50;
/** Their lines fill a pipe. */
const aheadMax = 256;

/** How many ranges are handed over behind the one that runs (F4). */
export function aheadTarget(meanMs: number | undefined): number {
  if (meanMs === undefined || meanMs > longMs) return 0;
  return Math.min(aheadMax, Math.ceil(aheadMs / Math.max(meanMs, shortestMs)));
}

/** Of ranges that take longer, nobody notices the time between two. */
const longMs = 200;

const stagingBytes = 256_000_000;
const largeStagingPerSlot = 4;

/** So many outputs of that size may be being stored (F5). */
export function stagingTarget(
  meanBytes: number | undefined,
  { slots, stagingMax }: { readonly slots: number; readonly stagingMax: number },
): number {
  const fitting = meanBytes === undefined ? 0 : Math.floor(stagingBytes / meanBytes);
  return Math.min(stagingMax, Math.max(slots * largeStagingPerSlot, fitting));
}
