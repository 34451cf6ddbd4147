// Who is lent ranges of which job, and when; that shares are fair is shares.test.ts's.

import { describe, expect, test } from "vitest";
import { noNeeds } from "../../../shared/core/payload-needs.js";
import { outputsOf, ToldDriver, type Peer } from "../testing/testing.js";
import { aSpec } from "../testing/testing-spec.js";

function countOf(peer: Peer): number {
  return peer.grants().reduce((sum, { ranges }) => sum + ranges.length, 0);
}

describe("a job that requires labels", () => {
  const requires = { gpu: "a100" };

  test("is lent only to nodes that have them", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ requires }));
    const plain = driver.actor({ name: "plain" }).ask(4);
    const other = driver.actor({ name: "other", labels: { gpu: "v100" } }).ask(4);
    const right = driver.actor({ name: "right", labels: { gpu: "a100", disk: "fast" } }).ask(4);
    expect([plain, other, right].map(countOf)).toEqual([0, 0, 4]);
  });

  test("leaves the other nodes to younger jobs", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ requires }));
    driver.submit(aSpec({ inputs: [3] }), "request-2");
    const plain = driver.actor({ name: "plain" }).ask(4);
    expect(plain.grants()).toEqual([{ grant: 1, ranges: [0, 1, 2] }]);
    expect(driver.effects("send-grant")[0]?.grant.job).toBe(2);
  });

  test("waits for such a node to join", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ requires }));
    driver.actor({ name: "plain" }).ask(4);
    driver.pass(60_000);
    expect(countOf(driver.actor({ name: "right", labels: requires }).ask(4))).toBe(4);
  });
});

describe("near the end of a job", () => {
  /** Of 10 ranges, slow and fast have done one each, at a fifth of the speed on slow, and hold one each. */
  function aDriver(slots = 1, cores = 1, slowMs = 5_000): { driver: ToldDriver; slow: Peer; fast: Peer } {
    const driver = new ToldDriver();
    const { payload } = aSpec();
    driver.submit(aSpec({ inputs: [10], payload: { ...payload, needs: { ...noNeeds, cores } } }));
    const slow = driver.actor({ name: "slow", slots }).ask(2);
    const fast = driver.actor({ name: "fast", slots: 1 }).ask(2);
    const done = (actor: Peer, grant: number, range: number, wallMs: number): void => {
      actor.report({ outputs: [{ ...outputsOf(grant, [range]), wallMs: [wallMs] }] });
    };
    done(slow, 1, 0, slowMs);
    done(fast, 2, 2, 1_000);
    driver.forget();
    return { driver, slow, fast };
  }

  test("a slow node whose slots are busy is kept from what a faster one will do sooner (V3)", () => {
    const { slow, fast } = aDriver();
    expect(countOf(slow.ask(12))).toBe(1);
    expect(countOf(fast.ask(12))).toBe(5);
  });

  test("a free slot gets a range all the same, however slow it is (V1)", () => {
    const { slow } = aDriver(4);
    expect(countOf(slow.ask(12))).toBe(3);
  });

  test("slots that are one range's together count as one", () => {
    const { slow } = aDriver(4, 2, 100_000);
    expect(countOf(slow.ask(12))).toBe(1);
  });

  test("who was kept from more is looked at again when it holds less", () => {
    const { driver, slow, fast } = aDriver();
    slow.ask(12);
    expect([...driver.farm.kinds.values()].map(({ sated }) => sated.size)).toEqual([1]);
    fast.say("leave");
    slow.done(1, [1]);
    expect(countOf(slow)).toBe(7);
  });

  test("and when the clock strikes: others may have left, or another job has come", () => {
    const { driver, slow, fast } = aDriver();
    slow.ask(12);
    fast.say("leave");
    expect(countOf(slow)).toBe(1);
    driver.pass(1_000);
    expect(countOf(slow)).toBe(7);
  });
});
