import { expect, test } from "vitest";
import { aheadTarget, measured, stagingTarget, waitingTarget } from "./prefetch.js";

const rules = { slots: 4, prefetchMs: 5_000, prefetchMax: 1_000 };

test("before anything was measured, one range waits for each slot", () => {
  expect(waitingTarget(undefined, rules)).toBe(4);
});

test("what waits lasts for the prefetch time of all slots", () => {
  expect(waitingTarget(100, rules)).toBe(200);
});

test("never less than one range a slot waits, however long events take", () => {
  expect(waitingTarget(3_600_000, rules)).toBe(4);
});

test("never more than the limit waits, however short events are", () => {
  expect(waitingTarget(0, rules)).toBe(1_000);
});

test("the mean follows what is measured", () => {
  let mean: number | undefined;
  for (let i = 0; i < 100; i += 1) mean = measured(mean, 40);
  expect(mean).toBe(40);
  for (let i = 0; i < 100; i += 1) mean = measured(mean, 80);
  expect(mean).toBeCloseTo(80, 1);
});

test("the shorter ranges are, the more are handed over ahead, up to a limit, and none where they are long", () => {
  expect([undefined, 10_000, 201, 100, 25, 1, 0].map(aheadTarget)).toEqual([0, 0, 0, 1, 2, 50, 256]);
});

test("many small outputs may be being stored at once, and few large ones", () => {
  const rules = { slots: 2, stagingMax: 256 };
  expect([undefined, 1e9, 1e7, 1e3].map((bytes) => stagingTarget(bytes, rules))).toEqual([8, 8, 25, 256]);
  expect(stagingTarget(1e3, { slots: 2, stagingMax: 1 })).toBe(1);
});
