import { expect, test } from "vitest";
import { Heartbeat } from "../../../gen/noctua/v1/types.js";
import { aliveFromWire } from "./wire-session.js";

const jobs = Array.from({ length: 1_001 }, (_, i) => ({ job: i + 1, busyMs: 1, lostMs: 0, runningMs: 0 }));

test.each([
  [
    "how the slots of too many jobs spent their time",
    { slotTimes: { startingMs: 0, waitingMs: 0, jobs } },
    "heartbeat.slot_times.jobs: expected at most 1000 jobs, found 1001",
  ],
  [
    "at length why results wait",
    { waitsFor: "x".repeat(501) },
    "heartbeat.waits_for: expected at most 500 letters, found 501",
  ],
])("a heartbeat that tells %s is malformed (P7)", (_what, more, flaw) => {
  expect(() => aliveFromWire({ ...Heartbeat.create(), ...more })).toThrow(flaw);
});
