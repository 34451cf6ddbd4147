import { describe, expect, test } from "vitest";
import { nodeStatus, shownNodes } from "../node-status.js";
import type { NodeStatus } from "../../../shared/core/node-status.js";
import { clusterStatus } from "../cluster-status.js";
import { ofJob, ofNode } from "../testing/testing-explain.js";
import { aSpec } from "../testing/testing-spec.js";
import { mergeOf, ToldDriver, type Peer } from "../testing/testing.js";

/** Two nodes with an actor each. */
function aFarm(ranges = 8): { readonly driver: ToldDriver; readonly one: Peer; readonly two: Peer } {
  const driver = new ToldDriver({ leaseMs: 30_000, drainedNodesMax: 2 });
  driver.submit(aSpec({ inputs: [ranges], everyOutputs: 2, attempts: 3 }));
  const one = driver.actor({ name: "one", node: "n1" });
  const two = driver.actor({ name: "two", node: "n2" });
  return { driver, one, two };
}

function statusOf({ farm, moment, rules }: ToldDriver, name: string): NodeStatus {
  const node = farm.nodes.get(name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return nodeStatus({ farm, moment, rules }, node);
}

describe("a node that is drained", () => {
  test("is lent nothing more, and is told to hand back what waits", () => {
    const { driver, one, two } = aFarm();
    one.ask(4);
    expect(driver.controlNode("drain", "n1", { reason: "to be mended" })).toEqual({
      kind: "done",
      node: "n1",
    });
    expect(driver.effectsOn(one.stream).at(-1)).toEqual({
      ...{ kind: "hand-back", stream: one.stream },
      reason: "the node is drained: to be mended",
    });
    one.ask(8);
    expect(one.grants()).toHaveLength(1);
    const [grant] = one.grants();
    one.giveBack(grant?.grant ?? 0, grant?.ranges.slice(2) ?? []);
    two.ask(8);
    expect(two.grants().flatMap(({ ranges }) => ranges)).toHaveLength(6);
  });

  test("is draining while its processes hold something, and drained then: what runs is done and counts", () => {
    const { driver, one } = aFarm();
    one.ask(1);
    driver.controlNode("drain", "n1", { reason: "to be mended" });
    const sinceUnixMs = driver.moment.unixMs;
    expect(statusOf(driver, "n1")).toMatchObject({ state: "draining", reason: "to be mended", sinceUnixMs });
    expect(ofNode(driver, "n1").sentence).toBe(
      "Node n1 (actor one) was drained by a user 0ms ago: to be mended; it finishes or hands back 1 range.",
    );
    one.done(1, [0]);
    expect(driver.job().table.counts.done).toBe(1);
    expect(statusOf(driver, "n1")).toMatchObject({ state: "drained", rangesDone: 1, drain: "to be mended" });
    expect(ofNode(driver, "n1")).toMatchObject({
      sentence:
        "Node n1 (actor one) was drained by a user 0ms ago: to be mended; it holds nothing, and can be taken away.",
      advice: "Give it work again: noctua undrain n1 --workdir <workdir>.",
    });
  });

  test("is told once as that for which all wait, with how to give it work again", () => {
    const { driver, one } = aFarm();
    one.ask(2);
    one.fail(1, 0);
    one.giveBack(1, [1]);
    driver.pass(2_000);
    for (const node of ["n1", "n2"]) driver.controlNode("drain", node);
    const { sentence, advice } = ofJob(driver);
    expect(sentence.match(/on nodes that are drained/g)).toHaveLength(1);
    expect(advice).toBe("Give drained nodes work again: noctua undrain NODE... --workdir <workdir>.");
  });

  test("costs no range a try, and a failure there goes elsewhere", () => {
    const { driver, one, two } = aFarm();
    one.ask(2);
    driver.controlNode("drain", "n1");
    one.fail(1, 0);
    one.giveBack(1, [1]);
    expect(driver.job().table.creditUsed(1)).toBe(0);
    driver.pass(2_000);
    two.ask(8);
    driver.pass(2_000);
    expect(two.grants().flatMap(({ ranges }) => ranges)).toContain(0);
  });

  test("gets work again when it is undrained, for which it has asked already", () => {
    const { driver, one } = aFarm();
    driver.controlNode("drain", "n1");
    one.ask(2);
    expect(one.grants()).toEqual([]);
    expect(driver.controlNode("undrain", "n1")).toEqual({ kind: "done", node: "n1" });
    expect(one.grants()).toMatchObject([{ ranges: [0, 1] }]);
    expect(statusOf(driver, "n1")).toMatchObject({ state: "at work", reason: "", drain: undefined });
  });

  test("stays so when its actor is started anew, and when the driver is", () => {
    const { driver } = aFarm();
    driver.controlNode("drain", "n1");
    driver.actor({ name: "one", node: "n1", incarnation: "second process" }).ask(5);
    driver.actor({ name: "another", node: "n1" }).ask(5);
    expect(driver.facts("ranges-granted")).toEqual([]);
    driver.restart();
    const back = driver.actor({ name: "one", node: "n1" }).ask(5);
    expect(back.grants()).toEqual([]);
    expect(back.heard()).toContain("hand-back");
  });

  test("is remembered when all have left, and can be undrained then", () => {
    const { driver, one } = aFarm();
    driver.controlNode("drain", "n1");
    one.say("leave");
    expect([...shownNodes(driver.farm)]).toEqual(["n1", "n2"]);
    expect(statusOf(driver, "n1")).toMatchObject({ state: "drained", actors: [], slots: 0 });
    expect(ofNode(driver, "n1").sentence).toBe(
      "Node n1 has no actor any more, and was drained by a user 0ms ago.",
    );
    driver.controlNode("undrain", "n1");
    expect([...shownNodes(driver.farm)]).toEqual(["n2"]);
  });

  test("gets no merges either: its merger finishes what it has", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [4], everyOutputs: 2 }));
    const actor = driver.actor({ name: "a", node: "n1" }).ask(4);
    const merger = driver.merger({ name: "m", node: "n2" }).ask(1);
    actor.done(1, [0, 1]);
    driver.controlNode("drain", "n2");
    merger.ask(2);
    actor.done(1, [2, 3]);
    expect(merger.merges()).toHaveLength(1);
    expect(merger.heard()).toContain("hand-back");
    merger.merged(mergeOf(1, 2));
    expect(statusOf(driver, "n2")).toMatchObject({ state: "drained", groupsMerged: 1, mergers: ["m"] });
    expect(ofJob(driver).sentence).toContain("merger m is on a node that is drained");
  });

  test("in quarantine is both, and the end of one is not the end of the other", () => {
    const { driver, one } = aFarm(60);
    one.ask(6);
    for (const range of [0, 1, 2, 3, 4]) one.fail(1, range);
    expect(statusOf(driver, "n1").state).toBe("quarantined");
    driver.controlNode("drain", "n1");
    expect(statusOf(driver, "n1")).toMatchObject({ state: "draining", drain: "" });
    expect(statusOf(driver, "n1").quarantine).toContain("5 ranges failed there");
    driver.controlNode("undrain", "n1");
    expect(statusOf(driver, "n1").state).toBe("quarantined");
  });

  test("is what a job waits for, when there is no other", () => {
    const { driver, two } = aFarm();
    two.say("leave");
    driver.controlNode("drain", "n1");
    expect(ofJob(driver).sentence).toContain("actor one is on a node that is drained");
  });
});

