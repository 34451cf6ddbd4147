// What a merger's /metrics tells.

import { Counter, Histogram, type Registry } from "prom-client";
import { rangesIn } from "../../shared/core/spans.js";
import { gaugesIn, serviceRegistry } from "../../shared/io/metrics.js";
import type { MergerTally } from "../core/state.js";
import type { MergeOutcome } from "../core/step.js";

export interface MergerMetrics {
  readonly registry: Registry;
  /** A merge came to its end. */
  mergeEnded(outcome: MergeOutcome): void;
}

const wallBuckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000, 3_000];

/** `tally` is asked at each scrape. */
export function mergerMetrics(slots: number, tally: () => MergerTally): MergerMetrics {
  const registry = serviceRegistry("merger");
  const gauge = gaugesIn(registry, "noctua_merger");
  gauge("slots", "Merges that can run at a time.", () => slots);
  gauge("merges_running", "Merges that run.", () => tally().running);
  gauge("groups_waiting", "Lent merge groups that no slot has begun.", () => tally().waiting);
  gauge(
    "results_unacknowledged",
    "Results that the driver has not acknowledged.",
    () => tally().unacknowledged,
  );
  gauge("link_up", "1 while there is a session with the driver.", () => Number(tally().isWelcome));
  const merges = new Counter({
    name: "noctua_merger_merges_total",
    help: "Merges that ended, by outcome: merged, failed, lost (inputs were found lost), aborted.",
    labelNames: ["outcome"],
    registers: [registry],
  });
  const bytes = new Counter({
    name: "noctua_merger_merged_bytes_total",
    help: "Bytes of merged files.",
    registers: [registry],
  });
  const wall = new Histogram({
    name: "noctua_merger_merge_seconds",
    help: "How long it took to make a merged file, from its grant's start to the end of its fsync.",
    buckets: wallBuckets,
    registers: [registry],
  });
  return {
    registry,
    mergeEnded: (outcome) => {
      merges.inc({
        outcome: outcome.kind === "failed" && rangesIn(outcome.lost) > 0 ? "lost" : outcome.kind,
      });
      if (outcome.kind !== "merged") return;
      bytes.inc(outcome.file.sizeBytes);
      wall.observe(outcome.file.wallMs / 1_000);
    },
  };
}
