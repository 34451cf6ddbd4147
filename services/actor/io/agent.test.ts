// An agent against a driver on a real port, running real processes.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, expect, onTestFinished, test } from "vitest";
import { assert } from "../../shared/core/assert.js";
import { rangeLayout } from "../../shared/core/event-range.js";
import { seededRng } from "../../shared/core/rng.js";
import { grantNumber } from "../../shared/core/id.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import { outputPath } from "../../shared/core/names.js";
import { eachRange } from "../../shared/core/spans.js";
import { checksumFile } from "../../shared/io/checksum.js";
import { silentLogger } from "../../shared/io/logger.js";
import { runInProcessGroup } from "../../shared/io/process-group.js";
import { systemClock } from "../../shared/io/system-clock.js";
import type { HeldRange } from "../core/held.js";
import { job1, settingsOf, specOf } from "../core/testing.js";
import type { ServiceEnd } from "../../shared/io/service-process.js";
import { Agent } from "./agent.js";
import { Books, FakeDriver } from "./fake-driver.js";
import { openScratch, type Scratch } from "./scratch.js";
import { SlotLogs } from "./slot-log.js";
import { isThere, newFolder, removeFolders, until } from "./testing.js";
import { putHere } from "./testing-put.js";
import { spansFromWire } from "../../shared/io/wire-types.js";
import { leftIn } from "./wire-peer.js";
import { noNeeds } from "../../shared/core/payload-needs.js";

afterAll(removeFolders);

const never = new AbortController().signal;

interface RunningAgent {
  readonly agent: Agent;
  readonly scratch: Scratch;
  readonly stop: AbortController;
  readonly end: Promise<ServiceEnd>;
  readonly logs: SlotLogs;
}

const drivers: FakeDriver[] = [];
const agents: RunningAgent[] = [];

afterEach(async () => {
  for (const { stop } of agents) stop.abort(new Error("the test is over"));
  await Promise.allSettled(agents.map(({ end }) => end));
  await Promise.all(agents.splice(0).map(({ logs }) => logs.flush()));
  for (const driver of drivers.splice(0)) driver.stop();
});

interface Place {
  readonly workdir: string;
  /** Payloads may look at it. */
  readonly jobDir: string;
}

async function newPlace(): Promise<Place> {
  const workdir = await newFolder();
  const jobDir = join(workdir, "job");
  await mkdir(jobDir);
  return { workdir, jobDir };
}

/** A job of one event a range, run by a shell script. */
function scriptOf({ jobDir }: Place, script: string, changes: Partial<JobSpec> = {}): JobSpec {
  const command = ["/bin/sh", "-c", script, "sh", "{first}", "{output}", "{jobDir}"];
  return specOf({
    jobDir,
    payload: { kind: "exec", command, timeoutMs: 60_000, needs: noNeeds },
    ...changes,
  });
}

const simulate = 'echo "event $1" > "$2"';
/** Says that it runs, and waits to be let go. */
const simulateWhenLetGo = `echo > "$3/began$1"; while [ ! -e "$3/go" ]; do sleep 0.01; done; ${simulate}`;

/** Whether the core is wrong, when it is asked next. */
let isWrong = false;

function prefetchMs(): number {
  assert(!isWrong, "the core is right");
  return 100;
}

async function startDriver({ workdir }: Place, books: Books): Promise<FakeDriver> {
  const driver = await FakeDriver.start(workdir, books);
  drivers.push(driver);
  return driver;
}

async function startAgent(
  { workdir }: Place,
  incarnation = "first",
  graceMs = 20_000,
): Promise<RunningAgent> {
  const root = join(workdir, "scratch");
  const scratch = await openScratch({ root, name: "node-1", incarnation, log: silentLogger }, never);
  const logs = new SlotLogs({ workdir, actor: "node-1", node: "n1", clock: systemClock, log: silentLogger });
  const agent = new Agent({
    workdir,
    putOutput: await putHere(),
    settings: Object.defineProperty(settingsOf({ incarnation, slots: 2, handInMs: 500 }), "prefetchMs", {
      get: prefetchMs,
    }),
    clock: systemClock,
    rng: seededRng(1),
    log: silentLogger,
    drainGraceMs: graceMs,
    allocationAgeMs: undefined,
    scratch,
    payloads: {
      slots: 2,
      cpus: [0],
      scratchBytesMin: 0,
      environment: { PATH: process.env["PATH"] ?? "" },
      graceMs: 1_000,
      logs,
      runProgram: runInProcessGroup,
    },
  });
  const stop = new AbortController();
  const running = { agent, scratch, logs, stop, end: agent.run(stop.signal) };
  agents.push(running);
  return running;
}

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

test("an actor that is wrong about something leaves what it has done for the next driver, and ends with the reason (P6)", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, simulate), 2);
  (await startDriver(place, books)).acknowledges = false;
  const { end } = await startAgent(place);
  await until(() => books.done.size === 2);
  isWrong = true;
  onTestFinished(() => void (isWrong = false));
  await expect(end).rejects.toThrow("expected: the core is right");
  const folder = join(place.workdir, "jobs/1/handin");
  const left = await Promise.all(
    (await readdir(folder)).map(async (name) => leftIn(await readFile(join(folder, name)))),
  );
  const ranges = left
    .flatMap(({ results }) => results.flatMap(({ outputs }) => outputs))
    .flatMap(({ spans }) => [...eachRange(spansFromWire(spans, "spans"))]);
  expect(ranges.sort()).toEqual([0, 1]);
});

test("an actor that must stop while there is no driver says where what it has done lies, and who finds it there (P6)", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, simulate), 2);
  const driver = await startDriver(place, books);
  driver.acknowledges = false;
  const { stop, end } = await startAgent(place);
  await until(() => books.done.size === 2);
  driver.stop();
  stop.abort(new Error("asked to stop"));
  const folder = join(place.workdir, "jobs/1/handin");
  expect(await end).toEqual({
    exit: "left-behind",
    reason:
      "asked to stop; no driver has acknowledged 2 ranges that it holds: " +
      `what came of them lies in ${folder}, where a driver finds it (noctua driver --workdir ${place.workdir})`,
  });
  expect(await readdir(folder)).toHaveLength(1);
});

test("an actor that must stop and can't leave what it has done says so", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, simulate), 1);
  const driver = await startDriver(place, books);
  driver.acknowledges = false;
  const { stop, end } = await startAgent(place);
  await until(() => books.done.size === 1);
  driver.stop();
  await writeFile(join(place.workdir, "jobs/1/handin"), "no folder");
  stop.abort(new Error("asked to stop"));
  expect((await end).reason).toMatch(/what came of them could not be left in .*, and is done again$/);
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

test("what runs longer than the grace of a drain is ended and handed back", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, simulateWhenLetGo), 4);
  await startDriver(place, books);
  const { stop, end } = await startAgent(place, "first", 50);
  await until(async () => (await isThere(join(place.jobDir, "began2"))) && books.holders.size === 4);
  stop.abort(new Error("asked to stop"));
  expect(await end).toMatchObject({ exit: "drained" });
  expect(books.returned.sort()).toEqual([0, 1, 2, 3]);
  expect(books.holders.size).toBe(0);
});

test("an actor leaves when the driver says so", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, simulate), 1);
  const driver = await startDriver(place, books);
  const { end } = await startAgent(place);
  await until(() => books.done.size === 1);
  driver.say({ kind: "drain", reason: "the run is over", graceMs: 1_000 });
  expect(await end).toEqual({ exit: "drained", reason: "the run is over; all is handed in" });
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
