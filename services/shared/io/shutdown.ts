// Stopping when told (P10): the first SIGTERM, SIGINT or SIGHUP asks, the second one ends the process at once. A terminal that
// is closed says SIGHUP by its shell and by the kernel: it asks as often as it likes, and is no second signal.

import { endProcessBy } from "./process-end.js";

/** Why a process is to stop. */
export class StopRequest extends Error {
  override readonly name = "StopRequest";
  readonly stopSignal: NodeJS.Signals;

  constructor(stopSignal: NodeJS.Signals) {
    super(`asked to stop by ${stopSignal}`);
    this.stopSignal = stopSignal;
  }
}

export interface StopSignals {
  /** Aborted, with a `StopRequest`, by the first signal. */
  readonly signal: AbortSignal;
  /** Signals mean again what they mean to any process. */
  dispose(): void;
}

const stopping = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Takes over these signals until disposed. */
export function stopSignals(): StopSignals {
  const controller = new AbortController();
  const onSignal = (stopSignal: NodeJS.Signals): void => {
    if (!controller.signal.aborted) controller.abort(new StopRequest(stopSignal));
    else if (stopSignal !== "SIGHUP") endProcessBy(stopSignal);
  };
  const dispose = (): void => {
    for (const name of stopping) process.off(name, onSignal);
  };
  for (const name of stopping) process.on(name, onSignal);
  return { signal: controller.signal, dispose };
}
