// Until when somebody waits.

import { after } from "../../shared/io/system-clock.js";

export interface TimeLimit {
  /** Aborted when the time is up, or whoever waits is told to stop. */
  readonly signal: AbortSignal;
  /** To be called when nobody waits any more. */
  clear(): void;
}

/** `ms`: undefined for never. */
export function timeLimit(ms: number | undefined, signal: AbortSignal): TimeLimit {
  const timeUp = new AbortController();
  const cancel = ms === undefined ? undefined : after(ms, () => timeUp.abort());
  return { signal: AbortSignal.any([signal, timeUp.signal]), clear: () => cancel?.() };
}
