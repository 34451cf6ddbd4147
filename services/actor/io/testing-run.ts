// For tests: a run of a range that nobody but the test knows, and how it ends.

import { present } from "../../shared/core/assert.js";
import { heldRange, specOf } from "../core/testing.js";
import { unprepared, type Payload, type PayloadEnd, type PayloadRun } from "./payload.js";

const nobodyListens = {
  onBegin: () => undefined,
  onHandOver: () => undefined,
  onProgress: () => undefined,
  onEnd: () => undefined,
};

/** A run of event 1, which hears nothing. */
export function aRun<Changes extends Partial<PayloadRun>>(changes: Changes): PayloadRun & Changes {
  const [input] = specOf().inputs;
  return {
    slot: 0,
    held: heldRange(1, 1),
    alone: false,
    spec: specOf(),
    input: present(input, "input"),
    events: { input: 0, first: 1, last: 1 },
    folder: undefined,
    output: undefined,
    isAborted: false,
    isRecalled: false,
    recalls: 0,
    prepared: unprepared,
    ...nobodyListens,
    ...changes,
  };
}

/** Runs it to its end; the signal aborts it. */
export function endOfRun(payload: Payload, run: PayloadRun, signal?: AbortSignal): Promise<PayloadEnd> {
  return new Promise((resolve, reject) => {
    let isEnded = false;
    const started = {
      ...run,
      onEnd: (end: PayloadEnd) => {
        if (isEnded) reject(new Error("expected the run to end once, found that it ended twice"));
        isEnded = true;
        started.prepared.giveBack?.();
        resolve(end);
      },
    };
    signal?.addEventListener("abort", () => {
      started.isAborted = true;
      payload.abort(started);
    });
    payload.start(started);
  });
}
