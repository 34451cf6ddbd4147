// Logs and metrics of the driver, made from what was committed.

import { Counter, Gauge, type Registry } from "prom-client";
import type { Clock } from "../../shared/core/clock.js";
import { figures, latencyFigures, type Latencies } from "../../shared/core/latencies.js";
import { rangesIn } from "../../shared/core/spans.js";
import { exposeLatency } from "../../shared/io/latency-histograms.js";
import { logLimit, type LogLimit } from "../../shared/io/log-limit.js";
import type { Logger } from "../../shared/io/logger.js";
import type { DurableFact } from "../core/facts/fact.js";
import type { FarmView } from "../core/state/farm.js";
import { rangeStates } from "../core/state/range-page.js";

/** What is told of each committed turn. */
export type Observe = (facts: readonly DurableFact[], farm: FarmView) => void;

export function observer(log: Logger, registry: Registry, clock: Clock): Observe {
  const counters = countersIn(registry);
  const lines = new Lines(log, clock);
  return (facts, farm) => {
    counters.commits.inc();
    const kinds = new Map<DurableFact["kind"], number>();
    for (const fact of facts) {
      kinds.set(fact.kind, (kinds.get(fact.kind) ?? 0) + 1);
      if (fact.kind === "ranges-done") counters.rangesDone.inc(rangesIn(fact.spans));
      if (fact.kind === "range-tried") counters.failures.inc({ class: fact.failure.class });
      lines.write(fact, farm);
    }
    for (const [kind, count] of kinds) counters.facts.inc({ kind }, count); // Labels cost more than the counting.
  };
}

/** Figures that are read off the farm when somebody asks for them. */
export function exposeFarm(registry: Registry, farm: FarmView): void {
  new Gauge({
    name: "noctua_ranges",
    help: "Event ranges of jobs that are not over, by where they stand.",
    labelNames: ["job", "state"],
    registers: [registry],
    collect() {
      this.reset(); // A job's series go away with it.
      for (const number of farm.live) {
        const counts = farm.jobs.get(number)?.table.counts;
        if (counts === undefined) continue;
        for (const state of rangeStates) this.set({ job: String(number), state }, counts[state]);
      }
    },
  });
  exposeCopies(registry, farm);
  new Gauge({
    name: "noctua_jobs_broken",
    help: "Jobs that are out of service, since the driver is wrong about them.",
    registers: [registry],
    collect() {
      let broken = 0;
      for (const { stage } of farm.jobs.values()) if (stage.kind === "broken") broken += 1;
      this.set(broken);
    },
  });
  new Gauge({
    name: "noctua_sessions",
    help: "Sessions of actors and mergers, by whether their stream is there.",
    labelNames: ["role", "attachment"],
    registers: [registry],
    collect() {
      this.reset();
      for (const { role, attachment } of farm.sessions.values())
        this.inc({ role, attachment: attachment.kind });
    },
  });
}

/** All that was counted of all nodes and clients since the driver began. */
export function exposeLatencies(registry: Registry, latencies: Pick<Latencies, "of">): void {
  for (const figure of figures())
    exposeLatency(registry, latencies, figure, {
      name: `noctua_${figure.replaceAll("-", "_")}_seconds`,
      help: `Time ${latencyFigures[figure]}.`,
    });
}

function exposeCopies(registry: Registry, farm: FarmView): void {
  new Gauge({
    name: "noctua_copies",
    help: "Ranges of jobs that are not over which were lent a second time: so far, whose copy won, and now.",
    labelNames: ["job", "which"],
    registers: [registry],
    collect() {
      this.reset();
      for (const number of farm.live) {
        const job = farm.jobs.get(number);
        if (job === undefined) continue;
        this.set({ job: String(number), which: "made" }, job.copiesMade);
        this.set({ job: String(number), which: "won" }, job.copiesWon);
        this.set({ job: String(number), which: "running" }, job.copies.size);
      }
    },
  });
}

function countersIn(registry: Registry): {
  readonly commits: Counter;
  readonly facts: Counter<"kind">;
  readonly rangesDone: Counter;
  readonly failures: Counter<"class">;
} {
  const registers = [registry];
  return {
    commits: new Counter({ name: "noctua_journal_commits_total", help: "Turns made durable.", registers }),
    facts: new Counter({
      name: "noctua_facts_total",
      help: "Facts made durable, by kind.",
      labelNames: ["kind"],
      registers,
    }),
    rangesDone: new Counter({
      name: "noctua_ranges_done_total",
      help: "Event ranges whose first output was made durable.",
      registers,
    }),
    failures: new Counter({
      name: "noctua_payload_failures_total",
      help: "Failures of payloads, by class.",
      labelNames: ["class"],
      registers,
    }),
  };
}

/** Lines of one kind of fact: thousands of nodes on which a payload fails at once must not fill the log. */
const linesOfKind = { max: 100, intervalMs: 10_000 };

/** One line for each fact that a person on call would want; the many small ones are metrics. */
class Lines {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #limits = new Map<DurableFact["kind"], LogLimit>();

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  write(fact: DurableFact, farm: FarmView): void {
    const level = levels[fact.kind] ?? "debug";
    const leftOut = level === "debug" ? 0 : this.#limitOf(fact.kind).next();
    if (leftOut === undefined) return;
    this.#log[level](fact.kind.replaceAll("-", " "), {
      ...idsOf(fact, farm),
      ...(leftOut === 0 ? {} : { leftOut }),
    });
  }

  #limitOf(kind: DurableFact["kind"]): LogLimit {
    const limit = this.#limits.get(kind) ?? logLimit(this.#clock, linesOfKind.max, linesOfKind.intervalMs);
    this.#limits.set(kind, limit);
    return limit;
  }
}

function idsOf(fact: DurableFact, farm: FarmView): Readonly<Record<string, unknown>> {
  if (fact.kind === "job-submitted") {
    const { job, requestId } = fact;
    return { job, requestId, ranges: farm.jobs.get(job)?.table.ranges };
  }
  const { kind: _, ...ids } = fact;
  return ids;
}

const levels: Partial<Record<DurableFact["kind"], "info" | "warn" | "error">> = {
  "driver-started": "info",
  "session-opened": "info",
  "session-ended": "info",
  "merge-planned": "info",
  "merge-published": "info",
  "job-submitted": "info",
  "job-ended": "info",
  "job-reported": "info",
  "range-tried": "warn",
  "ranges-suspected": "warn",
  "range-given-up": "warn",
  "node-quarantined": "warn",
  "node-restored": "info",
  "outputs-lost": "warn",
  "job-stopped": "warn",
  "job-broken": "error",
  "merge-failed": "warn",
};
