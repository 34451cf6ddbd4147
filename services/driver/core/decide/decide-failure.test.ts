import { describe, expect, test } from "vitest";
import { failureOf } from "../../../shared/core/failure.js";
import { grantNumber, jobNumber } from "../../../shared/core/id.js";
import { eachRange, spansOf } from "../../../shared/core/spans.js";
import { reasonKey } from "../apply/apply-range.js";
import { failureReasonsMax, failureRecordsMax } from "../state/job.js";
import { aRace } from "../testing/testing-race.js";
import { granted, ToldDriver, type Peer } from "../testing/testing.js";
import { aSpec } from "../testing/testing-spec.js";

function aDriver(changes: Parameters<typeof aSpec>[0] = {}): ToldDriver {
  const driver = new ToldDriver({ leaseMs: 30_000 });
  driver.submit(aSpec(changes));
  return driver;
}

describe("a failure", () => {
  test("costs credit, and the range is tried again", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(1);
    actor.fail(1, 0);
    expect(driver.job().table.creditUsed(0)).toBe(1);
    expect(actor.ask(2).grants()[1]).toEqual({ grant: 2, ranges: [0] });
  });

  test("that spends the credit is final, and the report knows the reason", () => {
    const driver = aDriver({ attempts: 2 });
    const actor = driver.actor({ node: "node-7" }).ask(2);
    actor.fail(1, 0, "event");
    actor.ask(3);
    actor.fail(2, 0, "event");
    const { table, failures } = driver.job();
    expect(table.stateOf(0)).toBe("failed");
    expect(failures.records).toMatchObject([
      { range: 0, grant: 1, node: "node-7", attempt: 1, final: false },
      { range: 0, grant: 2, node: "node-7", attempt: 2, final: true },
    ]);
    expect([...failures.final].map(([reason, set]) => [reason, set.spans()])).toEqual([
      ["event event failure", spansOf({ first: 0, count: 1 })],
    ]);
  });

  test("ends only its own grant: of a grant that holds the range no more it says nothing (P4, O3)", () => {
    const { driver, slow, fast } = aRace();
    slow.fail(1, 0);
    expect(driver.facts("range-tried")).toEqual([]);
    expect(driver.job().table.holderOf(0)).toBe(2);
    expect(slow.answer()).toEqual({ number: 1, superseded: [] });
    fast.done(2, [0]);
    slow.fail(1, 0);
    expect(driver.job().table.stateOf(0)).toBe("done");
  });

  test("keeps its range from the nodes where it failed last, and from no more than so many (P7)", () => {
    const driver = aDriver({ inputs: [1], attempts: 255, backoffMs: 0 });
    for (let grant = 1; grant <= 20; grant += 1)
      driver
        .actor({ name: `a${grant}`, node: `n${grant}` })
        .ask(1)
        .fail(grant, 0, "node");
    const avoids = driver.facts("range-tried").map((tried) => tried.avoids);
    expect(avoids.at(15)).toHaveLength(16);
    expect(avoids.at(-1)).toEqual(Array.from({ length: 16 }, (_, i) => `n${i + 5}`).sort());
  });

  test("that is reported twice costs once", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(1);
    actor.fail(1, 0);
    actor.fail(1, 0);
    expect(driver.job().table.creditUsed(0)).toBe(1);
  });

  test("is counted for ever, and kept with all that is known of it up to a limit", () => {
    const driver = aDriver({ inputs: [failureRecordsMax + 5], attempts: 1 });
    const ranges = [...eachRange(spansOf({ first: 0, count: failureRecordsMax + 5 }))];
    const actor = driver.actor().ask(ranges.length);
    actor.report({
      failures: ranges.map((range) => ({
        job: jobNumber(1),
        range,
        grant: grantNumber(1),
        failure: failureOf("event", `reason ${String(Math.min(range, failureReasonsMax + 3))}`),
      })),
    });
    const { failures } = driver.job();
    expect(failures.records).toHaveLength(failureRecordsMax);
    expect(failures.counted).toBe(ranges.length);
    // So many reasons are told apart; the rest share one (and checkFarm sees each failed range in one of them).
    expect(failures.final.size).toBe(failureReasonsMax + 1);
    expect(failures.final.has(reasonKey(failureOf("event", `reason ${String(failureReasonsMax)}`)))).toBe(
      false,
    );
  });
});

describe("credit", () => {
  test("is spent by the payload's own failures and by nothing else (P5)", () => {
    const driver = aDriver({ inputs: [3], attempts: 2 });
    const actor = driver.actor().ask(3);
    actor.giveBack(1, [0]);
    actor.say("leave");
    driver.actor({ incarnation: "second" }).ask(3).say("detach-stream");
    driver.pass(31_000);
    driver.actor({ incarnation: "third" }).ask(3);
    driver.actor({ incarnation: "fourth" });
    expect([0, 1, 2].map((range) => driver.job().table.creditUsed(range))).toEqual([0, 0, 0]);
    expect(driver.job().failures.counted).toBe(0);
  });
});

describe("a fatal failure", () => {
  const fatal = (actor: Peer, grant: number, range: number): void => {
    actor.fail(grant, range, "fatal");
  };

  test("stops the job when two nodes have met one (design §5)", () => {
    const driver = aDriver();
    const [one, two] = ["node-1", "node-2"].map((node) => driver.actor({ name: node, node }).ask(2));
    if (one === undefined || two === undefined) throw new Error("two actors");
    fatal(one, 1, 0);
    fatal(one, 1, 1);
    expect(driver.job().stage.kind).toBe("running");
    fatal(two, 2, 2);
    expect(driver.job().stage).toMatchObject({ kind: "ended", outcome: "failed", reason: "fatal failure" });
  });

  test("stops the job at once where there is only one node, whatever runs on it", () => {
    const driver = aDriver();
    const actors = ["a", "b"].map((name) => driver.actor({ name, node: "node-1" }).ask(2));
    if (actors[0] !== undefined) fatal(actors[0], 1, 0);
    expect(driver.job().stage.kind).toBe("ended");
  });

  test("stops nothing once a range has succeeded", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(3);
    actor.done(1, [0]);
    fatal(actor, 1, 1);
    expect(driver.job().stage.kind).toBe("running");
    expect(driver.job().table.creditUsed(1)).toBe(1);
  });

  test("of a mergers' node does not count among the nodes that there are", () => {
    const driver = aDriver();
    driver.merger({ node: "node-2" });
    fatal(driver.actor({ node: "node-1" }).ask(1), 1, 0);
    expect(driver.job().stage.kind).toBe("ended");
  });

  test("gives up what waits and what is held, with the reason, and tells every actor", () => {
    const driver = aDriver();
    const other = driver.actor({ name: "other", node: "node-1" }).ask(3);
    const actor = driver.actor().ask(2);
    fatal(actor, 2, 3);
    const { table, failures } = driver.job();
    expect(table.counts).toEqual({ ready: 0, held: 0, done: 0, merged: 0, failed: 10 });
    expect([...failures.final].map(([reason, set]) => [reason, set.spans()])).toEqual([
      ["fatal fatal failure", spansOf({ first: 0, count: 10 })],
    ]);
    expect(other.heard()).toContain("close-job");
    other.done(1, [0, 1, 2]);
    expect(other.answer()).toEqual({ number: 1, superseded: [granted(1, [0, 1, 2])] });
    expect(driver.facts("job-stopped")).toHaveLength(1);
  });
});
