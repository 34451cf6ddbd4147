// An agent against a driver on a real port, running real processes.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { rangeLayout } from "../../shared/core/event-range.js";
import { grantNumber } from "../../shared/core/id.js";
import { outputPath } from "../../shared/core/names.js";
import { eachRange } from "../../shared/core/spans.js";
import { checksumFile } from "../../shared/io/checksum.js";
import type { HeldRange } from "../core/held.js";
import { job1 } from "../core/testing.js";
import { Books } from "./fake-driver.js";
import { isThere, removeFolders, until } from "./testing.js";
import {
  newPlace,
  scriptOf,
  simulate,
  simulateWhenLetGo,
  startAgent,
  startDriver,
  stopAll,
  type Place,
} from "./testing-agent.js";

afterAll(removeFolders);
afterEach(stopAll);

const never = new AbortController().signal;

function pathOf({ workdir }: Place, { spec }: Books, held: HeldRange): string {
  const output = { ...held, events: rangeLayout(spec).locate(held.range) };
  return join(workdir, outputPath(output, spec.outputSuffix));
}

/** Every range is done once, its file is where its grant says, and is what was reported. */
async function expectAllDone(place: Place, books: Books, ranges: number): Promise<void> {
  expect([...books.done.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: ranges }, (_, i) => i));
  for (const done of books.done.values()) {
    const path = pathOf(place, books, done);
    expect(await readFile(path, "utf8")).toBe(`event ${done.range + 1}\n`);
    expect(await checksumFile(path, never)).toEqual({ sizeBytes: done.sizeBytes, adler32: done.adler32 });
  }
  expect(await readdir(join(place.workdir, "jobs/1/outputs/00000"))).toHaveLength(ranges);
}

test("an actor joins, processes what it is granted, reports it, and drains when asked", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, simulate), 40);
  await startDriver(place, books);
  const { agent, scratch, stop, end } = await startAgent(place);
  await until(() => books.done.size === 40);
  await expectAllDone(place, books, 40);
  expect(agent.notReady()).toBeUndefined();
  await until(async () => (await readdir(join(scratch.folder, "runs"))).length === 0);
  const metrics = await agent.metrics.registry.metrics();
  expect(metrics).toMatch('noctua_actor_ranges_total{outcome="output",class="none"} 40');
  expect(metrics).toMatch("noctua_actor_slot_idle_seconds_count 38");
  expect(metrics).toMatch(/noctua_actor_first_range_seconds [\d.]*[1-9]/);
  expect(metrics).toMatch("noctua_actor_link_up 1");
  stop.abort(new Error("asked to stop"));
  expect(await end).toEqual({ exit: "drained", reason: "asked to stop; all is handed in" });
  expect(books.heard).toContain("draining");
});

test("an actor that is there before the driver waits for it", async () => {
  const place = await newPlace();
  const { agent } = await startAgent(place);
  expect(agent.notReady()).toMatch("there is no session with the driver");
  const books = new Books(scriptOf(place, simulate), 3);
  await startDriver(place, books);
  await until(() => books.done.size === 3);
});

test("an actor goes on while the driver is away, and names and hands in all that it holds when there is one again", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, simulateWhenLetGo), 4);
  const first = await startDriver(place, books);
  const { agent } = await startAgent(place);
  await until(async () => (await isThere(join(place.jobDir, "began1"))) && books.holders.size === 4);
  first.stop();
  await writeFile(join(place.jobDir, "go"), "");
  // Four ranges end, two of which were begun while nobody was there to ask.
  await until(async () => /results_unacknowledged 4/.test(await agent.metrics.registry.metrics()));
  expect(books.done.size).toBe(0);
  await startDriver(place, books);
  await until(() => books.done.size === 4);
  const named = books.hellos.at(-1)?.held.flatMap(({ spans }) => [...eachRange(spans)]);
  expect(named?.sort()).toEqual([0, 1, 2, 3]);
  expect(books.hellos.at(-1)?.epoch).toBe(1);
  await expectAllDone(place, books, 4);
});

test("results that were not acknowledged are handed in again, to the next driver", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, simulate), 2);
  const first = await startDriver(place, books);
  first.acknowledges = false;
  const { agent } = await startAgent(place);
  await until(() => books.done.size === 2);
  first.stop();
  await startDriver(place, books);
  await until(async () => /results_unacknowledged 0/.test(await agent.metrics.registry.metrics()));
  expect(books.heard.filter((kind) => kind === "results").length).toBeGreaterThanOrEqual(2);
  await expectAllDone(place, books, 2);
});

test("a payload that fails is reported with its class and its last words", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, "echo no such cell >&2; exit 3"), 1);
  await startDriver(place, books);
  const { logs } = await startAgent(place);
  await until(() => books.failures.length === 1);
  expect(books.failures[0]).toMatchObject({
    range: 0,
    failure: { class: "transient", exitCode: 3, stderrTail: "no such cell\n" },
  });
  await logs.flush();
  expect(await readFile(join(place.workdir, "jobs/1/logs/node-1/slot1.log"), "utf8")).toMatch("no such cell");
});

test("an actor whose name another process has taken leaves, and ends its payloads", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, simulateWhenLetGo), 2);
  await startDriver(place, books);
  const first = await startAgent(place, "first");
  await until(() => isThere(join(place.jobDir, "began1")));
  await startAgent(place, "second");
  expect(await first.end).toEqual({
    exit: "fenced",
    reason: "FAILED_PRECONDITION: another process joined as node-1",
  });
  await writeFile(join(place.jobDir, "go"), "");
  await until(() => books.done.size === 2);
  await expectAllDone(place, books, 2);
});

test("an output that another grant's came before is removed", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, simulateWhenLetGo), 1);
  await startDriver(place, books);
  await startAgent(place);
  await until(() => isThere(join(place.jobDir, "began1")));
  const winner = { job: job1, grant: grantNumber(77), range: 0 };
  books.done.set(0, { ...winner, sizeBytes: 8, adler32: 1 });
  await writeFile(join(place.jobDir, "go"), "");
  const folder = join(place.workdir, "jobs/1/outputs/00000");
  await until(() => books.heard.includes("results"));
  await until(async () => (await readdir(folder)).length === 0);
});

test("who has nothing to say tells that it lives", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, simulateWhenLetGo), 4);
  await startDriver(place, books);
  await startAgent(place);
  await until(() => books.heard.filter((kind) => kind === "heartbeat").length > 2);
  await writeFile(join(place.jobDir, "go"), "");
});
