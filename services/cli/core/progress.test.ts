import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { progressLine, type ProgressView } from "./progress.js";
import { statusOf } from "./testing.js";

function viewOf(changes: Partial<ProgressView> = {}): ProgressView {
  return { status: statusOf(), filesExpected: 4, rangesPerSecond: undefined, away: "", ...changes };
}

const half = statusOf({ ranges: { ready: 166, held: 2, done: 32, merged: 200 }, filesMerged: 2 });

describe("the progress line", () => {
  it("says what is done, merged, how fast, and how long it will take", () => {
    expect(progressLine(viewOf({ status: half, rangesPerSecond: 28 }), 80)).toBe(
      "drell-yan [##########=.........] 232/400 ranges 2/4 merged 28.0/s ETA 6s",
    );
  });

  it("counts failures when there are some, and those that were final", () => {
    const status = statusOf({ ranges: { ready: 397, failed: 1 }, failures: 3 });
    expect(progressLine(viewOf({ status }), 80)).toContain("0/4 merged 3 failures, 1 final");
    const stopped = statusOf({ ranges: { failed: 30 }, failures: 1, state: "failed" });
    expect(progressLine(viewOf({ status: stopped }), 80)).toBe(
      "drell-yan [xxxxxxxxxxxxxxxxxxxx] 30/30 ranges 0 merged 30 failed failed",
    );
    expect(progressLine(viewOf({ status: statusOf({ ranges: { ready: 1 }, failures: 2 }) }), 80)).toContain(
      "2 failures",
    );
  });

  it("says what the job waits for instead of an ETA", () => {
    const status = statusOf({ ranges: { ready: 400 }, actors: 0 });
    expect(progressLine(viewOf({ status }), 80)).toMatch(/waiting for an actor$/);
    expect(progressLine(viewOf({ status: half, rangesPerSecond: 28, away: "driver away" }), 80)).toMatch(
      / merged driver away$/,
    );
    const merging = statusOf({ ranges: { done: 20, merged: 380 } });
    expect(progressLine(viewOf({ status: merging, rangesPerSecond: 3 }), 80)).toMatch(/merging$/);
  });

  it("says how many events are done in ranges that run, where there is room", () => {
    const status = { ...half, events: 4_000, eventsDone: 2_320, eventsRunning: 17 };
    expect(progressLine(viewOf({ status }), 90)).toContain("+17 events");
    expect(progressLine(viewOf({ status }), 40)).not.toContain("events");
  });

  it("says nothing of merged files where there are no outputs", () => {
    const status = statusOf({ outputs: "none", ranges: { done: 200, ready: 200 } });
    expect(progressLine(viewOf({ status }), 80)).toBe("drell-yan [##########..........] 200/400 ranges");
  });

  it("ends with how the job ended, and the files that there are", () => {
    const status = statusOf({
      state: "finished-with-failures",
      ranges: { merged: 399, failed: 1 },
      filesMerged: 4,
    });
    const line = progressLine(viewOf({ status, rangesPerSecond: 3 }), 80);
    expect(line).toContain("400/400 ranges 4 merged");
    expect(line).toMatch(/finished with failures$/);
    expect(line).not.toContain("/s");
  });

  it("expects at least the files that are known of", () => {
    const status = statusOf({ ranges: { merged: 400 }, filesMerged: 4, groupsOpen: 1, groupsFailed: 1 });
    expect(progressLine(viewOf({ status }), 80)).toContain("4/6 merged");
  });

  it("leaves out the number of files that nobody knows", () => {
    expect(progressLine(viewOf({ status: half, filesExpected: undefined }), 80)).toContain(" 2 merged");
  });

  it("sheds rate, files and failures before the ETA, and never the counts", () => {
    const status = { ...half, failures: 3 };
    const view = viewOf({ status, rangesPerSecond: 28 });
    expect(progressLine(view, 80)).toMatch(
      /^drell-yan \[#####\.{5}\] 232.* 2\/4 merged 3 failures 28.0\/s ETA 6s$/,
    );
    expect(progressLine(view, 70)).toBe("drell-yan [#####.....] 232/400 ranges 2/4 merged 3 failures ETA 6s");
    expect(progressLine(view, 60)).toBe("drell-yan [#####.....] 232/400 ranges 3 failures ETA 6s");
    expect(progressLine(view, 45)).toBe("drell-yan [#####.....] 232/400 ranges ETA 6s");
    expect(progressLine(view, 24)).toBe("drell-yan 232/400");
  });

  it("is never longer than its width, whatever the job", () => {
    const counts = fc.nat({ max: 100_000_000 });
    const status = fc.record({
      ranges: fc.record({ ready: counts, held: counts, done: counts, merged: counts, failed: counts }),
      name: fc.stringMatching(/^[\w.-]{1,64}$/),
      failures: counts,
      filesMerged: counts,
      actors: fc.nat({ max: 1 }),
    });
    const property = fc.property(
      status,
      fc.integer({ min: 20, max: 100 }),
      counts,
      (changes, width, rate) => {
        const line = progressLine(viewOf({ status: statusOf(changes), rangesPerSecond: rate / 1000 }), width);
        expect(line.length).toBeLessThanOrEqual(width);
        expect(line).not.toContain("NaN");
      },
    );
    fc.assert(property, { seed: 1, numRuns: 500 });
  });
});