describe("who asks to drain or undrain", () => {
  test("twice under one id asks once, also when the node was undrained meanwhile (P11)", () => {
    const { driver, one } = aFarm();
    driver.controlNode("drain", "n1", { requestId: "r1" });
    driver.controlNode("undrain", "n1", { requestId: "r2" });
    expect(driver.controlNode("drain", "n1", { requestId: "r1" })).toEqual({ kind: "done", node: "n1" });
    one.ask(1);
    expect(one.grants()).toHaveLength(1);
  });

  test("under an id that was used for something else is told for what", () => {
    const { driver } = aFarm();
    driver.controlNode("drain", "n1", { requestId: "r1" });
    const used = { kind: "refused", why: "conflict", message: "request r1 was used to drain node n1" };
    expect(driver.controlNode("drain", "n2", { requestId: "r1" })).toEqual(used);
    expect(driver.controlNode("undrain", "n1", { requestId: "r1" })).toEqual(used);
    expect(driver.control("cancel", { requestId: "r1" })).toEqual(used);
    expect(driver.submit(aSpec(), "r1")).toEqual(used);
    expect(driver.add([], { requestId: "r1" })).toEqual(used);
    expect(driver.controlNode("drain", "n1", { requestId: "request-1" })).toMatchObject({
      message: "request request-1 began job 1",
    });
  });

  test("for a node that has never joined is told what there is", () => {
    const { driver } = aFarm();
    const expected = "expected the name of a node that has joined, found";
    expect(driver.controlNode("drain", "n3")).toEqual({
      ...{ kind: "refused", why: "unknown", message: `${expected} "n3": did you mean n1?` },
    });
    expect(driver.controlNode("drain", "two")).toMatchObject({
      message: `${expected} "two", the actor of node n2: name n2 instead`,
    });
    driver.merger({ name: "three", node: "n2" });
    expect(driver.controlNode("drain", "three")).toMatchObject({
      message: `${expected} "three", the merger of node n2: name n2 instead`,
    });
    expect(new ToldDriver().controlNode("undrain", "n3")).toMatchObject({
      message: `${expected} "n3": none has`,
    });
  });

  test("once more says why anew, and changes no more than that (U2)", () => {
    const { driver } = aFarm();
    driver.controlNode("drain", "n1", { reason: "first" });
    const { sinceUnixMs } = statusOf(driver, "n1");
    driver.nowMs += 5_000;
    driver.controlNode("drain", "n1", { reason: "second", requestId: "again" });
    expect(statusOf(driver, "n1")).toMatchObject({ reason: "second", sinceUnixMs });
    expect(driver.controlNode("undrain", "n2")).toEqual({ kind: "done", node: "n2" });
  });

  test("for more nodes than can be remembered is refused (D3)", () => {
    const { driver } = aFarm();
    driver.actor({ name: "three", node: "n3" });
    driver.controlNode("drain", "n1");
    driver.controlNode("drain", "n2");
    expect(driver.controlNode("drain", "n3")).toEqual({
      ...{ kind: "refused", why: "too-large", limit: "drained_nodes" },
      message: "2 nodes are drained already: undrain those that are gone",
    });
    expect(driver.controlNode("drain", "n1", { requestId: "again" }).kind).toBe("done");
  });
});

