// How a question that is answered once gets its answer, or its error, and how long that took.

import type { sendUnaryData } from "@grpc/grpc-js";
import { isProgramError } from "../../shared/core/assert.js";
import { rpcErrorOf } from "./rpc-error.js";

/** Told how long each question took that was answered. */
export interface Stopwatch {
  readonly nowMs: () => number;
  readonly count: (ms: number) => void;
  /** The program is wrong about a question: whoever asked is told so, and the log more. */
  readonly failed: (error: unknown) => void;
}

export const stopped: Stopwatch = { nowMs: () => 0, count: () => undefined, failed: () => undefined };

export function answer<Response>(
  { nowMs, count, failed }: Stopwatch,
  reply: sendUnaryData<Response>,
  work: () => Promise<Response>,
): void {
  const askedAtMs = nowMs();
  // What it throws before it waits is an answer too.
  (async () => work())().then(
    (response) => {
      count(nowMs() - askedAtMs);
      reply(null, response);
    },
    (error: unknown) => {
      if (isProgramError(error)) failed(error);
      reply(rpcErrorOf(error));
    },
  );
}
