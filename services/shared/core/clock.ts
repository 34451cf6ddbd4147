// Time and chance come in as arguments, so that a simulation can make its own.

/** What time it is. `services/shared/io/system-clock.ts` has the real one. */
export interface Clock {
  /** Monotonic, for leases and timeouts; its zero means nothing. */
  nowMs(): number;
  /** Wall time, for people and for file names. */
  unixMs(): number;
}

/** A moment, as a decision sees it. */
export interface Moment {
  /** Monotonic. */
  readonly nowMs: number;
  /** Wall time. */
  readonly unixMs: number;
}
