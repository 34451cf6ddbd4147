import { expect, test } from "vitest";
import { jobNumber, type JobNumber } from "../../shared/core/id.js";
import { silentLogger } from "../../shared/io/logger.js";
import { ToldDriver } from "../core/testing/testing.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { ReportUpdates } from "./report-updates.js";
import type { ReadFarm } from "./report-lists.js";

/** A driver with two jobs, and an actor that works on them. */
function bench() {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [8] }));
  driver.submit(aSpec({ inputs: [8] }), "request-2");
  const actor = driver.actor().ask(1);
  const told: JobNumber[] = [];
  const world = { nowMs: 0, update: (_: AbortSignal): Promise<void> => Promise.resolve() };
  const readNow: ReadFarm = (question) => Promise.resolve(question(driver.farm));
  const look = { read: readNow };
  const updates = new ReportUpdates({
    read: (question) => look.read(question),
    reports: {
      update: (job, signal) => {
        told.push(job);
        return world.update(signal);
      },
    },
    clock: { nowMs: () => world.nowMs },
    log: silentLogger,
  });
  const lookAt = async (nowMs: number): Promise<readonly JobNumber[]> => {
    world.nowMs = nowMs;
    await updates.look();
    return told.splice(0);
  };
  return { driver, actor, world, look, updates, lookAt };
}

const [one, two] = [jobNumber(1), jobNumber(2)];

test("jobs are reported half a minute after they were seen first, and then when they have changed (U1)", async () => {
  const { actor, lookAt } = bench();
  expect(await lookAt(0)).toEqual([]);
  expect(await lookAt(29_999)).toEqual([]);
  expect(await lookAt(30_000)).toEqual([one, two]);
  expect(await lookAt(90_000)).toEqual([]);
  actor.done(1, [0]);
  expect(await lookAt(90_001)).toEqual([one]);
});

test("a report that takes long is made less often (U1)", async () => {
  const { actor, world, lookAt } = bench();
  await lookAt(0);
  world.update = () => {
    world.nowMs += 1_000;
    return Promise.resolve();
  };
  expect(await lookAt(30_000)).toEqual([one, two]);
  actor.done(1, [0]);
  expect(await lookAt(130_999)).toEqual([]);
  expect(await lookAt(131_000)).toEqual([one]);
});

test("one that can't be written is written later, though nothing has changed since (U2)", async () => {
  const { world, lookAt } = bench();
  await lookAt(0);
  world.update = () => Promise.reject(new Error("no space left on device"));
  expect(await lookAt(30_000)).toEqual([one, two]);
  world.update = () => Promise.resolve();
  expect(await lookAt(59_999)).toEqual([]);
  expect(await lookAt(60_000)).toEqual([one, two]);
  expect(await lookAt(120_000)).toEqual([]);
});

test("looks that come meanwhile begin no second report (U2)", async () => {
  const { world, lookAt, updates } = bench();
  await lookAt(0);
  let end: () => void = () => undefined;
  world.update = () => new Promise((resolve) => (end = resolve));
  world.nowMs = 30_000;
  const looking = updates.look();
  expect(updates.look()).toBe(looking);
  world.update = () => Promise.resolve();
  await Promise.resolve();
  end();
  await looking;
});

test("a look at a driver that is over, replaced for one, just ends: its own end is told elsewhere (U3)", async () => {
  const { look, updates } = bench();
  look.read = () => Promise.reject(new Error("another driver has taken over this workdir"));
  await expect(updates.look()).resolves.toBeUndefined();
});

test("the stop gives up what is being written, and begins nothing else (U3)", async () => {
  const { world, lookAt, updates } = bench();
  await lookAt(0);
  world.update = (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  const looking = lookAt(30_000);
  await Promise.resolve();
  await updates.stop();
  expect(await looking).toEqual([one]);
});
