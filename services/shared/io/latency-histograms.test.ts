import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { Latencies } from "../core/latencies.js";
import { exposeLatency } from "./latency-histograms.js";

test("what was counted is exposed as a histogram of seconds", async () => {
  const registry = new Registry();
  const latencies = new Latencies();
  exposeLatency(registry, latencies, "slot-idle", { name: "idle_seconds", help: "Time idle." });
  for (const ms of [0.001, 0.2, 3, 3]) latencies.add("slot-idle", ms);
  const lines = (await registry.metrics()).split("\n");
  expect(lines).toContain("# TYPE idle_seconds histogram");
  expect(lines).toContain('idle_seconds_bucket{le="0.000016"} 1');
  expect(lines).toContain('idle_seconds_bucket{le="0.000256"} 2');
  expect(lines).toContain('idle_seconds_bucket{le="0.004096"} 4');
  expect(lines).toContain('idle_seconds_bucket{le="+Inf"} 4');
  expect(lines).toContain("idle_seconds_sum 0.006201");
  expect(lines).toContain("idle_seconds_count 4");
});