describe("how nodes stand", () => {
  test("is told with what is on them, what they hold and what they have done", () => {
    const { driver, one } = aFarm();
    expect(statusOf(driver, "n1")).toMatchObject({ state: "idle", reason: "", slots: 2, slotsBusy: 0 });
    one.ask(4);
    one.done(1, [0]);
    one.fail(1, 1);
    expect(statusOf(driver, "n1")).toMatchObject({
      ...{ name: "n1", state: "at work", actors: ["one"], mergers: [] },
      ...{ slots: 2, slotsBusy: 2, rangesHeld: 2, rangesDone: 1, failures: 1 },
    });
    const { farm } = driver;
    expect(clusterStatus(farm)).toEqual({
      ...{ run: "run-1", epoch: 1, nodes: 2, nodesDrained: 0, nodesQuarantined: 0 },
      ...{ actors: 2, slots: 4, slotsBusy: 2, mergers: 0, jobs: 1, jobsAtWork: 1 },
    });
  });

  test("counts go on when the connection is lost, and when the driver is started anew", () => {
    const { driver, one } = aFarm();
    one.ask(1);
    one.done(1, [0]);
    const joined = statusOf(driver, "n1").sinceUnixMs;
    one.say("detach-stream");
    driver.nowMs += 4_000;
    expect(statusOf(driver, "n1")).toMatchObject({
      state: "away",
      reason: "nothing was heard of it for 4s, and what it holds returns in 26s unless it comes back",
    });
    driver.restart();
    driver.actor({ name: "one", node: "n1" });
    expect(statusOf(driver, "n1")).toMatchObject({ state: "idle", rangesDone: 1, sinceUnixMs: joined });
  });

  test("who is about to leave is draining", () => {
    const { driver, one } = aFarm();
    one.say("start-draining");
    expect(statusOf(driver, "n1")).toMatchObject({ state: "draining", reason: "it is about to leave" });
  });
});
