// What `noctua bench` prints for programs. Version 1.

import { z } from "zod";
import type { BenchConditions, BenchFigures } from "../core/bench.js";

const count = z.int().min(0);

export const benchAnswerSchema = z.strictObject({
  schema: z.literal("noctua.bench/v1"),
  slots: count,
  cores: count.describe("That driver, merger and payloads share."),
  eventMs: count.describe("That an event takes."),
  folder: z.string().describe("Whose disk was measured too."),
  runs: z.array(
    z.strictObject({
      name: z.string(),
      events: count,
      eventsPerSecond: z.number().min(0).describe("From the first that was done to the last."),
      busyPercent: z.number().min(0).describe("Of the slots' time since their payloads had started."),
      latencies: z
        .array(
          z.strictObject({
            figure: z.string(),
            count,
            medianMs: z.number().min(0),
            p99Ms: z.number().min(0),
          }),
        )
        .describe("As in the report (docs/report.md)."),
    }),
  ),
});

export function benchAnswer(
  runs: readonly BenchFigures[],
  conditions: BenchConditions,
): z.output<typeof benchAnswerSchema> {
  return {
    schema: "noctua.bench/v1",
    ...conditions,
    runs: runs.map((run) => ({ ...run, latencies: run.latencies.map((latency) => ({ ...latency })) })),
  };
}
