import { expect, onTestFinished, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { specToWire } from "../../shared/io/wire-types.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { aServedDriver } from "./testing-port.js";
import { dialJobs, TestWatch } from "./wire-test-peer.js";

const stream = 7;
const who = { role: "actor", name: "a", incarnation: "1", node: "node-1", slots: 1 } as const;
const hello = { ...who, labels: {}, allocationEndsAtMs: undefined, ranges: [], merges: [] };

test("a watch tells how far ranges are that run, with the sequence that it told last", async () => {
  const { engine, news, ...driver } = await aServedDriver();
  onTestFinished(driver.close);
  const client = dialJobs(driver);
  onTestFinished(() => client.close());
  const spec = specToWire(aSpec({ inputs: [5], eventsPerRange: 5 }));
  await new Promise((done) => client.submitJob({ requestId: "a", spec }, done));
  engine.post({ kind: "open-session", stream, hello });
  engine.post({ kind: "raise-demand", stream, credit: 1 });
  const watch = new TestWatch(client, 1, 0);
  onTestFinished(() => watch.leave());
  let state = await watch.next();
  while (state.ranges?.held === 0) state = await watch.next();
  const { sequence } = state;
  expect(state.eventsRunning).toBe(0);
  news.hear(stream, { latencies: [], slotTimes: undefined, running: [{ job: jobNumber(1), events: 2 }] });
  expect(await watch.next()).toMatchObject({ sequence, eventsRunning: 2, eventsDone: 0 });
  news.forget(stream);
  expect(await watch.next()).toMatchObject({ sequence, eventsRunning: 0 });
});
