import { describe, expect, test } from "vitest";
import { aSpec } from "../testing/testing-spec.js";
import { outputsOf, ToldDriver, type Peer } from "../testing/testing.js";
import { handInMs, isAllocationOver, roomFor } from "./wall-time.js";

const minute = 60_000;

/** A driver with job 1 of a hundred ranges, one of which took a minute on a node of no kind. */
function aDriver(changes: Parameters<typeof aSpec>[0] = {}): ToldDriver {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [100], ...changes }));
  const first = driver.actor({ name: "first" }).ask(1);
  measure(first, 1, 0, minute);
  first.say("leave");
  driver.forget();
  return driver;
}

function measure(actor: Peer, grant: number, range: number, wallMs: number): void {
  actor.report({ outputs: [{ ...outputsOf(grant, [range]), wallMs: [wallMs] }] });
}

/** An actor of two slots whose node has so much time left for payloads. */
function ending(driver: ToldDriver, leftMs: number, name = "ending"): Peer {
  return driver.actor({ name, slots: 2, allocationEndsAtMs: driver.nowMs + leftMs + handInMs });
}

function countOf(peer: Peer): number {
  return peer.grants().reduce((sum, { ranges }) => sum + ranges.length, 0);
}

describe("an actor whose wall time ends", () => {
  test("is lent what each of its slots will be done with, by measured times (W1)", () => {
    expect(countOf(ending(aDriver(), 3.5 * minute).ask(50))).toBe(6);
    expect(countOf(ending(aDriver(), 0.5 * minute).ask(50))).toBe(0);
  });

  test("is lent anything while nothing is measured and there is time (W1)", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [100] }));
    expect(countOf(ending(driver, 1_000).ask(50))).toBe(50);
    expect(countOf(ending(driver, -1_000, "late").ask(50))).toBe(0);
  });

  test("is told less as time passes, and more when its allocation was prolonged", () => {
    const driver = aDriver();
    const actor = ending(driver, 2.5 * minute).ask(2);
    driver.pass(minute);
    actor.ask(50);
    expect(countOf(actor)).toBe(2);
    driver.tell({ kind: "tell-wall-time", stream: actor.stream, endsAtMs: driver.nowMs + 10 * minute });
    expect(countOf(actor)).toBe(18);
  });

  test("is judged by its own kind of node, where ranges of that kind were measured", () => {
    const driver = aDriver();
    const slow = { cpu: "slow" };
    const other = driver
      .actor({ name: "other", slots: 2, labels: slow, allocationEndsAtMs: driver.nowMs + 60 * minute })
      .ask(2);
    measure(other, 2, 1, 10 * minute);
    other.ask(50);
    expect(countOf(other)).toBe(2 + 9);
  });
});

describe("an actor for which no range fits any more", () => {
  test("is asked to leave, with the grace that there is, and told why (W2)", () => {
    const driver = aDriver();
    const actor = ending(driver, 1.5 * minute).ask(50);
    expect(countOf(actor)).toBe(2);
    driver.pass(28_000);
    expect(driver.effects("drain")).toEqual([]);
    driver.pass(1_000);
    expect(driver.effects("drain")).toEqual([
      {
        kind: "drain",
        stream: actor.stream,
        reason:
          "its wall time ends in 1m 6s: too soon for anything more, since a range of job 1 may take 1m 1s",
        graceMs: 61_000,
      },
    ]);
    actor.giveBack(2, [1, 2]);
    expect(countOf(actor)).toBe(2);
  });

  test("stays when another job's ranges are short enough", () => {
    const driver = aDriver();
    driver.submit(aSpec({ inputs: [100] }), "request-2");
    const actor = ending(driver, 0.5 * minute).ask(4);
    driver.pass(10_000);
    expect(driver.effects("send-grant")[0]?.grant.job).toBe(2);
    expect(driver.effects("drain")).toEqual([]);
    expect(countOf(actor)).toBe(4);
  });

  test("stays while there is nothing to do, until its time is over", () => {
    const driver = new ToldDriver();
    ending(driver, 10_000);
    driver.pass(9_000);
    expect(driver.effects("drain")).toEqual([]);
    driver.pass(1_000);
    expect(driver.effects("drain")).toMatchObject([{ reason: "its wall time ends in 5s", graceMs: 0 }]);
    driver.pass(10_000);
    expect(driver.effects("drain")).toHaveLength(1);
  });

  test("is asked again when it comes back on a new stream", () => {
    const driver = aDriver();
    ending(driver, 0.5 * minute);
    driver.pass(1_000);
    ending(driver, 0.5 * minute - 1_000);
    driver.pass(1_000);
    expect(driver.effects("drain")).toHaveLength(2);
  });
});

test("an allocation is over when its end is reached, and never when nobody knows it (W3)", () => {
  const driver = aDriver();
  const known = ending(driver, minute);
  const unknown = driver.actor({ name: "unknown" });
  const isOver = ({ session }: Peer): boolean | undefined =>
    [...driver.farm.sessions.values()]
      .filter(({ number }) => number === session)
      .map((one) => isAllocationOver(one, driver.nowMs))[0];
  expect([isOver(known), isOver(unknown)]).toEqual([false, false]);
  driver.nowMs += minute + handInMs;
  expect([isOver(known), isOver(unknown)]).toEqual([true, false]);
  const rooms = [...driver.farm.sessions.values()].map((one) => roomFor(driver.job(), one, driver.nowMs));
  expect(rooms).toEqual([0, Number.POSITIVE_INFINITY]);
});
