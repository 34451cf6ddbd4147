import { describe, expect, test } from "vitest";
import { failureOf, type FailureClass } from "../../shared/core/failure.js";
import { grantNumber, jobNumber } from "../../shared/core/id.js";
import { eachRange, spansOf } from "../../shared/core/spans.js";
import type { JobOutputs, ReportedFailure } from "./command.js";
import { reasonKey } from "./apply-range.js";
import { failureReasonsMax, failureRecordsMax } from "./job.js";
import { aSpec, granted, mergeOf, outputsOf, ToldDriver, type Peer } from "./testing.js";

function aDriver(changes: Parameters<typeof aSpec>[0] = {}): ToldDriver {
  const driver = new ToldDriver({ leaseMs: 30_000 });
  driver.submit(aSpec(changes));
  return driver;
}

function failed(grant: number, range: number, failureClass: FailureClass = "transient"): ReportedFailure {
  const failure = failureOf(failureClass, `${failureClass} failure`);
  return { job: jobNumber(1), range, grant: grantNumber(grant), failure };
}

/** A slow actor whose lease ended with the ranges 0 to 3 of grant 1, and a fast one that was granted them again, as grant 2. */
function aRace(): { driver: ToldDriver; slow: Peer; fast: Peer } {
  const driver = aDriver({ inputs: [4] });
  driver.actor({ name: "slow" }).ask(4).say("detach-stream");
  driver.pass(31_000);
  const fast = driver.actor({ name: "fast" }).ask(4);
  const slow = driver.actor({ name: "slow", ranges: [granted(1, [0, 1, 2, 3])] });
  driver.forget();
  return { driver, slow, fast };
}

/** The answer to the last results of a peer. */
function lastAnswer(driver: ToldDriver, peer: Peer): unknown {
  const effect = driver.effectsOn(peer.stream).findLast(({ kind }) => kind !== "send-grant");
  return effect?.kind === "acknowledge-results"
    ? { number: effect.number, superseded: effect.superseded }
    : effect;
}

describe("an output", () => {
  test("that is first wins, is journaled as it came, and is acknowledged (P4, F3)", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(10);
    const outputs = outputsOf(1, [0, 1, 2, 7]);
    actor.report({ number: 12, outputs: [outputs] });
    expect(driver.facts("ranges-done")).toEqual([{ kind: "ranges-done", ...outputs }]);
    expect(driver.facts("ranges-done")[0]?.sizeBytes).toBe(outputs.sizeBytes);
    expect(driver.job().table.outputOf(7)).toEqual({ grant: 1, sizeBytes: 107, adler32: 1_007 });
    expect(lastAnswer(driver, actor)).toEqual({ number: 12, superseded: [] });
  });

  test("of the winner, reported again, is acknowledged again and never superseded (P4)", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(2);
    actor.done(1, [0, 1]);
    const facts = driver.journal.length;
    actor.report({ number: 2, outputs: [outputsOf(1, [0, 1])] });
    expect(lastAnswer(driver, actor)).toEqual({ number: 2, superseded: [] });
    expect(driver.journal).toHaveLength(facts);
  });

  test("of the winner is acknowledged again when it was merged, and when the job is over", () => {
    const driver = aDriver({ inputs: [1] });
    const actor = driver.actor().ask(1);
    actor.done(1, [0]);
    driver.merger().ask(1).merged(mergeOf(1, 2));
    driver.workFiles();
    actor.report({ number: 9, outputs: [outputsOf(1, [0])] });
    expect(lastAnswer(driver, actor)).toEqual({ number: 9, superseded: [] });
  });

  test("of another grant is superseded, and its file is named (P4)", () => {
    const { driver, slow, fast } = aRace();
    fast.done(2, [0, 1]);
    slow.done(1, [0, 1, 2, 3]);
    expect(lastAnswer(driver, slow)).toEqual({ number: 1, superseded: [granted(1, [0, 1])] });
    expect([0, 1, 2, 3].map((range) => driver.job().table.winnerOf(range))).toEqual([2, 2, 1, 1]);
    fast.done(2, [2, 3]);
    expect(lastAnswer(driver, fast)).toEqual({ number: 1, superseded: [granted(2, [2, 3])] });
  });

  test("wins although its grant had returned and nobody holds the range", () => {
    const { driver, slow, fast } = aRace();
    fast.giveBack(2, [0, 1, 2, 3]);
    fast.say("leave");
    slow.done(1, [3]);
    expect(driver.job().table.winnerOf(3)).toBe(1);
    expect([...eachRange(driver.job().ready.spans())]).toEqual([0, 1, 2]);
  });

  test("of a range that failed for good is superseded: that is final until somebody asks for retry (P4)", () => {
    const driver = aDriver({ inputs: [2], attempts: 1 });
    const actor = driver.actor().ask(2);
    actor.fail(1, 0);
    actor.done(1, [0]);
    expect(lastAnswer(driver, actor)).toEqual({ number: 1, superseded: [granted(1, [0])] });
    expect(driver.job().table.counts).toMatchObject({ failed: 1, done: 0 });
  });

  test("of a grant older than the loss of the range's output is void, the lost winner's too", () => {
    const driver = aDriver({ inputs: [2] });
    const actor = driver.actor().ask(2);
    actor.done(1, [0, 1]);
    driver.merger().ask(1).failMerge(mergeOf(1, 2), [0]);
    driver.forget();
    actor.done(1, [0, 1]);
    expect(lastAnswer(driver, actor)).toEqual({ number: 1, superseded: [granted(1, [0])] });
    expect(actor.ask(3).grants()).toEqual([{ grant: 3, ranges: [0] }]);
    actor.done(3, [0]);
    expect(driver.job().table.winnerOf(0)).toBe(3);
  });
});

