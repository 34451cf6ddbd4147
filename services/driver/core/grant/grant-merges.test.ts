import { describe, expect, test } from "vitest";
import { mergeOf, ToldDriver, type Peer } from "../testing/testing.js";
import { ofJob } from "../testing/testing-explain.js";
import { aSpec } from "../testing/testing-spec.js";

/** A job whose ranges are all done, and make groups of one output each. */
function aJobToMerge(groups: number, mergeAttempts = 2): ToldDriver {
  const driver = new ToldDriver({ leaseMs: 30_000 });
  driver.submit(aSpec({ inputs: [groups], everyOutputs: 1, mergeAttempts }));
  const ranges = Array.from({ length: groups }, (_, range) => range);
  driver.actor().ask(groups).done(1, ranges);
  return driver;
}

function mergers(driver: ToldDriver, ...names: string[]): Peer[] {
  return names.map((name) => driver.merger({ name }));
}

function last(peer: Peer): ReturnType<Peer["merges"]>[number] {
  return peer.merges().at(-1) ?? expect.fail("nothing was lent");
}

function finals(driver: ToldDriver): boolean[] {
  return driver.facts("merge-failed").map(({ final }) => final);
}

describe("a group that failed on a merger", () => {
  test("goes to another one, and the first has what else there is (A1)", () => {
    const driver = aJobToMerge(2);
    const [a, b] = mergers(driver, "a", "b") as [Peer, Peer];
    a.ask(2).failMerge(mergeOf(1, 2));
    a.ask(9);
    expect(a.merges()).toEqual([mergeOf(1, 2), mergeOf(2, 3)]);
    b.ask(1);
    expect(b.merges()).toEqual([mergeOf(1, 4)]);
  });

  test("waits for the other while that one is busy, or away, and says so (A1, P9)", () => {
    const driver = aJobToMerge(2);
    const [a, b] = mergers(driver, "a", "b") as [Peer, Peer];
    a.ask(1);
    b.ask(1);
    a.ask(2).failMerge(mergeOf(1, 2));
    expect(ofJob(driver).sentence).toBe(
      "Job 1 (drell-yan) waits for its merges: no range is left to be done, and merger b is merging 1 group and " +
        "1 merge group has no merger yet (it failed on merger a and is for another; merger b is busy with job 1).",
    );
    b.say("detach-stream");
    expect(a.merges()).toHaveLength(1);
    expect(ofJob(driver).sentence).toContain("merger b has lost its connection");
  });

  test("is given to it again when the other leaves, and when its lease ends (A1)", () => {
    for (const word of ["start-draining", "leave", "detach-stream"] as const) {
      const driver = aJobToMerge(1);
      const [a, b] = mergers(driver, "a", "b") as [Peer, Peer];
      a.ask(2).failMerge(mergeOf(1, 2));
      expect(a.merges()).toHaveLength(1);
      b.say(word);
      for (let at = 0; at < 31; at += 10) {
        driver.pass(10_000);
        a.say("hear");
      }
      expect(a.merges()).toEqual([mergeOf(1, 2), mergeOf(1, 3)]);
    }
  });

  test("is given to whoever asks when all have failed it (A1)", () => {
    const driver = aJobToMerge(1, 4);
    const [a, b, c] = mergers(driver, "a", "b", "c") as [Peer, Peer, Peer];
    a.ask(9).failMerge(last(a));
    b.ask(9).failMerge(last(b));
    expect(a.merges()).toHaveLength(1);
    c.ask(1).failMerge(last(c));
    expect(a.merges()).toHaveLength(2);
  });

  test("is remembered so by a driver that starts anew", () => {
    const driver = aJobToMerge(1);
    const [a] = mergers(driver, "a", "b") as [Peer, Peer];
    a.ask(1).failMerge(last(a));
    driver.restart();
    expect(driver.merger({ name: "a" }).ask(3).merges()).toEqual([]);
    expect(driver.merger({ name: "b" }).ask(3).merges()).toEqual([mergeOf(1, 3)]);
  });
});

