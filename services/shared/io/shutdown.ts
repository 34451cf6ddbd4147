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
    if (controller.signal.aborted) endAtOnce(stopSignal);
    else controller.abort(new StopRequest(stopSignal));
  };
  const dispose = (): void => {
    for (const name of stopping) process.off(name, onSignal);
  };
  const endAtOnce = (stopSignal: NodeJS.Signals): void => {
    // Once all that ends with this process was told: an exit would wait for calls to a file system that stands still.
    process.once("exit", () => {
      dispose();
      process.kill(process.pid, stopSignal);
    });
    process.exit(128 + constants.signals[stopSignal]);
  };
  for (const name of stopping) process.on(name, onSignal);
  return { signal: controller.signal, dispose };
}
