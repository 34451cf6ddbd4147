// How an agent leaves: with a driver, without one, and when it must.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, expect, onTestFinished, test } from "vitest";
import { eachRange } from "../../shared/core/spans.js";
import { leftIn } from "./wire-peer.js";
import { spansFromWire } from "../../shared/io/wire-types.js";
import { Books } from "./fake-driver.js";
import { isThere, removeFolders, until } from "./testing.js";
import {
  core,
  newPlace,
  scriptOf,
  simulate,
  simulateWhenLetGo,
  startAgent,
  startDriver,
  stopAll,
} from "./testing-agent.js";

afterAll(removeFolders);
afterEach(stopAll);

test("an actor that is wrong about something leaves what it has done for the next driver, and ends with the reason (P6)", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, simulate), 2);
  (await startDriver(place, books)).acknowledges = false;
  const { end } = await startAgent(place);
  await until(() => books.done.size === 2);
  core.isWrong = true;
  onTestFinished(() => void (core.isWrong = false));
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

test("an actor whose results the driver refuses again and again leaves, and lets others have its ranges (D7)", async () => {
  const place = await newPlace();
  const books = new Books(scriptOf(place, simulate), 1);
  const driver = await startDriver(place, books);
  driver.failsAtResults = true;
  const { end } = await startAgent(place);
  const { exit, reason } = await end;
  expect(exit).toBe("left-behind");
  expect(reason).toMatch(
    /^the driver refused 40 times in a row what this actor says: INTERNAL: the driver failed to take this in; no driver has acknowledged 1 range .*handin/,
  );
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
