// Exceptions that nobody caught, and promises that failed unheard.
//
//   U1. The first one asks the process to stop in order, as a signal would: what it has at hand is handed in, within the limit of
//       every stop (P10). Its end is not a good one all the same.
//   U2. Each is a line of the log with its stack; of many, some are left out.

import type { Clock } from "../core/clock.js";
import { errorFields, errorMessage } from "./error-code.js";
import { logLimit } from "./log-limit.js";
import type { Logger } from "./logger.js";

/** Why a process stops that nobody asked to. */
class UnexpectedError extends Error {
  override readonly name = "UnexpectedError";

  constructor(cause: unknown) {
    super(`an error that nobody expected: ${errorMessage(cause)}`, { cause });
  }
}

const lines = { max: 10, intervalMs: 60_000 };

/** From now on; the signal is aborted with an `UnexpectedError` (U1). */
export function unexpectedErrors(log: Logger, clock: Clock): AbortSignal {
  const first = new AbortController();
  const limit = logLimit(clock, lines.max, lines.intervalMs);
  // Node tells of promises that failed unheard by this event, too.
  process.on("uncaughtException", (error, origin) => {
    const leftOut = limit.next();
    if (leftOut !== undefined)
      log.error("an error that nobody expected", { origin, ...errorFields(error), leftOut }); // (U2)
    if (!first.signal.aborted) first.abort(new UnexpectedError(error));
  });
  return first.signal;
}
