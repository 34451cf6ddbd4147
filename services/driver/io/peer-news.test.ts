import { expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { Latencies } from "../../shared/core/latencies.js";
import { PeerNews } from "./peer-news.js";

const [one, two] = [jobNumber(1), jobNumber(2)];
const nothing = { latencies: [], running: [] };

function aBook(): { readonly news: PeerNews; readonly latencies: Latencies; readonly changed: number[] } {
  const changed: number[] = [];
  const latencies = new Latencies();
  return { news: new PeerNews(latencies, (job) => changed.push(job)), latencies, changed };
}

test("what a stream says takes the place of what it said before, and goes with it (E1)", () => {
  const { news, changed } = aBook();
  news.hear(1, { latencies: [], running: [{ job: one, events: 3 }] });
  news.hear(2, {
    latencies: [],
    running: [
      { job: one, events: 4 },
      { job: two, events: 1 },
    ],
  });
  expect([news.eventsRunning(one), news.eventsRunning(two)]).toEqual([7, 1]);
  news.hear(2, { latencies: [], running: [{ job: one, events: 5 }] });
  expect([news.eventsRunning(one), news.eventsRunning(two)]).toEqual([8, 0]);
  news.forget(1);
  expect(news.eventsRunning(one)).toBe(5);
  expect(changed).toEqual([1, 1, 2, 1, 2, 1]);
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
    news.hear(stream, { latencies: seen.take(), running: [] });
  }
  expect(latencies.of("slot-idle")).toMatchObject({ count: 2, sum: 3_000 });
});
