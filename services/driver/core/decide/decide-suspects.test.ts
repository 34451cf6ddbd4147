import { describe, expect, test } from "vitest";
import { aSpec } from "../testing/testing-spec.js";
import { granted, mergeOf, ToldDriver } from "../testing/testing.js";

/** An actor that dies again and again, each time with two ranges that may run and two that wait. */
function dyingActor(ranges = 4): { driver: ToldDriver; die: (times: number) => void } {
  const driver = new ToldDriver({ leaseMs: 30_000 });
  driver.submit(aSpec({ inputs: [ranges] }));
  let lives = 0;
  const die = (times: number): void => {
    for (let i = 0; i < times; i += 1) {
      lives += 1;
      driver.actor({ incarnation: String(lives) }).ask(4);
    }
  };
  return { driver, die };
}

describe("a range that was there when its node died", () => {
  test("is suspected when it may have run, and not when it waited (Z1)", () => {
    const { driver, die } = dyingActor();
    die(2);
    expect([0, 1, 2, 3].map((range) => driver.job().trials.get(range)?.nodeDeaths ?? 0)).toEqual([
      1, 1, 0, 0,
    ]);
    expect([0, 1].map((range) => driver.job().table.creditUsed(range))).toEqual([0, 0]);
  });

  test("is granted alone after the second time, to an actor that holds nothing (Z2, K6)", () => {
    const { driver, die } = dyingActor();
    die(3);
    const last = driver.effects("send-grant").at(-1);
    expect(last).toMatchObject({ alone: true, grant: { spans: { first: [0], count: [1] } } });
    driver.forget();
    const idle = driver.actor({ name: "idle", node: "idle" }).ask(4);
    expect(idle.grants().map(({ ranges }) => ranges)).toEqual([[1]]);
    idle.done(idle.grants()[0]?.grant ?? 0, [1]);
    expect(idle.grants()[1]?.ranges).toEqual([2, 3]);
  });

  test("fails for good after the fifth time, and costs no credit (Z3)", () => {
    const { driver, die } = dyingActor(1);
    die(6);
    expect(driver.facts("range-given-up")).toMatchObject([
      {
        range: 0,
        failure: { message: "the node or its actor died 5 times while the range may have run there" },
      },
    ]);
    expect(driver.job().stage.kind).toBe("ended");
    expect(driver.job().table.creditUsed(0)).toBe(0);
  });

  test("is not suspected when the driver was gone too: the whole allocation may have ended (Z1)", () => {
    const { driver, die } = dyingActor();
    for (let allocation = 1; allocation <= 6; allocation += 1) {
      driver.actor({ name: "other", node: "other", incarnation: String(allocation) }).ask(1);
      die(1);
      driver.restart();
    }
    driver.pass(31_000);
    expect(driver.facts("ranges-suspected")).toEqual([]);
  });

  test("is not suspected when the node's time was over", () => {
    const driver = new ToldDriver({ leaseMs: 30_000 });
    driver.submit();
    driver
      .actor({ allocationEndsAtMs: driver.nowMs + 20_000 })
      .ask(2)
      .say("detach-stream");
    driver.pass(31_000);
    expect(driver.facts("ranges-suspected")).toEqual([]);
  });
});

describe("a range whose payload process died with others in it", () => {
  test("is returned at no cost, and has a process of its own after the second time (Z2)", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [2] }));
    const actor = driver.actor().ask(2);
    actor.report({ suspected: [granted(1, [0, 1])] });
    actor.ask(4);
    actor.report({ number: 2, suspected: [granted(2, [0])] });
    driver.forget();
    actor.ask(5);
    expect(driver.effects("send-grant")).toMatchObject([{ alone: true, grant: { spans: { first: [0] } } }]);
    expect(driver.job().table.creditUsed(0)).toBe(0);
  });
});

describe("a range whose output is lost again and again", () => {
  test("fails for good after the fifth time (Z3)", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [2], everyOutputs: 1 }));
    const actor = driver.actor().ask(1);
    const merger = driver.merger().ask(100);
    for (let lost = 1; lost <= 5; lost += 1) {
      const { grant } = driver.effects("send-grant").at(-1)?.grant ?? { grant: 0 };
      actor.done(grant, [0]);
      const { group, grant: lent } = merger.merges().at(-1) ?? mergeOf(0, 0);
      merger.failMerge(mergeOf(group, lent), [0]);
      actor.ask(lost + 1);
    }
    expect(driver.job().table.stateOf(0)).toBe("failed");
    expect(driver.job().failures.records).toMatchObject([
      { range: 0, final: true, failure: { message: "its output was lost 5 times after it was stored" } },
    ]);
  });
});
