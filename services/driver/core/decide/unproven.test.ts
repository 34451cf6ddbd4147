// The word of an only node where nothing was done yet (unproven.ts, U1 to U3).

import { describe, expect, test } from "vitest";
import { failureClasses, type FailureClass } from "../../../shared/core/failure.js";
import { ofJob, ofRange } from "../testing/testing-explain.js";
import { aSpec } from "../testing/testing-spec.js";
import { ToldDriver, type Peer } from "../testing/testing.js";

const waitMs = 60_000;

/** A driver that waits for a second node, a job of so many ranges, and one node, which has just joined and asks for all of them. */
function aLoneNode(ranges: number, attempts = 2): { readonly driver: ToldDriver; readonly lone: Peer } {
  const driver = new ToldDriver({ witnessWaitMs: waitMs, leaseMs: 1_000_000 });
  driver.submit(aSpec({ inputs: [ranges], attempts }));
  return { driver, lone: driver.actor({ name: "lone", node: "lone" }).ask(100) };
}

/** All that the peer was lent since this was asked last fails so, and what it is lent then, as long as it is lent something. */
function failAll(driver: ToldDriver, peer: Peer, failureClass: FailureClass): number {
  let failures = 0;
  for (let lent = peer.grants(); lent.length > 0; lent = peer.grants()) {
    driver.forget();
    for (const { grant, ranges } of lent) for (const range of ranges) peer.fail(grant, range, failureClass);
    failures += lent.reduce((sum, { ranges }) => sum + ranges.length, 0);
  }
  return failures;
}

function doAll(driver: ToldDriver, peer: Peer): void {
  for (const { grant, ranges } of peer.grants()) peer.done(grant, ranges);
  driver.forget();
}

describe("an only node where nothing was done yet", () => {
  test.each(failureClasses)(
    "fails no range and stops no job by its word: another one does all (%s)",
    (of) => {
      const { driver, lone } = aLoneNode(5);
      expect(failAll(driver, lone, of)).toBe(5);
      driver.pass(waitMs - 2_000);
      expect(driver.job()).toMatchObject({
        stage: { kind: "running" },
        table: { counts: { ready: 5, failed: 0 } },
      });
      doAll(driver, driver.actor({ name: "second", node: "second" }).ask(100));
      expect(driver.job().table.counts).toMatchObject({ done: 5, failed: 0 });
    },
  );

  test("has the last word when it has been there for so long, and another one was waited for in vain (U3)", () => {
    const { driver, lone } = aLoneNode(5);
    failAll(driver, lone, "event");
    driver.pass(waitMs - 1_000);
    expect(lone.grants()).toEqual([]);
    driver.pass(1_000);
    expect(failAll(driver, lone, "event")).toBe(10);
    expect(driver.job().table.counts).toMatchObject({ failed: 5 });
  });

  test("stops a job by what is fatal, then (U3)", () => {
    const { driver, lone } = aLoneNode(5);
    failAll(driver, lone, "fatal");
    driver.pass(waitMs);
    failAll(driver, lone, "fatal");
    expect(driver.facts("job-stopped")).toHaveLength(1);
  });

  test("has the last word at once when something was done there: then a range is bad, and not the node (U1)", () => {
    const { driver, lone } = aLoneNode(5, 1);
    lone.fail(1, 0, "transient");
    expect(driver.job().table.stateOf(0)).toBe("ready");
    lone.done(1, [1]);
    expect(driver.job().table.stateOf(0)).toBe("held");
    lone.fail(2, 0, "transient");
    expect(driver.job().table.stateOf(0)).toBe("failed");
  });

  test("is waited for no longer when the driver is started anew, or the clock set back (U3)", () => {
    const { driver, lone } = aLoneNode(1);
    lone.fail(1, 0, "event");
    driver.pass(waitMs / 2);
    driver.restart();
    const again = driver.actor({ name: "lone", node: "lone" }).ask(100);
    driver.pass(waitMs / 2 - 1_000);
    expect(again.grants()).toEqual([]);
    driver.pass(1_000);
    expect(again.grants()).toHaveLength(1);

    const other = aLoneNode(1);
    other.lone.fail(1, 0, "event");
    other.driver.nowMs = 0;
    other.driver.forget();
    other.driver.tell({ kind: "tick" });
    expect(other.lone.grants()).toHaveLength(1);
  });

  test("costs its ranges no try, and is quarantined at its next failure when there is another (U2, X3)", () => {
    const { driver, lone } = aLoneNode(6);
    for (const range of [0, 1, 2, 3, 4]) lone.fail(1, range);
    driver.actor({ name: "second", node: "second" });
    for (const range of [0, 1, 2, 3, 4]) expect(driver.job().table.creditUsed(range)).toBe(0);
    lone.fail(1, 5);
    expect(driver.facts("node-quarantined")).toMatchObject([{ node: "lone" }]);
  });

  test("is one for a job whose other nodes lack what it requires", () => {
    const driver = new ToldDriver({ witnessWaitMs: waitMs });
    driver.submit({ ...aSpec({ inputs: [1], attempts: 1 }), requires: { gpu: "yes" } });
    driver.actor({ name: "plain", node: "plain" });
    const lone = driver.actor({ name: "lone", node: "lone", labels: { gpu: "yes" } }).ask(1);
    lone.fail(1, 0);
    expect(driver.job().table.stateOf(0)).toBe("ready");
  });

  test("is told of to who asks why its ranges wait", () => {
    const { driver, lone } = aLoneNode(2, 1);
    failAll(driver, lone, "transient");
    driver.pass(20_000);
    const why = "no range was done yet by actor lone, which tries again in 40s";
    expect(ofRange(driver, 1).sentence).toBe(
      `Range 1 of job 1 (event 2 of /in/1.lhe) waits for another node than lone: it is ready, and ${why}.`,
    );
    expect(ofRange(driver, 1).details).toContain(
      "1 attempt cost nothing: on nodes that were put in quarantine, or on an only one where nothing was done yet.",
    );
    expect(ofJob(driver).sentence).toContain(`2 wait for another node than lone (${why})`);
  });
});
