import { expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { mergeOf, ToldDriver, type Peer } from "../core/testing/testing.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { MergeNews } from "./merge-news.js";

const job = jobNumber(1);

/** A driver whose job has groups of one output each, and two mergers that ask for all of them. */
function aDriver(groups: number): { driver: ToldDriver; m: Peer; n: Peer } {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [groups], everyOutputs: 1 }));
  const ranges = Array.from({ length: groups }, (_, range) => range);
  driver.actor().ask(groups).done(1, ranges);
  const [m, n] = ["m", "n"].map((name) => driver.merger({ name }).ask(groups / 2));
  return { driver, m: m ?? expect.fail(), n: n ?? expect.fail() };
}

function aBook(driver: ToldDriver): { readonly news: MergeNews; readonly changed: number[] } {
  const changed: number[] = [];
  return { news: new MergeNews((of) => changed.push(of), { nowMs: () => driver.nowMs }), changed };
}

const read = { bytesRead: 100, bytesTotal: 400 };

test("what runs longest is told first, and for how long it runs", () => {
  const { driver, m, n } = aDriver(2);
  const { news, changed } = aBook(driver);
  news.hear(m.stream, { merge: mergeOf(1, 2), ...read, runningMs: 3_000 });
  news.hear(n.stream, { merge: mergeOf(2, 3), ...read, runningMs: 9_000 });
  driver.nowMs += 1_000;
  news.hear(m.stream, { merge: mergeOf(1, 2), ...read, bytesRead: 200, runningMs: 4_000 });
  expect(news.of(driver.farm, job)).toEqual({
    mergesRunning: 2,
    merging: [
      { merger: "n", group: 2, ...read, runningMs: 10_000 },
      { merger: "m", group: 1, ...read, bytesRead: 200, runningMs: 4_000 },
    ],
  });
  expect(changed).toEqual([1, 1, 1]);
  const unseen = new Proxy(driver.farm, { get: () => expect.fail("nothing is looked at") });
  expect(news.of(unseen, jobNumber(2)).merging).toEqual([]); // (E4)
});

test("it goes with its merge, with its stream, and when another has the group (E2)", () => {
  const { driver, m, n } = aDriver(4);
  const { news } = aBook(driver);
  const groups = (): number[] => news.of(driver.farm, job).merging.map(({ group }) => group);
  for (const [peer, group] of [
    [m, 1],
    [m, 2],
    [n, 3],
    [n, 4],
  ] as const)
    news.hear(peer.stream, { merge: mergeOf(group, group + 1), ...read, runningMs: 10 - group });
  news.hear(m.stream, { merge: mergeOf(4, 5), ...read, runningMs: 1 });
  expect(groups()).toEqual([1, 2, 3, 4]);
  m.merged(mergeOf(1, 2));
  n.failMerge(mergeOf(3, 4));
  expect(groups()).toEqual([2, 4]);
  news.forget(m.stream);
  expect(groups()).toEqual([4]);
  n.say("leave");
  expect(groups()).toEqual([]);
});

test("so many are told, and of one stream no more are kept than a merger has slots (E3)", () => {
  const { driver, m } = aDriver(600);
  const { news } = aBook(driver);
  for (let group = 1; group <= 300; group += 1)
    news.hear(m.stream, { merge: mergeOf(group, group + 1), ...read, runningMs: 600 - group });
  const { mergesRunning, merging } = news.of(driver.farm, job);
  expect([mergesRunning, merging.length, merging[0]?.group]).toEqual([256, 10, 45]);
});
