// Benchmarks measure what they say they measure: the figures are there and fit each other. How fast anything is, no test
// asks: machines are shared.

import { describe, expect, it } from "vitest";
import { privateFolder } from "../support/private-folder.js";
import { measureDispatch, type DispatchFigures, type DispatchOptions } from "./dispatch.js";
import { dispatchText } from "./dispatch-text.js";
import { measureFeed } from "./feed/feed.js";
import { runFeed } from "./feed/feed-run.js";
import { shortestBusy } from "./feed/feed-text.js";
import { nodeProgram } from "./feed/program.js";
import { measureDelays, measureMerges } from "./merge/merge.js";
import { measureMemory, memoryText } from "./memory.js";
import { parseBenchArguments } from "./options.js";
import { measureReport, reportShapes, reportText } from "./report.js";
import { measureRecovery } from "./recover.js";

const signal = new AbortController().signal;

/** Measures until something was there to be measured: a machine that is busy may not come to it in half a second. */
async function longEnough(options: DispatchOptions): Promise<DispatchFigures> {
  for (let seconds = options.seconds; ; seconds *= 2) {
    const figures = await measureDispatch(
      { actors: 3, resultsPerMessage: 5 },
      { ...options, seconds },
      signal,
    );
    if (figures.rangesAcknowledged > 0 && figures.rangesJournaled > 0) return figures;
  }
}

describe("dispatch", () => {
  it("counts the same ranges at the driver and at its actors, and each once", async () => {
    const folder = await privateFolder();
    const options: DispatchOptions = {
      folder,
      seconds: 0.5,
      warmUpSeconds: 0.2,
      ranges: 10_000_000,
      window: 2,
    };
    const figures = await longEnough(options);

    // The two look at slightly different times, and what is in flight is bounded by the credit.
    const inFlight = (3 * 2 * 5) / figures.seconds;
    expect(Math.abs(figures.rangesGranted - figures.rangesCompleted)).toBeLessThanOrEqual(inFlight);
    expect(Math.abs(figures.rangesCompleted - figures.rangesJournaled)).toBeLessThanOrEqual(inFlight);
    expect(figures.grantMs?.p99).toBeGreaterThanOrEqual(figures.grantMs?.p50 ?? Number.NaN);
    expect(figures.journalBytesPerRange).toBeGreaterThan(4); // A checksum alone has four.
    expect(figures.factsPerCommit).toBeGreaterThanOrEqual(1);
    expect(figures.cpuMicrosecondsPerRange).toBeGreaterThan(0);
    expect(dispatchText([figures, figures], options)).toMatch(/^results a message +5 +5$/m);
  });
});

describe("recover", () => {
  it("finds every range that was acknowledged", async () => {
    const folder = await privateFolder();
    const options = { folder, ranges: 500, actors: 2, resultsPerMessage: 10 };
    const figures = await measureRecovery(options, signal);

    expect(figures.rangesAcknowledged).toBeGreaterThanOrEqual(500);
    expect(figures.rangesRecovered).toBeGreaterThanOrEqual(figures.rangesAcknowledged);
    expect(figures.startSeconds).toBeGreaterThan(0);
    expect(figures.journalBytes).toBeGreaterThan(4 * figures.rangesRecovered);
  });
});

describe("memory", () => {
  it("is read before and after ranges are completed", async () => {
    const folder = await privateFolder();
    const crowd = { actors: 2, resultsPerMessage: 10, mergeEvery: 20, snapshotAfter: "1kB" };
    const figures = await measureMemory({ folder, ranges: 1_000_000, complete: 500, ...crowd }, signal);

    const { submitted, half, done } = figures;
    expect([submitted.rangesReady, submitted.rangesJournaled]).toEqual([1_000_000, 0]);
    expect(half.rangesJournaled).toBeGreaterThanOrEqual(250);
    expect(done.rangesJournaled).toBeGreaterThanOrEqual(500);
    expect(done.rssBytes).toBeGreaterThan(1e6);
    expect(memoryText(figures)).toMatch(/^of these, merged +\d+$/m);
  });

  it("is read at the end of a job whose ranges are all to be completed", async () => {
    const folder = await privateFolder();
    const crowd = { actors: 2, resultsPerMessage: 10, mergeEvery: 20, snapshotAfter: "1kB" };
    const figures = await measureMemory({ folder, ranges: 2_000, complete: 2_000, ...crowd }, signal);

    expect(figures.done.rangesJournaled).toBe(2_000);
    expect(memoryText(figures)).toMatch(/^ranges completed +2,?000$/m);
  });
});

