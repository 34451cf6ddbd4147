// A seeded source of chance, for jitter and for simulations. Never for secrets.

/** Draws numbers. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
}

/** The generator "mulberry32" of Tommy Ettinger (public domain): one 32-bit word of state, period 2^32. */
export function seededRng(seed: number): Rng {
  let state = seed >>> 0;
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let word = state;
      word = Math.imul(word ^ (word >>> 15), word | 1);
      word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
      return ((word ^ (word >>> 14)) >>> 0) / 0x1_0000_0000;
    },
  };
}

/** A waiting time before try number `attempt` (from 0): doubles from `firstMs` up to `lastMs`, and is spread over its upper half. */
export function backoffMs(
  attempt: number,
  bounds: { readonly firstMs: number; readonly lastMs: number },
  rng: Rng,
): number {
  const full = Math.min(bounds.lastMs, bounds.firstMs * 2 ** Math.min(attempt, 30));
  return full / 2 + (full / 2) * rng.next();
}
