import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, parseDurationMs } from "./duration.js";

test("durations are read as people write them", () => {
  const read = ["90s", "1h 30m", "1h30m", "500ms", "1.5s", "2d", " 10m ", "0s"].map(parseDurationMs);
  expect(read).toEqual([90_000, 5_400_000, 5_400_000, 500, 1_500, 172_800_000, 600_000, 0]);
});

test("what has no unit, one unit twice, or another one is no duration", () => {
  for (const text of ["", "  ", "10", "10 years", "1h 2h", "-5s", "5s ago", "1e3s", "s", "1,5s"])
    expect(parseDurationMs(text), text).toBeUndefined();
});

test("durations are written in the two greatest units that they have", () => {
  const written = [0, 350, 999, 6_000, 125_000, 5_400_000, 3_600_000, 90_061_000, 3_605_000].map(
    formatDuration,
  );
  expect(written).toEqual(["0ms", "350ms", "999ms", "6s", "2m 5s", "1h 30m", "1h", "1d 1h", "1h"]);
});

test("what is written is read again, but for what was too small to be written", () => {
  fc.assert(
    fc.property(fc.nat({ max: 10 * 86_400_000 }), (ms) => {
      const read = parseDurationMs(formatDuration(ms)) ?? Number.NaN;
      const precision = ms < 1_000 ? 0 : ms < 3_600_000 ? 500 : ms < 86_400_000 ? 60_000 : 3_600_000;
      expect(Math.abs(read - ms)).toBeLessThanOrEqual(precision);
    }),
    { seed: 5 },
  );
});