describe("feeding", () => {
  const options = {
    ...{ slots: 2, seconds: 0.2, warmUpSeconds: 0, eventsMin: 1, isSpinning: false },
    ...{ scratch: undefined, nodeFlags: [], profileFolder: undefined, streamMs: [1], execMs: [1] },
  };

  it("measures everybody who feeds, and compares them", { timeout: 60_000 }, async () => {
    const folder = await privateFolder();
    const { text, figures } = await runFeed({ ...options, folder }, () => undefined, signal);
    expect(figures.map(({ variant }) => variant.feeder)).toEqual(
      expect.arrayContaining(["stream", "alone", "exec", "xargs"]),
    );
    for (const { eventsPerSecond, busyShare } of figures) {
      expect(eventsPerSecond).toBeGreaterThan(0);
      expect(busyShare).toBeLessThanOrEqual(1.01); // Sleeping is never shorter than it is asked for.
    }
    expect(text).toMatch(/^ {2}event +stream, no file .* xargs, 1,000 B/m);
  });

  it("runs the same payload where there is no C compiler", { timeout: 60_000 }, async () => {
    const folder = await privateFolder();
    const variant = { feeder: "stream", outputBytes: 10, durability: "relaxed" } as const;
    const given = { program: nodeProgram, options: { ...options, folder } };
    const { eventsPerSecond } = await measureFeed(variant, 1, given, signal);
    expect(eventsPerSecond).toBeGreaterThan(0);
  });

  it("finds the shortest event between those that it measured, if one was short enough", () => {
    const measured = [
      { eventMs: 0, busyShare: 0 },
      { eventMs: 1, busyShare: 0.25 },
      { eventMs: 4, busyShare: 0.75 },
      { eventMs: 16, busyShare: 0.9 },
    ];
    expect(shortestBusy(measured, 0.5)?.eventMs).toBeCloseTo(2);
    expect(shortestBusy(measured, 0.2)).toEqual({ eventMs: 1, isBound: true });
    expect(shortestBusy(measured, 0.95)).toBeUndefined();
  });
});

describe("merging", () => {
  it("merges what it made, beside the plain tool, and tells delays", { timeout: 60_000 }, async () => {
    const options = { folder: await privateFolder(), slots: 1, nodeFlags: [] };
    const shape = { tool: "tar", outputBytes: 5_000, outputsPerGroup: 3, groups: 2 } as const;
    const figures = await measureMerges(shape, { ...options, isPlainMeasured: true }, signal);
    expect(figures.seconds).toBeGreaterThan(0);
    expect(figures.plain?.seconds).toBeGreaterThan(0);
    expect(figures.plain?.removalSeconds).toBeGreaterThan(0);
    const { publishedMs, endedMs } = await measureDelays({ ...shape, tool: "concat" }, options, signal);
    expect(publishedMs?.count).toBe(2);
    expect(endedMs).toBeGreaterThan(0);
  });
});

describe("reporting", () => {
  it("writes what it made, and tells what is reachable from garbage", async () => {
    const folder = await privateFolder();
    const shape = { name: "every other failed", ranges: 2_000, failed: 1_000, step: 2 };
    const figures = await measureReport(shape, folder, signal);
    expect(figures.seconds).toBeGreaterThan(0);
    expect(figures.bytes).toBeGreaterThan(2_000 * '{"first":1,"count":1}'.length);
    expect(figures.heapMostBytes).toBeGreaterThanOrEqual(figures.heapBeforeBytes);
    expect(figures.heapMostWithGarbageBytes).toBeGreaterThanOrEqual(figures.heapMostBytes);
    expect(reportText([figures])).toMatch(/^of these, failed for good +1,000$/m);
    expect(reportShapes(1).map(({ ranges }) => ranges)).toEqual([1_000_000, 10_000, 20_000]);
  });
});

describe("the command line", () => {
  it("says how it is used when it is not understood", () => {
    expect(parseBenchArguments(["dispatch", "--actors", "1,20"])).toMatchObject({ actors: [1, 20] });
    expect(parseBenchArguments(["feed", "--exec", ""])).toMatchObject({ feed: { slots: 2, execMs: [] } });
    expect(() => parseBenchArguments([])).toThrow(/^usage: npm run bench/);
    expect(() => parseBenchArguments(["dispatch", "--actors", "0"])).toThrow(/--actors: .* found 0/);
  });
});
