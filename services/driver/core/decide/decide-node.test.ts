import { describe, expect, test } from "vitest";
import { failureOf, type FailureClass } from "../../../shared/core/failure.js";
import { grantNumber, jobNumber } from "../../../shared/core/id.js";
import { jobReport } from "../testing/testing-report.js";
import { jobStatus } from "../status.js";
import { aSpec } from "../testing/testing-spec.js";
import { ToldDriver, type Peer } from "../testing/testing.js";

/** A black hole and good nodes, which have been granted ranges in this order: `each` a node. */
function aFarm(nodes: readonly string[], each = 8, ranges = 60): { driver: ToldDriver; peers: Peer[] } {
  const driver = new ToldDriver({ leaseMs: 30_000 });
  driver.submit(aSpec({ inputs: [ranges], attempts: 3 }));
  const peers = nodes.map((node) => driver.actor({ name: node, node, slots: 2 }).ask(each));
  return { driver, peers };
}

function failAll(peer: Peer | undefined, count: number, failureClass: FailureClass = "transient"): void {
  const [grant] = peer?.grants() ?? [];
  for (const range of grant?.ranges.slice(0, count) ?? []) peer?.fail(grant?.grant ?? 0, range, failureClass);
}

describe("a node that fails whatever it is given", () => {
  test("is quarantined with its reason, gets no more, and its failures cost nothing (X3)", () => {
    const { driver, peers } = aFarm(["bad", "good"]);
    failAll(peers[0], 4);
    expect(driver.facts("node-quarantined")).toEqual([]);
    failAll(peers[0], 5);
    expect(driver.facts("node-quarantined")).toMatchObject([
      {
        node: "bad",
        reason: "5 ranges failed there in a row, and on no other node; the last one: transient failure",
      },
    ]);
    const { table, trials } = driver.job();
    for (const range of trials.keys()) expect(table.creditUsed(range)).toBe(0);
    // What may run there is left to it; what waited there goes elsewhere.
    expect(driver.facts("ranges-returned")).toMatchObject([{ grant: 1, spans: { first: [7], count: [1] } }]);
    driver.forget();
    peers[0]?.ask(50);
    expect(peers[0]?.grants()).toEqual([]);
  });

  test("is named in the status of jobs while it is there, and in the report with the reason", () => {
    const { driver, peers } = aFarm(["bad", "good"], 8, 8);
    failAll(peers[0], 5);
    const status = { nodesQuarantined: 1, quarantinedNodes: ["bad"] };
    expect(jobStatus(driver.farm, driver.job())).toMatchObject(status);
    peers[0]?.say("leave");
    expect(jobStatus(driver.farm, driver.job())).toMatchObject({ nodesQuarantined: 0, quarantinedNodes: [] });
    driver.control("cancel");
    const [quarantine] = driver.facts("node-quarantined");
    expect(jobReport(driver.farm, driver.job()).quarantinedNodes).toEqual([
      { node: "bad", reason: quarantine?.reason, sinceUnixMs: quarantine?.atUnixMs },
    ]);
  });

  test("is not when the same ranges fail elsewhere: then they are bad, and both nodes are acquitted (N1)", () => {
    const { driver, peers } = aFarm(["one", "two"], 4, 4);
    const [one, two] = peers;
    failAll(one, 4, "node");
    for (const time of [1, 2]) {
      const lent = two?.grants() ?? [];
      driver.forget();
      expect(lent.length, `grants, the time ${String(time)}`).toBeGreaterThan(0);
      for (const { grant, ranges } of lent) for (const range of ranges) two?.fail(grant, range, "node");
    }
    expect(driver.facts("node-quarantined")).toEqual([]);
    expect([...(driver.farm.nodes.get("one")?.blamed ?? [])]).toEqual([]);
  });

  test("is not while it is the only one, and is restored when it is the last one left (X5)", () => {
    const { driver, peers } = aFarm(["bad"]);
    failAll(peers[0], 6);
    expect(driver.facts("node-quarantined")).toEqual([]);
    const good = driver.actor({ name: "good", node: "good" }).ask(1);
    peers[0]?.fail(1, 6);
    expect(driver.facts("node-quarantined")).toHaveLength(1);
    good.say("leave");
    expect(driver.facts("node-restored")).toMatchObject([
      { node: "bad", reason: "no other node is left for job 1" },
    ]);
  });

  test("is restored when it is the last one that can run a job, whoever else is there (X5)", () => {
    const driver = new ToldDriver();
    driver.submit({ ...aSpec({ inputs: [60] }), requires: { gpu: "yes" } });
    const labels = { gpu: "yes" };
    const bad = driver.actor({ name: "bad", node: "bad", labels }).ask(8);
    const good = driver.actor({ name: "good", node: "good", labels }).ask(8);
    driver.actor({ name: "plain", node: "plain" }).ask(8);
    failAll(bad, 5);
    expect(driver.facts("node-restored")).toEqual([]);
    driver.forget();
    good.say("leave");
    expect(driver.facts("node-restored")).toMatchObject([{ node: "bad" }]);
    expect(bad.ask(20).grants().length).toBeGreaterThan(0);
  });

  test("is lent at once what comes first, when it is restored for a job that comes later (advance.ts, V3)", () => {
    const driver = new ToldDriver();
    driver.submit({ ...aSpec({ inputs: [100] }), priority: 1 }, "first");
    driver.submit({ ...aSpec({ inputs: [100] }), requires: { gpu: "yes" } }, "later");
    const labels = { gpu: "yes" };
    const bad = driver.actor({ name: "bad", node: "bad", labels }).ask(8);
    const good = driver.actor({ name: "good", node: "good", labels }).ask(8);
    driver.actor({ name: "plain", node: "plain" }).ask(1);
    failAll(bad, 8);
    bad.ask(16);
    const lent = driver.facts("ranges-granted").length;
    good.say("leave");
    expect(driver.facts("node-restored")).toMatchObject([{ node: "bad" }]);
    expect(driver.facts("ranges-granted")[lent]).toMatchObject({ job: 1 });
  });

  test("is not for what jobs left behind that are over (N1)", () => {
    const driver = new ToldDriver();
    const bad = driver.actor({ name: "bad", node: "bad" }).ask(1);
    const good = driver.actor({ name: "good", node: "good" });
    for (let job = 1; job <= 5; job += 1) {
      driver.submit(aSpec({ inputs: [1] }), `request-${String(job)}`);
      const failure = failureOf("transient", "transient failure");
      const numbers = { job: jobNumber(job), range: 0, grant: grantNumber(1) };
      bad.report({ failures: [{ ...numbers, failure }] });
      good.ask(job);
      good.done(2, [0], job);
      expect(driver.job(job).table.counts.done).toBe(1);
      driver.control("cancel", { job, requestId: `cancel-${String(job)}` });
      driver.workFiles();
      bad.ask(job + 1);
    }
    expect(driver.facts("node-quarantined")).toEqual([]);
    expect(driver.farm.nodes.get("bad")?.blamed.size).toBe(0);
  });

  test("is restored by a success, and when its actor is started anew (X5)", () => {
    const { driver, peers } = aFarm(["bad", "good"]);
    failAll(peers[0], 5);
    peers[0]?.done(1, [5]);
    expect(driver.facts("node-restored")).toHaveLength(1);
    const second = aFarm(["bad", "good"]);
    failAll(second.peers[0], 5);
    second.driver.actor({ name: "bad", node: "bad", incarnation: "second" });
    expect(second.driver.facts("node-restored")).toMatchObject([{ reason: "its actor was started anew" }]);
  });

  test("leaves most nodes at work when payloads fail everywhere: the job is bad, and not its nodes (X4)", () => {
    const { driver, peers } = aFarm(["a", "b", "c", "d"], 8, 100);
    for (const peer of peers) failAll(peer, 8);
    expect(driver.facts("node-quarantined")).toHaveLength(1);
  });

  test("stays quarantined when the driver is started anew", () => {
    const { driver, peers } = aFarm(["bad", "good"]);
    failAll(peers[0], 5);
    driver.restart();
    driver.actor({ name: "good", node: "good" });
    driver.forget();
    const bad = driver.actor({ name: "bad", node: "bad" }).ask(5);
    expect(bad.grants()).toEqual([]);
  });
});

