import { expect, test } from "vitest";
import { Latencies, summaryOf } from "./latencies.js";

test("times are told in milliseconds, figure by figure, and those that nobody met are left out", () => {
  const latencies = new Latencies();
  for (const ms of [0.005, 0.005, 4]) latencies.add("slot-idle", ms);
  latencies.add("first-event", -3); // A clock that was set back.
  expect(summaryOf(latencies)).toEqual([
    { figure: "slot-idle", count: 3, medianMs: 0.005, p99Ms: expect.closeTo(4, 0) as number },
    { figure: "first-event", count: 1, medianMs: 0, p99Ms: 0 },
  ]);
});

test("a time of hours counts as the longest that can be told (T2)", () => {
  const latencies = new Latencies();
  latencies.add("client-request", 1e9);
  expect(summaryOf(latencies)[0]?.medianMs).toBeCloseTo((2 ** 32 - 1) / 1_000, 0);
});

test("what was taken is taken once, and adds up elsewhere", () => {
  const [node, driver] = [new Latencies(), new Latencies()];
  node.add("slot-idle", 1);
  driver.addAll(node.take());
  expect(node.take()).toEqual([]);
  node.add("slot-idle", 3);
  driver.addAll(node.take());
  expect([driver.of("slot-idle").count, driver.of("slot-idle").sum]).toEqual([2, 4_000]);
});
