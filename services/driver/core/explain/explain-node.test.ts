import { describe, expect, test } from "vitest";
import { aJob, ofJob, ofNode } from "../testing/testing-explain.js";
import { outputsOf, ToldDriver } from "../testing/testing.js";
import { aSpec } from "../testing/testing-spec.js";

describe("a node", () => {
  const n1 = { name: "a", node: "n1", slots: 2 };

  test("that is not known is told which are, and what may be meant", () => {
    const driver = aJob();
    expect(() => ofNode(driver, "n7")).toThrow('that is joined, found "n7": none is');
    driver.actor({ name: "actor-1", node: "node-1" });
    expect(() => ofNode(driver, "nod-1")).toThrow(
      'expected the name of a node, actor or merger that is joined, found "nod-1" (did you mean node-1?): ' +
        "there are actor-1 and node-1",
    );
  });

  test("is at work, asks for more, or waits for work, by its own name or its actor's", () => {
    const driver = aJob();
    const actor = driver.actor(n1);
    const node = "Node n1 (actor a)";
    expect(ofNode(driver).sentence).toBe(
      `${node} waits: it has joined, holds nothing, and has asked for nothing more.`,
    );
    actor.ask(3);
    expect(ofNode(driver, "a").sentence).toBe(
      `${node} is at work: it holds 3 ranges for 2 slots, and asks for no more now.`,
    );
    actor.ask(5);
    expect(ofNode(driver).sentence).toBe(
      `${node} is at work: it holds 4 ranges for 2 slots, and gets no more now, since all ranges of job 1 (drell-yan) that are left are held already.`,
    );
    actor.done(1, [0, 1, 2]);
    actor.report({ number: 2, outputs: [outputsOf(2, [3])] });
    expect(ofNode(driver).sentence).toBe(
      `${node} waits for work: job 1 (drell-yan) has only merges left to do.`,
    );
  });

  test("has too little wall time left for any range, and is about to leave", () => {
    const minute = 60_000;
    const driver = aJob({ inputs: [100], everyOutputs: 10 });
    const first = driver.actor({ name: "first" }).ask(1);
    first.report({ outputs: [{ ...outputsOf(1, [0]), wallMs: [10 * minute] }] });
    first.say("leave");
    const actor = driver.actor({ ...n1, slots: 1, allocationEndsAtMs: driver.nowMs + 15 * minute }).ask(9);
    expect(ofNode(driver).sentence).toBe(
      "Node n1 (actor a) is at work: it holds 1 range for 1 slot, and gets no more now, since " +
        "job 1 (drell-yan) needs more time than is left: the wall time of this node ends in 15m.",
    );
    expect(ofJob(driver).details).toContain(
      "98 ranges wait: the wall time of actor a is too short for more (it ends in 15m).",
    );
    for (let minutes = 0; minutes < 6; minutes += 1) {
      driver.pass(minute);
      actor.say("hear");
    }
    expect(ofNode(driver).sentence).toBe(
      "Node n1 (actor a) is about to leave, since its wall time ends in 9m: " +
        "it takes no more, and finishes or hands back 1 range.",
    );
  });

  test("waits for work while each job at work has a reason to have none", () => {
    const driver = aJob();
    driver.control("pause");
    driver.submit(aSpec({ name: "higgs", inputs: [1] }), "request-2");
    driver.actor({ name: "b", node: "n2" }).ask(1);
    driver.actor(n1).ask(1);
    expect(ofNode(driver)).toEqual({
      sentence: "Node n1 (actor a) waits for work: none of the 2 jobs at work has any for it.",
      details: [
        "Job 1 (drell-yan) is paused.",
        "All ranges of job 2 (higgs) that are left are held already.",
      ],
      advice: "",
    });
    const idle = new ToldDriver();
    idle.actor(n1).ask(1);
    expect(ofNode(idle).sentence).toBe("Node n1 (actor a) waits for work: no job is at work.");
  });

  test("waits for work when it lacks the labels that jobs require", () => {
    const driver = aJob({ requires: { gpu: "a100" } });
    driver.actor({ ...n1, labels: { site: "bnl" } }).ask(1);
    expect(ofNode(driver).sentence).toBe(
      "Node n1 (actor a) waits for work: job 1 (drell-yan) requires gpu=a100, and this node has no gpu.",
    );
  });

  test("gets no queue of its own while other nodes will be done with the rest sooner", () => {
    const driver = aJob({ inputs: [10], everyOutputs: 10 });
    const slow = driver.actor({ ...n1, slots: 1 }).ask(2);
    const fast = driver.actor({ name: "b", node: "n2", slots: 1 }).ask(2);
    slow.report({ outputs: [{ ...outputsOf(1, [0]), wallMs: [5_000] }] });
    fast.report({ outputs: [{ ...outputsOf(2, [2]), wallMs: [1_000] }] });
    slow.ask(12);
    expect(ofNode(driver).sentence).toBe(
      "Node n1 (actor a) is at work: it holds 2 ranges for 1 slot, and gets no more now, since other nodes will be done with the rest of job 1 (drell-yan) sooner.",
    );
    expect(ofJob(driver).details).toContain(
      "5 ranges wait: actor a has no free slot and actor b is busy with job 1.",
    );
  });

  test("waits for work while ranges that failed wait for their next try or for another node", () => {
    const driver = aJob({ inputs: [1], backoffMs: 10_000 });
    const actor = driver.actor(n1).ask(1);
    driver.actor({ name: "b", node: "n2" });
    actor.fail(1, 0, "event");
    actor.ask(2);
    expect(ofNode(driver).sentence).toMatch(
      /^Node n1 \(actor a\) waits for work: of job 1 \(drell-yan\) only ranges that failed are left: 1 failed and is tried again in \d+s\.$/,
    );
    driver.pass(10_000);
    expect(ofNode(driver).sentence).toBe(
      "Node n1 (actor a) waits for work: of job 1 (drell-yan) only ranges that failed are left: " +
        "1 waits for another node than n1 (actor b has asked for no more).",
    );
  });

  test("lost its connection, or is about to leave", () => {
    const driver = aJob();
    const actor = driver.actor(n1).ask(3).say("start-draining");
    expect(ofNode(driver).sentence).toBe(
      "Node n1 (actor a) is about to leave: it takes no more, and finishes or hands back 3 ranges.",
    );
    actor.say("detach-stream");
    driver.pass(60_000);
    expect(ofNode(driver).sentence).toBe(
      "Node n1 (actor a) has lost its connection and holds 3 ranges: nothing was heard of it for 1m, " +
        "and what it holds returns in 1m unless it comes back.",
    );
  });

  test("that fails whatever it is given is in quarantine, and says why, also when its actor is gone", () => {
    const driver = aJob({ inputs: [20], everyOutputs: 20 });
    const actor = driver.actor(n1).ask(5);
    driver.actor({ name: "b", node: "n2" });
    for (const range of [0, 1]) actor.fail(1, range);
    expect(ofNode(driver).details).toEqual([
      "2 ranges failed there since the last success, and on no other node; with 5 it may be put in quarantine.",
      "The last that came of a range there was a failure.",
    ]);
    for (const range of [2, 3, 4]) actor.fail(1, range);
    const why =
      "has been in quarantine for 1m: " +
      "5 ranges failed there in a row, and on no other node; the last one: transient failure.";
    driver.pass(60_000);
    expect(ofNode(driver)).toMatchObject({
      sentence: `Node n1 (actor a) gets no more ranges, since it ${why}`,
      advice: "Mend the node, and start its actor anew: that ends the quarantine.",
    });
    expect(ofJob(driver).details).toContain(`Node n1 ${why}`);
    expect(ofJob(driver).sentence).toContain("actor a is on a node in quarantine");
    actor.say("leave");
    expect(ofNode(driver).sentence).toBe(`Node n1 has no actor any more, and ${why}`);
  });

  test("may have a merger too, or only a merger", () => {
    const driver = aJob();
    driver.merger({ name: "m", node: "n1" }).ask(1);
    expect(ofNode(driver).sentence).toBe("Node n1 (merger m) waits for work: no merge group is ready.");
    driver.actor(n1);
    expect(ofNode(driver).details).toEqual(["Node n1 (merger m) waits for work: no merge group is ready."]);
  });
});
