// What an actor's /metrics tells.

import { Counter, Histogram, type Registry } from "prom-client";
import { latencyFigures, type Latencies } from "../../shared/core/latencies.js";
import { exposeLatency } from "../../shared/io/latency-histograms.js";
import { gaugesIn, serviceRegistry } from "../../shared/io/metrics.js";
import type { ActorTally } from "../core/state.js";
import type { RangeOutcome } from "../core/step.js";

export interface ActorMetrics {
  readonly registry: Registry;
  /** A range came to its end. */
  rangeEnded(outcome: RangeOutcome): void;
  /** The first range of all began so long after the actor did. */
  firstBegun(ms: number): void;
}

const wallBuckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000];
/** What an actor counts by itself. */
const ofActor = ["slot-idle", "driver-request", "payload-request"] as const;

/** `tally` is asked at each scrape. */
export function actorMetrics(
  slots: number,
  tally: () => ActorTally,
  latencies: Pick<Latencies, "of">,
): ActorMetrics {
  const registry = serviceRegistry("actor");
  const gauge = gaugesIn(registry, "noctua_actor");
  gauge("slots", "Ranges that can be processed at a time.", () => slots);
  gauge("slots_busy", "Slots that process a range.", () => tally().running);
  gauge("ranges_waiting", "Ranges that no slot has begun.", () => tally().waiting);
  gauge("outputs_staging", "Outputs that are being stored.", () => tally().staging);
  gauge(
    "results_unacknowledged",
    "Results that the driver has not acknowledged.",
    () => tally().unacknowledged,
  );
  gauge("link_up", "1 while there is a session with the driver.", () => Number(tally().isWelcome));
  let firstBegunMs = 0;
  gauge(
    "first_range_seconds",
    "From the actor's start to its first range; 0 before that.",
    () => firstBegunMs / 1_000,
  );
  const ranges = new Counter({
    name: "noctua_actor_ranges_total",
    help: "Ranges that ended, by outcome (output, done, failure, suspect, aborted) and class of failure (none for the others).",
    labelNames: ["outcome", "class"],
    registers: [registry],
  });
  const wall = new Histogram({
    name: "noctua_actor_range_wall_seconds",
    help: "How long the payload took for a range that is done.",
    buckets: wallBuckets,
    registers: [registry],
  });
  for (const figure of ofActor)
    exposeLatency(registry, latencies, figure, {
      name: `noctua_actor_${figure.replaceAll("-", "_")}_seconds`,
      help: `Time ${latencyFigures[figure]}.`,
    });
  return {
    registry,
    rangeEnded: (outcome) => {
      const failureClass = outcome.kind === "failure" ? outcome.failure.class : "none";
      ranges.inc({ outcome: outcome.kind, class: failureClass });
      if (outcome.kind === "output" || outcome.kind === "done") wall.observe(outcome.wallMs / 1_000);
    },
    firstBegun: (ms) => {
      firstBegunMs = ms;
    },
  };
}
