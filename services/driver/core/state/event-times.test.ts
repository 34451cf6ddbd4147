import { expect, test } from "vitest";
import { bestTimes, EventTimes, newJobTimes, timesOnKind } from "./event-times.js";

test("nothing is known before the first measurement, and then a mean and quantiles in milliseconds", () => {
  const times = new EventTimes();
  expect([times.count, times.meanMs, times.quantileMs(0.5)]).toEqual([0, undefined, undefined]);
  for (const ms of [1, 2, 6]) times.add(ms);
  expect([times.sumMs, times.meanMs, times.quantileMs(0.5)]).toEqual([9, 3, 2]);
});

test("a kind of node that was not met has the times of all, and too many kinds share one (E2)", () => {
  const times = newJobTimes();
  times.all.add(10);
  expect(bestTimes(times, "slow").meanMs).toBe(10);
  timesOnKind(times, "slow").add(500);
  expect(bestTimes(times, "slow").meanMs).toBe(500);
  for (let kind = 0; kind < 1_000; kind += 1) timesOnKind(times, String(kind)).add(kind);
  expect(times.byKind.size).toBeLessThan(300);
  expect(timesOnKind(times, "998")).toBe(timesOnKind(times, "999"));
});
