import { describe, expect, it } from "vitest";
import { PaceMeter } from "./pace-meter.js";
import { isLineDue, phaseOf } from "./plain-pace.js";
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

describe("the pace", () => {
  const done = (ranges: number) => ({ ranges, events: 10 * ranges });

  it("is unknown until there is something to measure", () => {
    const meter = new PaceMeter();
    expect(meter.perSecond(0)).toBeUndefined();
    meter.note(0, done(100), true);
    meter.note(400, done(120), true);
    expect(meter.perSecond(400)).toBeUndefined();
    expect(meter.perSecond(500)).toEqual({ ranges: 40, events: 400 });
  });

  it("does not count what was done before somebody looked", () => {
    const meter = new PaceMeter();
    meter.note(0, done(1_000), true);
    meter.note(10_000, done(1_100), true);
    expect(meter.perSecond(10_000)?.ranges).toBe(10);
  });

  it("does not count the wait for the first actor, but all of the work until the first range is done", () => {
    const meter = new PaceMeter();
    for (let atMs = 0; atMs <= 20_000; atMs += 1_000) meter.note(atMs, done(0), false);
    for (let atMs = 21_000; atMs < 81_000; atMs += 1_000) meter.note(atMs, done(0), true);
    meter.note(81_000, done(4), false);
    expect(meter.perSecond(80_000)?.ranges).toBeCloseTo(4 / 60);
  });

  it("looks back over half a minute, however often it is told, and further where ranges are long", () => {
    for (const stepMs of [10, 100, 900]) {
      const meter = new PaceMeter();
      for (let atMs = 0; atMs <= 60_000; atMs += stepMs) meter.note(atMs, done(atMs), true);
      for (let atMs = 60_000; atMs <= 120_000; atMs += stepMs)
        meter.note(atMs, done(60_000 + (atMs - 60_000) / 10), true);
      expect(meter.perSecond(120_000)?.ranges).toBeCloseTo(100, -1);
    }
    const long = new PaceMeter();
    for (let atMs = 0; atMs <= 3_600_000; atMs += 1_000)
      long.note(atMs, done(Math.floor(atMs / 600_000)), true);
    expect(long.perSecond(3_600_000)?.ranges).toBeCloseTo(1 / 600);
  });

  it("sinks while nothing is done, and begins anew after a pause", () => {
    const meter = new PaceMeter();
    meter.note(0, done(0), true);
    meter.note(1_000, done(100), true);
    expect(meter.perSecond(10_000)?.ranges).toBe(10);
    for (let atMs = 11_000; atMs <= 60_000; atMs += 1_000) meter.note(atMs, done(100), false);
    expect(meter.perSecond(60_000)).toBeUndefined();
    meter.note(61_000, done(100), true);
    meter.note(62_000, done(150), true);
    expect(meter.perSecond(62_000)?.ranges).toBeCloseTo(25);
  });

  it("is never less than nothing, whatever becomes of events that were done", () => {
    const meter = new PaceMeter();
    meter.note(0, { ranges: 0, events: 0 }, true);
    meter.note(1_000, { ranges: 10, events: 100 }, true);
    meter.note(2_000, { ranges: 40, events: 0 }, true);
    expect(meter.perSecond(3_000)).toBeUndefined();
  });

  it("begins anew when outputs were lost", () => {
    const meter = new PaceMeter();
    meter.note(0, done(0), true);
    meter.note(1_000, done(500), true);
    meter.note(2_000, done(100), true);
    meter.note(4_000, done(120), true);
    expect(meter.perSecond(4_000)?.ranges).toBe(10);
  });
});