describe("a group is given up", () => {
  test("when its tries are spent, by two mergers (A2)", () => {
    const driver = aJobToMerge(1);
    const [a, b] = mergers(driver, "a", "b") as [Peer, Peer];
    a.ask(1).failMerge(last(a));
    b.ask(1).failMerge(last(b));
    expect(finals(driver)).toEqual([false, true]);
  });

  test("after one more try, where one merger alone has spent them when another comes (A2)", () => {
    const driver = aJobToMerge(1);
    const [a] = mergers(driver, "a") as [Peer];
    a.ask(9).failMerge(last(a));
    const [b] = mergers(driver, "b") as [Peer];
    a.failMerge(last(a));
    expect(finals(driver)).toEqual([false, false]);
    expect(a.merges()).toHaveLength(2);
    b.ask(1).failMerge(last(b));
    expect(finals(driver)).toEqual([false, false, true]);
  });

  test("by one merger, where there is no other or the other leaves (A2)", () => {
    const driver = aJobToMerge(1, 1);
    const [a, b] = mergers(driver, "a", "b") as [Peer, Peer];
    b.say("start-draining");
    a.ask(1).failMerge(last(a));
    expect(finals(driver)).toEqual([true]);
  });

  test("at the latest when its tries are spent twice, though others come and go (A2)", () => {
    const driver = aJobToMerge(1);
    const [a] = mergers(driver, "a") as [Peer];
    a.ask(99);
    for (let tries = 1; tries <= 4; tries += 1) {
      const [other] = mergers(driver, `other ${tries}`) as [Peer];
      a.failMerge(last(a));
      other.say("leave");
    }
    expect(finals(driver)).toEqual([false, false, false, true]);
  });

  test("and a retry begins with all mergers and all tries anew", () => {
    const driver = aJobToMerge(1, 1);
    const [a] = mergers(driver, "a") as [Peer];
    a.ask(1).failMerge(last(a));
    driver.workFiles();
    expect(driver.job().stage.kind).toBe("reported");
    mergers(driver, "b");
    driver.control("retry");
    driver.pass(1_000);
    expect(a.ask(2).merges()).toHaveLength(2);
    a.merged(last(a));
    driver.workFiles();
    expect(driver.facts("job-ended").at(-1)).toMatchObject({ outcome: "finished" });
  });
});

describe("outputs that a merger found lost", () => {
  const isLost = (driver: ToldDriver): boolean => driver.facts("outputs-lost").length > 0;

  test("are looked for from another node before that is believed (A3)", () => {
    const driver = aJobToMerge(1);
    const [a, b] = ["a", "b"].map((name) => driver.merger({ name, node: name }).ask(1)) as [Peer, Peer];
    a.failMerge(last(a), [0]);
    expect([isLost(driver), driver.job().table.stateOf(0)]).toEqual([false, "done"]);
    b.failMerge(last(b), [0]);
    expect([isLost(driver), driver.job().table.stateOf(0)]).toEqual([true, "ready"]);
  });

  test("and are there for the other one, are merged", () => {
    const driver = aJobToMerge(1);
    const [a, b] = ["a", "b"].map((name) => driver.merger({ name, node: name }).ask(1)) as [Peer, Peer];
    a.failMerge(last(a), [0]);
    b.merged(last(b));
    driver.workFiles();
    expect(driver.job().table.stateOf(0)).toBe("merged");
  });

  test.each<[string, string, number]>([
    ["where all mergers are on one node", "n1", 2],
    ["where a group has one try only", "n2", 1],
  ])("are lost at once %s", (_, node, mergeAttempts) => {
    const driver = aJobToMerge(1, mergeAttempts);
    const a = driver.merger({ name: "a", node: "n1" }).ask(1);
    driver.merger({ name: "b", node }).ask(1);
    a.failMerge(last(a), [0]);
    expect(isLost(driver)).toBe(true);
  });
});
