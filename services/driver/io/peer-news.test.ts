import { expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { Latencies } from "../../shared/core/latencies.js";
import { PeerNews } from "./peer-news.js";

const [one, two] = [jobNumber(1), jobNumber(2)];
const nothing = { latencies: [], running: [], slotTimes: undefined };

function aBook() {
  const changed: number[] = [];
  const told: [stream: number, heldMs: number][] = [];
  const latencies = new Latencies();
  const news = new PeerNews({
    latencies,
    onProgress: (job) => changed.push(job),
    onSlotTimes: (stream, { heldMs }) => told.push([stream, heldMs]),
  });
  return { news, latencies, changed, told };
}

test("what a stream says takes the place of what it said before, and goes with it (E1)", () => {
  const { news, changed } = aBook();
  news.hear(1, { ...nothing, running: [{ job: one, events: 3 }] });
  news.hear(2, {
    ...nothing,
    running: [
      { job: one, events: 4 },
      { job: two, events: 1 },
    ],
  });
  expect([news.eventsRunning(one), news.eventsRunning(two)]).toEqual([7, 1]);
  news.hear(2, { ...nothing, running: [{ job: one, events: 5 }] });
  expect([news.eventsRunning(one), news.eventsRunning(two)]).toEqual([8, 0]);
  news.forget(1);
  expect(news.eventsRunning(one)).toBe(5);
  expect(changed).toEqual([1, 1, 2, 1, 2, 1]);
});

test("a sign of life takes nothing back of what was said of ranges that run", () => {
  const { news, changed } = aBook();
  news.hear(1, { ...nothing, running: [{ job: one, events: 3 }] });
  news.hear(1, { ...nothing, running: undefined });
  expect([news.eventsRunning(one), changed]).toEqual([3, [1]]);
});

test("who says nothing of its ranges changes nothing", () => {
  const { news, changed } = aBook();
  news.hear(1, nothing);
  news.forget(1);
  expect(changed).toEqual([]);
});

test("what peers counted is added up", () => {
  const { news, latencies } = aBook();
  for (const stream of [1, 2]) {
    const seen = new Latencies();
    seen.add("slot-idle", stream);
    news.hear(stream, { ...nothing, latencies: seen.take() });
  }
  expect(latencies.of("slot-idle")).toMatchObject({ count: 2, sum: 3_000 });
});

test("what became of slots is passed on when it is told", () => {
  const { news, told } = aBook();
  news.hear(1, nothing);
  news.hear(2, { ...nothing, slotTimes: { heldMs: 10, startingMs: 4, waitingMs: 6, jobs: [] } });
  news.forget(2);
  expect(told).toEqual([[2, 10]]);
});
