import { expect, test } from "vitest";
import { ToldDriver } from "../testing/testing.js";
import { aSpec } from "../testing/testing-spec.js";

function jobsGranted(driver: ToldDriver): number[] {
  return driver.facts("ranges-granted").map(({ job }) => job);
}

test("of three jobs the one of highest priority is served first, and of one priority the first (O1)", () => {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [2], priority: 0 }), "first");
  driver.submit(aSpec({ inputs: [2], priority: 5 }), "second");
  driver.submit(aSpec({ inputs: [2], priority: 5 }), "third");
  expect([...driver.farm.live]).toEqual([2, 3, 1]);
  const actor = driver.actor({ slots: 1 });
  for (let credit = 1; credit <= 6; credit += 1) {
    actor.ask(credit);
    const { job, grant, spans } = driver.facts("ranges-granted").at(-1) ?? {};
    actor.done(grant ?? 0, [spans?.first[0] ?? 0], job);
  }
  expect(jobsGranted(driver)).toEqual([2, 2, 3, 3, 1, 1]);
});

test("groups are lent in the same order", () => {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [1], everyOutputs: 1 }), "first");
  driver.submit(aSpec({ inputs: [1], everyOutputs: 1, priority: 1 }), "second");
  const actor = driver.actor({ slots: 2 }).ask(2);
  actor.done(1, [0], 1);
  actor.done(1, [0], 2);
  driver.merger().ask(2);
  expect(driver.facts("merge-granted").map(({ job }) => job)).toEqual([2, 1]);
});

test("what is held is not taken away for a job of higher priority", () => {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [2] }), "first");
  driver.actor({ slots: 2 }).ask(2);
  driver.submit(aSpec({ inputs: [2], priority: 9 }), "second");
  expect(driver.facts("ranges-returned")).toEqual([]);
  expect(driver.job(1).table.counts.held).toBe(2);
});

test("a job that is retried, and one that a restart finds, stands where it stood", () => {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [1], priority: 1 }), "first");
  driver.submit(aSpec({ inputs: [1] }), "second");
  driver.control("cancel");
  driver.workFiles();
  expect([...driver.farm.live]).toEqual([2]);
  driver.submit(aSpec({ inputs: [1], priority: 2 }), "third");
  driver.control("retry");
  expect([...driver.farm.live]).toEqual([3, 1, 2]);
  driver.restart();
  expect([...driver.farm.live]).toEqual([3, 1, 2]);
});
