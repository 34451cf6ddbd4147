// When a range fails for good, and where it is tried meanwhile (decide-failure.ts, Y2 to Y4).

import { describe, expect, test } from "vitest";
import type { FailureClass } from "../../../shared/core/failure.js";
import { grantNumber } from "../../../shared/core/id.js";
import { aSpec } from "../testing/testing-spec.js";
import { ToldDriver, type Peer } from "../testing/testing.js";

const backoffMs = 1_000;

/** A job of one range, and an actor a node; each asks for one range more whenever it gets one. */
class Trying {
  readonly driver = new ToldDriver({ leaseMs: 1_000_000 });
  readonly #actors = new Map<string, Peer>();

  constructor(nodes: readonly string[], attempts: number, wait = 0) {
    this.driver.submit(aSpec({ inputs: [1], attempts, backoffMs: wait }));
    for (const node of nodes)
      this.#actors.set(node, this.driver.actor({ name: node, node, slots: 1 }).ask(99));
  }

  get state(): string {
    return this.driver.job().table.stateOf(0);
  }

  /** Who holds the range. */
  get holder(): string | undefined {
    const { grants, lastGrant } = this.driver.job();
    const session = grants.get(grantNumber(lastGrant))?.session;
    return [...this.#actors].find(([, peer]) => peer.session === session)?.[0];
  }

  /** The holder's try fails so; told is where that was. */
  fail(failureClass: FailureClass): string | undefined {
    const node = this.holder;
    this.#actors.get(node ?? "")?.fail(this.driver.job().lastGrant, 0, failureClass);
    return node;
  }

  /** Where the range is tried, while it fails so, until it has failed for good. */
  failAll(failureClass: FailureClass): readonly (string | undefined)[] {
    const nodes: (string | undefined)[] = [];
    while (this.state === "held" && nodes.length < 300) nodes.push(this.fail(failureClass));
    return nodes;
  }
}

describe("a bad event", () => {
  test("is final when it failed on two nodes, whatever credit is left (Y2)", () => {
    const trying = new Trying(["a", "b"], 200);
    expect(new Set(trying.failAll("event"))).toEqual(new Set(["a", "b"]));
    expect(trying.driver.job().failures.records).toHaveLength(2);
    expect(trying.state).toBe("failed");
  });

  test("is final at the second time where there is one node, and at the first where there is one try (Y2)", () => {
    expect(new Trying(["a"], 200).failAll("event")).toEqual(["a", "a"]);
    expect(new Trying(["a"], 1).failAll("event")).toEqual(["a"]);
  });

  test("goes to another node that comes later, before it is final (Y2)", () => {
    const trying = new Trying(["a"], 200);
    trying.fail("event");
    const late = trying.driver.actor({ name: "late", node: "late", slots: 1 });
    trying.fail("event");
    expect(trying.state).not.toBe("failed");
    late.ask(1);
    late.fail(trying.driver.job().lastGrant, 0, "event");
    expect(trying.state).toBe("failed");
  });
});

describe("a failure that nobody can explain", () => {
  test("is final when the credit is spent, and not before (Y3)", () => {
    expect(new Trying(["a"], 4).failAll("transient")).toEqual(["a", "a", "a", "a"]);
  });

  test("is never final on one node's word where there are two: then the other has a last try (Y4)", () => {
    const nodes = new Trying(["a", "b"], 1).failAll("transient");
    expect(nodes).toHaveLength(2);
    expect(new Set(nodes)).toEqual(new Set(["a", "b"]));
  });
});

describe("a node's failure", () => {
  test("sends the range to another node at once, and is final when the credit is spent (Y3)", () => {
    const nodes = new Trying(["a", "b", "c"], 3).failAll("node");
    expect(nodes).toHaveLength(3);
    expect(new Set(nodes)).toEqual(new Set(["a", "b", "c"]));
  });

  test("leaves the range to its node where that is the only one (Y3)", () => {
    expect(new Trying(["a"], 3).failAll("node")).toEqual(["a", "a", "a"]);
  });

  test("is never final on one node's word where there are two (Y4)", () => {
    const nodes = new Trying(["a", "b"], 1).failAll("node");
    expect(new Set(nodes)).toEqual(new Set(["a", "b"]));
  });
});

describe("a range whose failure on a node in quarantine cost nothing", () => {
  test("is tried there again, when the node is back, before the word of one other is final (Y4)", () => {
    const driver = new ToldDriver({ quarantineAfter: 1 });
    driver.submit(aSpec({ inputs: [1], attempts: 1 }));
    const failLast = (peer: Peer): void => void peer.fail(driver.job().lastGrant, 0, "node");
    const one = driver.actor({ name: "one", node: "one" }).ask(1);
    const other = driver.actor({ name: "other", node: "other" });
    failLast(one);
    expect(driver.facts("node-quarantined")).toMatchObject([{ node: "one" }]);
    const anew = driver.actor({ name: "one", node: "one", incarnation: "one#2" });
    other.ask(1);
    failLast(other);
    driver.forget();
    other.ask(9);
    expect(other.grants()).toEqual([]);
    anew.ask(1);
    failLast(anew);
    expect(driver.job().table.stateOf(0)).toBe("failed");
  });
});

describe("a range that failed", () => {
  test("waits for its backoff, after a restart of the driver too, and no longer", () => {
    const trying = new Trying(["a"], 3, backoffMs);
    trying.fail("transient");
    expect(trying.state).toBe("ready");
    const { driver } = trying;
    driver.restart();
    const actor = driver.actor({ name: "a", node: "a", slots: 1 }).ask(1);
    expect(trying.state).toBe("ready");
    driver.pass(backoffMs);
    expect(actor.grants().map(({ ranges }) => ranges)).toEqual([[0]]);
  });
});