describe("outputs of one message", () => {
  test("win or are superseded each by itself, with their own size and checksum", () => {
    const { driver, slow, fast } = aRace();
    fast.done(2, [1]);
    slow.done(1, [0, 1, 2, 3]);
    expect(driver.facts("ranges-done")[1]).toEqual({
      kind: "ranges-done",
      job: 1,
      spans: spansOf({ first: 0, count: 1 }, { first: 2, count: 2 }),
      grant: [1, 1],
      sizeBytes: [100, 102, 103],
      adler32: [1_000, 1_002, 1_003],
      wallMs: [10, 10, 10],
    });
  });

  test("may be of several grants and of several jobs", () => {
    const driver = aDriver({ inputs: [4] });
    driver.submit(aSpec({ inputs: [1] }), "request-2");
    const actor = driver.actor().ask(2).ask(5);
    const mixed: JobOutputs = {
      ...outputsOf(1, [0, 1, 2]),
      spans: spansOf({ first: 0, count: 2 }, { first: 2, count: 1 }),
      grant: [grantNumber(1), grantNumber(2)],
    };
    actor.report({ outputs: [mixed, outputsOf(1, [0], 2)] });
    expect([0, 1, 2].map((range) => driver.job().table.winnerOf(range))).toEqual([1, 1, 2]);
    expect(driver.job(2).table.counts.done).toBe(1);
  });

  test("that name one range twice are judged as if they had come one after the other", () => {
    const { driver, fast } = aRace();
    fast.report({ outputs: [outputsOf(2, [0, 1]), outputsOf(2, [1]), outputsOf(1, [1])] });
    expect(driver.facts("ranges-done")).toHaveLength(1);
    expect(lastAnswer(driver, fast)).toEqual({ number: 1, superseded: [granted(1, [1])] });
  });

  test("beside a failure and a return of the same range win: they are settled first", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(2);
    actor.report({
      outputs: [outputsOf(1, [0])],
      failures: [failed(1, 0), failed(1, 1), failed(1, 1)],
      returned: [granted(1, [0, 1])],
    });
    expect(driver.facts("range-failed").map(({ range }) => range)).toEqual([1]);
    expect(driver.facts("ranges-returned")).toEqual([]);
    expect([0, 1].map((range) => driver.job().table.creditUsed(range))).toEqual([0, 1]);
    expect(driver.job().table.stateOf(0)).toBe("done");
  });
});

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
    expect(driver.facts("range-failed")).toEqual([]);
    expect(driver.job().table.holderOf(0)).toBe(2);
    expect(lastAnswer(driver, slow)).toEqual({ number: 1, superseded: [] });
    fast.done(2, [0]);
    slow.fail(1, 0);
    expect(driver.job().table.stateOf(0)).toBe("done");
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
        ...failed(1, range),
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

describe("returned ranges", () => {
  test("are granted again at no cost, those that the grant still holds", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(4);
    actor.done(1, [1]);
    actor.giveBack(1, [0, 1, 3]);
    expect(driver.facts("ranges-returned")).toEqual([{ kind: "ranges-returned", ...granted(1, [0, 3]) }]);
    expect(driver.job().table.counts).toMatchObject({ held: 1, done: 1, ready: 8 });
    actor.giveBack(1, [0, 3]);
    expect(driver.facts("ranges-returned")).toHaveLength(1);
  });
});

describe("a message that makes no sense", () => {
  const wrong: Record<string, Parameters<Peer["report"]>[0]> = {
    "a job that there is not": { outputs: [outputsOf(1, [0], 7)] },
    "a grant that was never made": { outputs: [outputsOf(2, [0])] },
    "a range beyond the job's last": { outputs: [outputsOf(1, [10])] },
    "a column too short": { outputs: [{ ...outputsOf(1, [0, 1]), sizeBytes: [1] }] },
    "a column too long": { outputs: [{ ...outputsOf(1, [0]), wallMs: [1, 2] }] },
    "a span without its grant": { outputs: [{ ...outputsOf(1, [0]), grant: [] }] },
    "spans that overlap": {
      outputs: [
        { ...outputsOf(1, [0, 1]), spans: { first: [1, 1], count: [1, 1] }, grant: [1, 1].map(grantNumber) },
      ],
    },
    "a size beyond 48 bits": { outputs: [{ ...outputsOf(1, [0]), sizeBytes: [2 ** 48] }] },
    "a failure of a range that there is not": { failures: [failed(1, 10)] },
    "a failure under grant 0": { failures: [failed(0, 1)] },
    "a return of a job that there is not": { returned: [granted(1, [0], 7)] },
    "a return of ranges that there are not": { returned: [granted(1, [10])] },
  };
  for (const [what, report] of Object.entries(wrong)) {
    test(`(${what}) is refused whole, and nothing of it is believed (O4)`, () => {
      const driver = aDriver();
      const actor = driver.actor().ask(2);
      const facts = driver.journal.length;
      actor.report({ outputs: [outputsOf(1, [0])], ...report });
      expect(driver.effectsOn(actor.stream).at(-1)).toMatchObject({
        kind: "close-stream",
        refusal: { why: "malformed" },
      });
      expect(driver.journal).toHaveLength(facts);
    });
  }
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
    expect(lastAnswer(driver, other)).toEqual({ number: 1, superseded: [granted(1, [0, 1, 2])] });
    expect(driver.facts("job-stopped")).toHaveLength(1);
  });
});
