import { expect, onTestFinished, test, vi } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { heldRange } from "../core/testing.js";
import { SlotBook } from "../core/slot-book.js";
import type { ActorTally } from "../core/state.js";
import { News, type ToldNews } from "./news.js";

const idle: ActorTally = {
  isWelcome: true,
  isDraining: false,
  waiting: 0,
  running: 0,
  staging: 0,
  unacknowledged: 0,
};
const results = { kind: "results", outputs: [], failures: [], returned: [], suspected: [] } as const;

const hello = {
  kind: "hello",
  actor: "a",
  incarnation: "1",
  epoch: undefined,
  node: { name: "n", cores: 1, labels: {}, process: undefined },
  slots: 1,
  allocationLeftMs: undefined,
  held: [],
  more: false,
} as const;

class ToldNode {
  nowMs = 5_000;
  tally = idle;
  readonly told: ToldNews[] = [];
  readonly slotBook = new SlotBook(1, this.nowMs);
  readonly news = new News({
    clock: { nowMs: () => this.nowMs, unixMs: () => 0 },
    tally: () => this.tally,
    slotBook: this.slotBook,
    send: (news) => this.told.push(news),
  });

  /** How often each figure was told of. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { latencies } of this.told)
      for (const { figure, counts: one } of latencies)
        counts[figure] = (counts[figure] ?? 0) + one.count.reduce((sum, some) => sum + some, 0);
    return counts;
  }
}

test("news go before the last results of a while, and not more often than each second (N1)", () => {
  const node = new ToldNode();
  node.news.count("slot-idle", 1);
  node.news.before({ ...results, number: 1 });
  expect(node.counts()).toEqual({ "slot-idle": 1 });
  node.nowMs += 900;
  node.news.count("slot-idle", 1);
  node.news.before({ ...results, number: 2 });
  expect(node.counts()).toEqual({ "slot-idle": 1 });
  node.nowMs += 100;
  node.news.before({ ...results, number: 3 });
  expect(node.counts()).toEqual({ "slot-idle": 2 });
});

test("while there is work, news wait for their time", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const node = new ToldNode();
  onTestFinished(node.news.begin());
  node.tally = { ...idle, running: 1 };
  node.news.count("slot-idle", 1);
  node.news.before({ ...results, number: 1 });
  expect(node.told).toEqual([]);
  vi.advanceTimersByTime(10_000);
  vi.advanceTimersByTime(10_000);
  expect(node.told).toHaveLength(1); // When there is nothing new, nothing is told.
});

test("who has no session keeps its news", () => {
  const node = new ToldNode();
  node.tally = { ...idle, isWelcome: false };
  node.news.count("slot-idle", 1);
  node.news.before({ ...results, number: 1 });
  node.tally = idle;
  node.news.before({ ...results, number: 2 });
  expect(node.counts()).toEqual({ "slot-idle": 1 });
});

test("how far ranges are that run is told at once, and then when it is time again (N2)", () => {
  const node = new ToldNode();
  const running = (): unknown => node.told.map((news) => news.running);
  node.news.progress(heldRange(1, 4), 2);
  expect(running()).toEqual([[{ job: 1, events: 2 }]]);
  node.news.progress(heldRange(1, 5), 3);
  node.news.progress(heldRange(1, 4), 4);
  expect(node.told).toHaveLength(1);
  node.nowMs += 10_000;
  node.news.progress(heldRange(1, 5), 4);
  expect(running()).toEqual([[{ job: 1, events: 2 }], [{ job: 1, events: 8 }]]);
  node.nowMs += 10_000;
  node.news.progress(heldRange(1, 4), undefined);
  expect(node.told.at(-1)?.running).toEqual([{ job: 1, events: 4 }]);
  node.news.progress(heldRange(1, 9), undefined); // Nothing was said of it.
  expect(node.told).toHaveLength(3);
});

test("an acknowledgement answers results that were sent in its session, once", () => {
  const node = new ToldNode();
  node.news.before({ ...results, number: 1 });
  node.nowMs += 7;
  node.news.acknowledged([1]);
  node.news.acknowledged([1]);
  expect(node.news.latencies.of("driver-request")).toMatchObject({ count: 1, sum: 7_000 });
  node.news.before({ ...results, number: 2 });
  node.news.before(hello);
  node.news.acknowledged([2]);
  expect(node.news.latencies.of("driver-request").count).toBe(1);
});

test("that outputs wait is told at once, and again until they do no more (N3)", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const node = new ToldNode();
  const end = node.news.begin();
  onTestFinished(end);
  node.news.waits("the workdir is full");
  vi.advanceTimersByTime(20_000);
  node.news.waits(undefined);
  vi.advanceTimersByTime(60_000);
  const full = "the workdir is full";
  expect(node.told.map(({ waitsFor }) => waitsFor)).toEqual([full, full, full, ""]);
});

test("what slots came to is told with other news, and by itself each half minute (N1)", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const node = new ToldNode();
  onTestFinished(node.news.begin());
  node.tally = { ...idle, running: 1 };
  for (let seconds = 0; seconds < 90; seconds += 10) {
    node.nowMs += 10_000;
    if (seconds === 60) node.news.count("slot-idle", 1);
    vi.advanceTimersByTime(10_000);
  }
  expect(node.told.map(({ slotTimes }) => slotTimes?.waitingMs)).toEqual([10_000, 30_000, 30_000]);
});

test("what was told to run is told to have ended before its results, however soon that is (N1)", () => {
  const node = new ToldNode();
  const job = jobNumber(1);
  node.slotBook.handed(0, 1, node.nowMs);
  node.slotBook.begun(0, job, node.nowMs);
  node.nowMs += 60_000;
  node.news.progress(heldRange(1, 4), 2);
  node.nowMs += 1;
  node.slotBook.freed(0, true, node.nowMs);
  node.news.before({ ...results, number: 1 });
  expect(node.told.map(({ slotTimes }) => slotTimes?.jobs)).toEqual([
    [{ job, busyMs: 60_000, lostMs: 0, runningMs: 60_000 }],
    [{ job, busyMs: 1, lostMs: 0, runningMs: 0 }],
  ]);
});
