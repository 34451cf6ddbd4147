import fc from "fast-check";
import { expect, test } from "vitest";
import { Heartbeat } from "../../../gen/noctua/v1/types.js";
import { figures, Latencies, type CountedLatency } from "../core/latencies.js";
import { latenciesFromWire, latenciesToWire } from "./wire-latencies.js";

function overWire(latencies: readonly CountedLatency[]): CountedLatency[] {
  const message = {
    latencies: latenciesToWire(latencies),
    running: [],
    runningStays: false,
    slotTimes: undefined,
  };
  return latenciesFromWire(Heartbeat.decode(Heartbeat.encode(message).finish()).latencies, "latencies");
}

test("counted latencies come back as they went", () => {
  const counted = fc.tuple(fc.constantFrom(...figures()), fc.double({ min: 0, max: 1e6, noNaN: true }));
  fc.assert(
    fc.property(fc.array(counted), (all) => {
      const latencies = new Latencies();
      for (const [figure, ms] of all) latencies.add(figure, ms);
      const taken = latencies.take();
      expect(overWire(taken)).toEqual(taken);
    }),
    { seed: 7 },
  );
});

test("a figure of a later version is passed over, and columns that do not fit are refused", () => {
  const later = { figure: 99 as never, bucket: [1], count: [1], sumUs: 1 };
  expect(latenciesFromWire([later], "latencies")).toEqual([]);
  const crooked = { figure: 1 as never, bucket: [1, 2], count: [1], sumUs: 1 };
  expect(() => latenciesFromWire([later, crooked], "latencies")).toThrow("latencies[1].count");
});
