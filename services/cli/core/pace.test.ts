import { describe, expect, it } from "vitest";
import { isLineDue, phaseOf } from "./plain-pace.js";
import { RateMeter } from "./rate-meter.js";
import { statusOf } from "./testing.js";

describe("plain lines", () => {
  const last = { atMs: 1_000, phase: "running", text: "1/400" };

  it("are printed at most every 5 s while the phase stays", () => {
    expect(isLineDue(last, { atMs: 5_999, phase: "running", text: "2/400" })).toBe(false);
    expect(isLineDue(last, { atMs: 6_000, phase: "running", text: "2/400" })).toBe(true);
  });

  it("are printed at once at first and when the phase changes", () => {
    expect(isLineDue(undefined, last)).toBe(true);
    expect(isLineDue(last, { atMs: 1_001, phase: "merging", text: "400/400" })).toBe(true);
  });

  it("are not repeated when nothing is new", () => {
    expect(isLineDue(last, { ...last, atMs: 60_000 })).toBe(false);
  });

  it("tell waiting, running, merging, away and the end apart", () => {
    const running = statusOf({ ranges: { ready: 1 } });
    expect(phaseOf(statusOf({ ranges: { ready: 1 }, actors: 0 }), "")).toBe("waiting");
    expect(phaseOf(running, "")).toBe("running");
    expect(phaseOf(running, "driver away")).toBe("driver away");
    expect(phaseOf(statusOf({ ranges: { done: 1 } }), "")).toBe("merging");
    expect(phaseOf(statusOf({ state: "failed", ranges: { ready: 1 } }), "")).toBe("failed");
  });
});

describe("the rate", () => {
  it("is unknown until there is something to measure", () => {
    const meter = new RateMeter();
    expect(meter.perSecond(0)).toBeUndefined();
    meter.note(0, 100);
    meter.note(400, 120);
    expect(meter.perSecond(400)).toBeUndefined();
    expect(meter.perSecond(500)).toBe(40);
  });

  it("does not count what was done before somebody looked", () => {
    const meter = new RateMeter();
    meter.note(0, 1_000);
    meter.note(10_000, 1_100);
    expect(meter.perSecond(10_000)).toBe(10);
  });

  it("does not count the wait for the first actor", () => {
    const meter = new RateMeter();
    for (let atMs = 0; atMs <= 20_000; atMs += 1_000) meter.note(atMs, 0);
    meter.note(21_000, 10);
    expect(meter.perSecond(21_000)).toBe(10);
  });

  it("forgets what is older than half a minute, however often it is told", () => {
    for (const stepMs of [10, 100, 900, 7_000]) {
      const meter = new RateMeter();
      for (let atMs = 0; atMs <= 60_000; atMs += stepMs) meter.note(atMs, atMs);
      for (let atMs = 60_000; atMs <= 120_000; atMs += stepMs) meter.note(atMs, 60_000);
      expect(meter.perSecond(120_000)).toBeUndefined();
    }
  });

  it("begins anew when outputs were lost", () => {
    const meter = new RateMeter();
    meter.note(0, 0);
    meter.note(1_000, 500);
    meter.note(2_000, 100);
    meter.note(4_000, 120);
    expect(meter.perSecond(4_000)).toBe(10);
  });
});
