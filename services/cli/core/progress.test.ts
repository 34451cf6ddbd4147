import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bar, progressLine, type ProgressView } from "./progress.js";
import { statusOf } from "./testing.js";

const fast = { ranges: 28, events: 28 };

function viewOf(changes: Partial<ProgressView> = {}): ProgressView {
  return { status: statusOf(), perSecond: undefined, away: "", ...changes };
}

const half = statusOf({
  ranges: { ready: 146, held: 22, done: 32, merged: 200 },
  filesMerged: 2,
  filesExpected: 4,
});

describe("the progress line", () => {
  it("says what is done, merged, how fast, how long it will take, and how long the nodes are lent", () => {
    const view = viewOf({ status: { ...half, allocationLeftMs: 7_140_000 }, perSecond: fast });
    expect(progressLine(view, 99)).toBe(
      "drell-yan [##########=>........] 232/400 ranges, 2/4 merged, 28.0 events/s, ETA 6s (1h59m left)",
    );
    expect(progressLine(view, 79)).toBe(
      "drell-yan [#####>....] 232/400 ranges, 2/4 merged, 28.0 events/s, ETA 6s",
    );
  });

  it("says when the wall time ends before the job would, as long as there is room for an ETA", () => {
    const view = viewOf({
      status: { ...half, allocationLeftMs: 60_000 },
      perSecond: { ranges: 1, events: 10 },
    });
    expect(progressLine(view, 72)).toMatch(/ 2\/4 merged, ETA 2m 48s \(1m left\)$/);
    expect(progressLine(view, 50)).not.toContain("left");
  });

  it("says what the job waits for instead of an ETA", () => {
    const status = statusOf({ ranges: { ready: 400 }, actors: 0 });
    expect(progressLine(viewOf({ status }), 80)).toMatch(/, waiting for an actor$/);
    const behind = statusOf({ ranges: { ready: 400 } });
    expect(progressLine(viewOf({ status: behind }), 80)).toMatch(/, waiting \(noctua explain 1\)$/);
    expect(progressLine(viewOf({ status: behind, perSecond: fast }), 80)).toMatch(/, ETA 15s$/);
    expect(progressLine(viewOf({ status: half, perSecond: fast, away: "driver away" }), 80)).toMatch(
      / merged, driver away$/,
    );
    const merging = statusOf({ ranges: { done: 20, merged: 380 } });
    expect(progressLine(viewOf({ status: merging, perSecond: fast }), 80)).toMatch(/, merging$/);
    const open = statusOf({ state: "open", ranges: { merged: 380 } });
    expect(progressLine(viewOf({ status: open }), 80)).toMatch(/, takes inputs$/);
  });

  it("counts failures when there are some, and those that were final", () => {
    const status = statusOf({ ranges: { ready: 397, held: 1, failed: 2 }, failures: 5 });
    expect(progressLine(viewOf({ status }), 80)).toContain(", 5 failures (2 final)");
    const one = statusOf({ ranges: { held: 1 }, failures: 1 });
    expect(progressLine(viewOf({ status: one }), 80)).toMatch(/, 1 failure$/);
  });

  it.each(["failed", "cancelled"] as const)("says of a job that is %s what is not done", (state) => {
    const status = statusOf({ ranges: { merged: 10, failed: 30 }, filesMerged: 1, failures: 1, state });
    expect(progressLine(viewOf({ status }), 80)).toBe(
      `drell-yan [#####...............] 10/40 ranges, 1 merged, 30 not done, ${state}`,
    );
  });

  it("says of a job that is being cancelled what it gives up, and no pace", () => {
    const ranges = { held: 2, done: 8, failed: 30 };
    const status = statusOf({ ranges, failures: 1, reason: "the job was cancelled" });
    expect(progressLine(viewOf({ status, perSecond: fast }), 80)).toBe(
      "drell-yan [====>...............] 8/40 ranges, 0 merged, 30 not done, ending",
    );
  });

  it("says how many events are done in ranges that run, where there is room", () => {
    const status = { ...half, events: 4_000, eventsDone: 2_320, eventsRunning: 17 };
    expect(progressLine(viewOf({ status }), 90)).toContain("+17 events");
    expect(progressLine(viewOf({ status }), 40)).not.toContain("events");
  });

  it("says nothing of merged files where there are no outputs, and leaves out a number that nobody knows", () => {
    const status = statusOf({ outputs: "none", ranges: { done: 200, held: 200 } });
    expect(progressLine(viewOf({ status }), 80)).toBe("drell-yan [##########>>>>>>>>>>] 200/400 ranges");
    const unknown = { ...half, filesExpected: undefined };
    expect(progressLine(viewOf({ status: unknown }), 80)).toContain(", 2 merged");
  });

  it("expects at least the files that are known of, and counts those that there are at the end", () => {
    const known = { filesMerged: 4, groupsFailed: 1, filesExpected: 4 };
    const status = statusOf({ ranges: { done: 1, merged: 399 }, ...known });
    expect(progressLine(viewOf({ status }), 80)).toContain("4/5 merged");
    const over = {
      ...status,
      state: "finished-with-failures",
      ranges: { ...status.ranges, failed: 1 },
    } as const;
    const line = progressLine(viewOf({ status: over, perSecond: fast }), 90);
    expect(line).toMatch(/401\/401 ranges, 4 merged, 1 failed, finished with failures$/);
  });

  it("tells slow paces by the minute and by the hour, and fast ones by the thousand", () => {
    const rates = [0.001, 0.02, 0.9949, 0.996, 99.96, 99_999, 172_345].map((events) => {
      const line = progressLine(viewOf({ status: half, perSecond: { ranges: 1, events } }), 100);
      return /, ([^,]* events\/\w+),/.exec(line)?.[1];
    });
    expect(rates).toEqual([
      "3.6 events/h",
      "1.2 events/min",
      "59.7 events/min",
      "1.0 events/s",
      "100 events/s",
      "99999 events/s",
      "172k events/s",
    ]);
  });

  it("says all of a hundred million ranges in eighty columns, and of one", () => {
    const ranges = { ready: 60_000_000, held: 1_300_000, done: 700_000, merged: 37_999_999, failed: 1 };
    const files = { filesMerged: 380_000, filesExpected: 1_000_000, failures: 12_345 };
    const perSecond = { ranges: 1_000, events: 15_000_000 };
    expect(progressLine(viewOf({ status: statusOf({ ranges, ...files }), perSecond }), 119)).toBe(
      "drell-yan [###x......] 38.7M/100M ranges, 380k/1000k merged, 12345 failures (1 final), 15M events/s, ETA 17h 1m",
    );
    expect(progressLine(viewOf({ status: statusOf({ ranges, ...files }), perSecond }), 79)).toBe(
      "drell-yan [###x......] 38.7M/100M ranges, 12345 failures (1 final), ETA 17h 1m",
    );
    const last = statusOf({ ranges: { merged: 99_999_999, held: 1 }, failures: 0 });
    expect(progressLine(viewOf({ status: last }), 79)).toMatch(/\] 99\.9M\/100M ranges, /);
    const one = statusOf({ ranges: { held: 1 }, filesExpected: 1 });
    expect(progressLine(viewOf({ status: one }), 79)).toBe(
      "drell-yan [>>>>>>>>>>>>>>>>>>>>] 0/1 ranges, 0/1 merged",
    );
    const slow = statusOf({ ranges: { held: 1, ready: 99_999_999 } });
    const never = viewOf({ status: slow, perSecond: { ranges: 0.001, events: 1 } });
    expect(progressLine(never, 79)).toMatch(/, ETA over a year$/);
  });

  it("sheds pace, files and ETA before failures, and never the counts", () => {
    const view = viewOf({ status: { ...half, failures: 3 }, perSecond: fast });
    expect(progressLine(view, 72)).toBe(
      "drell-yan [#####>....] 232/400 ranges, 2/4 merged, 3 failures, ETA 6s",
    );
    expect(progressLine(view, 60)).toBe("drell-yan [#####>....] 232/400 ranges, 3 failures, ETA 6s");
    expect(progressLine(view, 50)).toBe("drell-yan [#####>....] 232/400 ranges, 3 failures");
    expect(progressLine(view, 24)).toBe("drell-yan 232/400");
  });

  const counts = fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 100_000_000 }));
  const ranges = fc.record({ ready: counts, held: counts, done: counts, merged: counts, failed: counts });

  it("is never longer than its width, whatever the job", () => {
    const status = fc.record({
      ranges,
      name: fc.stringMatching(/^[\w.-]{1,64}$/),
      failures: counts,
      filesMerged: counts,
      allocationLeftMs: fc.option(counts, { nil: undefined }),
      actors: fc.nat({ max: 1 }),
    });
    const widths = fc.integer({ min: 20, max: 100 });
    const property = fc.property(status, widths, counts, (changes, width, rate) => {
      const perSecond = { ranges: rate / 1000, events: rate / 10 };
      const line = progressLine(viewOf({ status: statusOf(changes), perSecond }), width);
      expect(line.length).toBeLessThanOrEqual(width);
      expect(line).not.toContain("NaN");
    });
    fc.assert(property, { seed: 1, numRuns: 500 });
  });

  it("has a bar of one length, which is full at the end and not before, and shows that something failed", () => {
    const property = fc.property(ranges, fc.constantFrom(10, 12, 16, 20), (some, cells) => {
      const { ready, held, done, merged, failed } = some;
      const drawn = bar(statusOf({ ranges: some }), cells).slice(1, -1);
      expect(drawn).toMatch(/^#*=*x*>*\.*$/);
      expect(drawn).toHaveLength(cells);
      expect(drawn.includes("x")).toBe(failed > 0);
      if (ready + held + done + merged + failed === 0) return;
      expect(/^[#=x]+$/.test(drawn)).toBe(ready + held === 0);
      expect(/^[#x]+$/.test(drawn)).toBe(
        ready + held + done === 0 || (!drawn.includes("=") && ready + held === 0),
      );
    });
    fc.assert(property, { seed: 1, numRuns: 500 });
  });
});
