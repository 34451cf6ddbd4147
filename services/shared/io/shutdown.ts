// Stopping when told (P10): the first SIGTERM or SIGINT asks, the second one ends the process at once.

import { constants } from "node:os";

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

const stopping = ["SIGTERM", "SIGINT"] as const;

/** Takes over SIGTERM and SIGINT until disposed. */
export function stopSignals(): StopSignals {
  const controller = new AbortController();
  const onSignal = (stopSignal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(128 + constants.signals[stopSignal]);
    controller.abort(new StopRequest(stopSignal));
  };
  for (const name of stopping) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of stopping) process.off(name, onSignal);
    },
  };
}
