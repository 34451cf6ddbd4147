import { describe, expect, test } from "vitest";
import { failureOf, type FailureClass } from "../../../shared/core/failure.js";
import { grantNumber, jobNumber } from "../../../shared/core/id.js";
import { eachRange, spansOf } from "../../../shared/core/spans.js";
import type { JobOutputs, ReportedFailure } from "../facts/command.js";
import { aRace } from "../testing/testing-race.js";
import { granted, mergeOf, outputsOf, ToldDriver, type Peer } from "../testing/testing.js";
import { aSpec } from "../testing/testing-spec.js";

function aDriver(changes: Parameters<typeof aSpec>[0] = {}): ToldDriver {
  const driver = new ToldDriver({ leaseMs: 30_000 });
  driver.submit(aSpec(changes));
  return driver;
}

function failed(grant: number, range: number, failureClass: FailureClass = "transient"): ReportedFailure {
  const failure = failureOf(failureClass, `${failureClass} failure`);
  return { job: jobNumber(1), range, grant: grantNumber(grant), failure };
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
    expect(actor.answer()).toEqual({ number: 12, superseded: [] });
  });

  test("of the winner, reported again, is acknowledged again and never superseded (P4)", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(2);
    actor.done(1, [0, 1]);
    const facts = driver.journal.length;
    actor.report({ number: 2, outputs: [outputsOf(1, [0, 1])] });
    expect(actor.answer()).toEqual({ number: 2, superseded: [] });
    expect(driver.journal).toHaveLength(facts);
  });

  test("of the winner is acknowledged again when it was merged, and when the job is over", () => {
    const driver = aDriver({ inputs: [1] });
    const actor = driver.actor().ask(1);
    actor.done(1, [0]);
    driver.merger().ask(1).merged(mergeOf(1, 2));
    driver.workFiles();
    actor.report({ number: 9, outputs: [outputsOf(1, [0])] });
    expect(actor.answer()).toEqual({ number: 9, superseded: [] });
  });

  test("of another grant is superseded, and its file is named (P4)", () => {
    const { driver, slow, fast } = aRace();
    fast.done(2, [0, 1]);
    slow.done(1, [0, 1, 2, 3]);
    expect(slow.answer()).toEqual({ number: 1, superseded: [granted(1, [0, 1])] });
    expect([0, 1, 2, 3].map((range) => driver.job().table.winnerOf(range))).toEqual([2, 2, 1, 1]);
    fast.done(2, [2, 3]);
    expect(fast.answer()).toEqual({ number: 1, superseded: [granted(2, [2, 3])] });
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
    expect(actor.answer()).toEqual({ number: 1, superseded: [granted(1, [0])] });
    expect(driver.job().table.counts).toMatchObject({ failed: 1, done: 0 });
  });

  test("of a grant older than the loss of the range's output is void, the lost winner's too", () => {
    const driver = aDriver({ inputs: [2] });
    const actor = driver.actor().ask(2);
    actor.done(1, [0, 1]);
    driver.merger().ask(1).failMerge(mergeOf(1, 2), [0]);
    driver.forget();
    actor.done(1, [0, 1]);
    expect(actor.answer()).toEqual({ number: 1, superseded: [granted(1, [0])] });
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
    expect(fast.answer()).toEqual({ number: 1, superseded: [granted(1, [1])] });
  });

  test("beside a failure and a return of the same range win: they are settled first", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(2);
    actor.report({
      outputs: [outputsOf(1, [0])],
      failures: [failed(1, 0), failed(1, 1), failed(1, 1)],
      returned: [granted(1, [0, 1])],
    });
    expect(driver.facts("range-tried").map(({ range }) => range)).toEqual([1]);
    expect(driver.facts("ranges-returned")).toEqual([]);
    expect([0, 1].map((range) => driver.job().table.creditUsed(range))).toEqual([0, 1]);
    expect(driver.job().table.stateOf(0)).toBe("done");
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
  test("since it returns more ranges than any node can hold is refused (P7)", () => {
    const driver = new ToldDriver({ namedRangesMax: 5 });
    driver.submit();
    const actor = driver.actor().ask(10);
    actor.giveBack(1, [0, 1, 2, 3, 4, 5]);
    expect(actor.answer()).toMatchObject({ refusal: { why: "malformed" } });
    expect(driver.job().table.counts.held).toBe(10);
  });

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

test.each([
  ["an output", { outputs: [outputsOf(1, [0])] }],
  ["a failure", { failures: [failed(1, 0)] }],
  ["a return", { returned: [granted(1, [0])] }],
  ["a suspect", { suspected: [granted(1, [0])] }],
] as const)(
  "%s under a grant that another actor has now is refused, and changes nothing (O5, P8)",
  (_, report) => {
    const driver = aDriver();
    const holder = driver.actor().ask(2);
    const impostor = driver.actor({ name: "impostor" });
    const facts = driver.journal.length;
    impostor.report(report);
    expect(driver.effectsOn(impostor.stream).at(-1)).toMatchObject({
      refusal: {
        why: "malformed",
        message: expect.stringContaining("grant 1 is another session's") as string,
      },
    });
    expect(driver.journal).toHaveLength(facts);
    holder.report({ outputs: [outputsOf(1, [0])] });
    expect(driver.job().table.counts.done).toBe(1);
  },
);

describe("what an actor left in the workdir (P6)", () => {
  const left = {
    kind: "take-in-results",
    handIn: 7,
    node: "node-1",
    failures: [],
    returned: [],
    suspected: [],
  } as const;
  const verdicts = (driver: ToldDriver): unknown[] =>
    driver.effects("settle-hand-in").map(({ handIn, verdict }) => [handIn, verdict]);

  test("is judged as if it had come over a stream", () => {
    const driver = new ToldDriver();
    driver.submit();
    driver.actor().ask(4).say("detach-stream");
    const failures = [
      { job: jobNumber(1), range: 2, grant: grantNumber(1), failure: failureOf("event", "no such particle") },
    ];
    driver.tell({ ...left, outputs: [outputsOf(1, [0, 1])], failures, returned: [granted(1, [3])] });
    expect(driver.job().table.counts).toMatchObject({ done: 2, held: 0 });
    expect(driver.facts("range-tried")).toMatchObject([{ range: 2, node: "node-1" }]);
    expect(verdicts(driver)).toEqual([[7, { kind: "taken", superseded: [] }]]);
  });

  test("may be taken in twice, by the next driver too (O2, O3)", () => {
    const driver = new ToldDriver();
    driver.submit();
    driver.actor().ask(4).say("detach-stream");
    const command = { ...left, outputs: [outputsOf(1, [0, 1])], returned: [granted(1, [2, 3])] };
    driver.tell(command);
    const facts = driver.journal.length;
    driver.tell(command);
    driver.restart();
    driver.forget();
    driver.tell(command);
    expect(driver.journal).toHaveLength(facts + 1); // The driver's own start.
    expect(verdicts(driver)).toEqual([[7, { kind: "taken", superseded: [] }]]);
  });

  test("wins when its session is over, and is superseded when another was faster (O1)", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [2] }));
    driver.actor({ name: "a" }).ask(2).say("leave");
    driver.actor({ name: "b" }).ask(2).done(2, [0]);
    driver.tell({ ...left, outputs: [outputsOf(1, [0, 1])] });
    expect([0, 1].map((range) => driver.job().table.winnerOf(range))).toEqual([2, 1]);
    expect(verdicts(driver)).toEqual([[7, { kind: "taken", superseded: [granted(1, [0])] }]]);
  });

  test("is refused when it makes no sense, and nothing of it is believed", () => {
    const driver = new ToldDriver();
    driver.submit();
    driver.actor().ask(4).say("detach-stream");
    driver.tell({ ...left, outputs: [outputsOf(1, [0]), outputsOf(9, [1])] });
    expect(driver.job().table.counts).toMatchObject({ done: 0, held: 4 });
    expect(verdicts(driver)).toMatchObject([
      [7, { kind: "refused", reason: expect.stringContaining("grant 9 was never made") as unknown }],
    ]);
  });
});
