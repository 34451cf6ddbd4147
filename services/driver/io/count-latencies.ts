// How long things take, counted for the report and for metrics.

import type { Registry } from "prom-client";
import { Latencies } from "../../shared/core/latencies.js";
import { errorFields } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";
import { systemClock } from "../../shared/io/system-clock.js";
import type { Stopwatch } from "./answering.js";
import { exposeLatencies } from "./observer.js";

/** How long things take, of all that begins with this driver. */
export function countLatencies(
  registry: Registry,
  log: Logger,
): {
  readonly latencies: Latencies;
  readonly stopwatch: Stopwatch;
} {
  const latencies = new Latencies();
  exposeLatencies(registry, latencies);
  const count = (ms: number): void => latencies.add("client-request", ms);
  const failed = (error: unknown): void => log.error("a question could not be answered", errorFields(error));
  return { latencies, stopwatch: { nowMs: () => systemClock.nowMs(), count, failed } };
}
