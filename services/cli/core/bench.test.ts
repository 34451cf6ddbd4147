import { describe, expect, it } from "vitest";
import { benchRuns, benchText, eventsFor, type BenchFigures } from "./bench.js";

const [without, stored] = benchRuns;

describe("bench", () => {
  it("runs as many events as fill the slots, some for each slot, and no more than a disk can take", () => {
    for (const run of benchRuns) {
      expect(eventsFor(run, 4, 100, 5_000)).toBe(200);
      expect(eventsFor(run, 4, 60_000, 5_000)).toBe(8);
      expect(eventsFor(run, 4_096, 0, 3_600_000)).toBe(100_000);
    }
    expect(without && eventsFor(without, 2, 0, 1_000)).toBe(20_000);
    expect(stored && eventsFor(stored, 2, 0, 1_000)).toBe(2_000);
  });

  it("says under which conditions it measured, in eighty columns", () => {
    const latencies = [{ figure: "slot-idle" as const, count: 9, medianMs: 0.0351, p99Ms: 4 }];
    const one: BenchFigures = {
      name: "outputs of 1 kB",
      events: 600,
      eventsPerSecond: 187.2,
      busyPercent: 90.3,
      latencies,
    };
    const slow = { ...one, eventsPerSecond: 1.26, latencies: [] };
    const text = benchText([one, slow], { slots: 2, cores: 4, eventMs: 10, folder: "/data" });
    expect(text).toContain("Events of 10 ms, 2 slots on 4 cores that driver and merger share; in /data.");
    expect(text).toMatch(/^outputs of 1 kB +600 +187 +90\.3 % +0\.035 ms +-$/m);
    expect(text).toMatch(/^outputs of 1 kB +600 +1\.3 +90\.3 % +- +-$/m);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});