describe("a range that failed on a node", () => {
  test("is no business of a node that failed last, while there are sound ones (N2)", () => {
    const { driver, peers } = aFarm(["a", "b", "c"], 1, 40);
    const [a, b, c] = peers;
    a?.fail(1, 0, "event");
    b?.fail(2, 1, "event");
    driver.forget();
    b?.ask(3);
    expect(b?.grants().flatMap(({ ranges }) => ranges)).not.toContain(0);
    c?.ask(4);
    expect(c?.grants().flatMap(({ ranges }) => ranges)).toEqual(expect.arrayContaining([0, 1]));
  });
});

test("of nodes that left while something was held against them, only the last are remembered (X6)", () => {
  const driver = new ToldDriver({ goneNodesMax: 10 });
  driver.submit(aSpec({ inputs: [1_000], attempts: 100 }));
  const good = driver.actor({ name: "good", node: "good" });
  for (let i = 1; i <= 25; i += 1) {
    const peer = driver.actor({ name: `n${i}`, node: `n${i}`, slots: 2 }).ask(8);
    failAll(peer, i <= 3 ? 5 : 1);
    peer.say("leave");
    driver.pass(1_000);
    expect(driver.farm.nodes.size).toBeLessThanOrEqual(11);
  }
  const remembered = [...driver.farm.nodes.keys()].filter((name) => name !== "good");
  expect(remembered.length).toBeGreaterThanOrEqual(9);
  expect(remembered.at(-1)).toBe("n25");
  expect(remembered).not.toContain("n1");
  expect(driver.facts("node-quarantined").map(({ node }) => node)).toContain("n1");
  expect(good.grants()).toEqual([]);
});
