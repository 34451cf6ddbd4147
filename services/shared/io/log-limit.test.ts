import { expect, test } from "vitest";
import { logLimit } from "./log-limit.js";

test("more than the limit of an interval is left out, and counted at the next line", () => {
  let nowMs = 0;
  const limit = logLimit({ nowMs: () => nowMs, unixMs: () => 0 }, 2, 1_000);
  expect([limit.next(), limit.next(), limit.next(), limit.next()]).toEqual([0, 0, undefined, undefined]);
  nowMs = 1_000;
  expect([limit.next(), limit.next()]).toEqual([2, 0]);
});
