import { describe, expect, test } from "vitest";
import { eachRange } from "../../shared/core/spans.js";
import { mergeOf, ToldDriver, type Peer } from "./testing/testing.js";
import { aSpec } from "./testing/testing-spec.js";

function aDriver(changes: Parameters<typeof aSpec>[0] = {}, grantRangesMax = 4_096): ToldDriver {
  const driver = new ToldDriver({ grantRangesMax });
  driver.submit(aSpec(changes));
  return driver;
}

function rangesOf(peer: Peer): number[] {
  return peer.grants().flatMap(({ ranges }) => ranges);
}

describe("ranges are granted", () => {
  test("to whoever asks, as many as were asked for and no more (V1, P7)", () => {
    const driver = aDriver();
    const actor = driver.actor();
    expect(actor.grants()).toEqual([]);
    expect(actor.ask(3).grants()).toEqual([{ grant: 1, ranges: [0, 1, 2] }]);
    actor.done(1, [0, 1, 2]);
    expect(actor.grants()).toHaveLength(1);
    actor.ask(5);
    expect(actor.grants()[1]).toEqual({ grant: 2, ranges: [3, 4] });
  });

  test("for credit that only grows: a demand that comes late or twice says nothing new", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(4).ask(4).ask(2);
    expect(rangesOf(actor)).toHaveLength(4);
  });

  test("for credit that is counted from the hello on", () => {
    const driver = aDriver();
    driver.actor().ask(4);
    const again = driver.actor();
    expect(again.grants()).toEqual([]);
    expect(again.ask(1).grants()).toEqual([{ grant: 2, ranges: [0] }]);
  });

  test("the moment that they come, to who waits for them", () => {
    const driver = new ToldDriver();
    const actor = driver.actor().ask(3);
    driver.submit(aSpec({ inputs: [2] }));
    expect(actor.heard()).toEqual(["welcome", "send-grant"]);
    expect(rangesOf(actor)).toEqual([0, 1]);
  });

  test("alike to all who ask, when less is ready than is asked for (V2)", () => {
    const driver = aDriver();
    const actors = ["a", "b", "c"].map((name) => driver.actor({ name }));
    driver.tell(...actors.map(({ stream }) => ({ kind: "raise-demand" as const, stream, credit: 10 })));
    expect(actors.map((actor) => actor.grants())).toEqual([
      [{ grant: 1, ranges: [0, 1, 2, 3] }],
      [{ grant: 2, ranges: [4, 5, 6] }],
      [{ grant: 3, ranges: [7, 8, 9] }],
    ]);
  });

  test("with what one does not want for the others (V2)", () => {
    const driver = aDriver();
    const actors = ["a", "b", "c"].map((name) => driver.actor({ name }));
    driver.tell(
      ...actors.map(({ stream }, i) => ({
        kind: "raise-demand" as const,
        stream,
        credit: [10, 1, 10][i] ?? 0,
      })),
    );
    expect(actors.map((actor) => rangesOf(actor).length)).toEqual([4, 1, 5]);
  });

  test("by turns, when each time only one is ready", () => {
    const driver = aDriver({ inputs: [2], attempts: 255 });
    const failing = driver.actor({ name: "failing" }).ask(2);
    const others = ["a", "b"].map((name) => driver.actor({ name }).ask(10));
    driver.forget();
    failing.giveBack(1, [0]);
    failing.giveBack(1, [1]);
    expect(others.map((actor) => rangesOf(actor).length)).toEqual([1, 1]);
  });

  test("in grants that have a limit", () => {
    const driver = aDriver({}, 4);
    expect(
      driver
        .actor()
        .ask(10)
        .grants()
        .map(({ ranges }) => ranges.length),
    ).toEqual([4, 4, 2]);
  });

  test("the oldest job's first, and to nobody who is away", () => {
    const driver = aDriver({ inputs: [2] });
    driver.submit(aSpec({ inputs: [2] }), "request-2");
    driver.actor({ name: "away" }).say("detach-stream");
    const actor = driver.actor().ask(3);
    const jobs = driver.effects("send-grant").map(({ grant }) => [grant.job, [...eachRange(grant.spans)]]);
    expect(jobs).toEqual([
      [1, [0, 1]],
      [2, [0]],
    ]);
    expect(actor.heard()).toContain("send-grant");
  });
});

describe("merge groups are planned", () => {
  test("when so many outputs wait as the job says, in the order of the ranges (V3)", () => {
    const driver = aDriver({ everyOutputs: 3 });
    const actor = driver.actor().ask(10);
    actor.done(1, [7, 9]);
    expect(driver.facts("merge-planned")).toEqual([]);
    actor.done(1, [0, 1, 2, 3]);
    expect(driver.facts("merge-planned").map(({ group, spans }) => [group, [...eachRange(spans)]])).toEqual([
      [1, [0, 1, 2]],
      [2, [3, 7, 9]],
    ]);
  });

  test("with what is left at the end in the last, smaller one (V3)", () => {
    const driver = aDriver({ everyOutputs: 4 });
    const actor = driver.actor().ask(10);
    actor.done(1, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(driver.facts("merge-planned")).toHaveLength(2);
    actor.done(1, [9]);
    expect(driver.facts("merge-planned").map(({ spans }) => [...eachRange(spans)].length)).toEqual([4, 4, 2]);
  });

  test("at the end also when the last ranges failed", () => {
    const driver = aDriver({ inputs: [3], everyOutputs: 100, attempts: 1 });
    const actor = driver.actor().ask(3);
    actor.done(1, [0, 1]);
    actor.fail(1, 2);
    expect(driver.facts("merge-planned").map(({ spans }) => [...eachRange(spans)])).toEqual([[0, 1]]);
  });

  test("and lent to mergers that ask, by turns, one for each credit (P7)", () => {
    const driver = aDriver({ inputs: [5], everyOutputs: 1 });
    const mergers = ["x", "y"].map((name) => driver.merger({ name }).ask(2));
    driver.actor().ask(5).done(1, [0, 1, 2, 3, 4]);
    expect(mergers.map((merger) => merger.merges())).toEqual([
      [mergeOf(1, 2), mergeOf(3, 4)],
      [mergeOf(2, 3), mergeOf(4, 5)],
    ]);
    expect(driver.job().groupsWaiting.size).toBe(1);
  });
});

describe("a job ends", () => {
  test("when every range is merged: finished", () => {
    const driver = aDriver({ inputs: [2] });
    driver.actor().ask(2).done(1, [0, 1]);
    driver.merger().ask(1).merged(mergeOf(1, 2));
    expect(driver.facts("job-ended")).toEqual([]);
    driver.workFiles();
    expect(driver.facts("job-ended")).toMatchObject([{ outcome: "finished" }]);
    expect(driver.job().stage.kind).toBe("reported");
    expect(driver.farm.live.size).toBe(0);
  });

  test("with failures, when some ranges failed for good", () => {
    const driver = aDriver({ inputs: [2], attempts: 1 });
    const actor = driver.actor().ask(2);
    actor.fail(1, 0);
    actor.done(1, [1]);
    driver.merger().ask(1).merged(mergeOf(1, 2));
    driver.workFiles();
    expect(driver.facts("job-ended")).toMatchObject([{ outcome: "finished-with-failures" }]);
  });

  test("with failures, when nothing at all came of it, and there is nothing to merge", () => {
    const driver = aDriver({ inputs: [1], attempts: 1 });
    driver.actor().ask(1).fail(1, 0);
    expect(driver.facts("merge-planned")).toEqual([]);
    expect(driver.facts("job-ended")).toMatchObject([{ outcome: "finished-with-failures" }]);
  });

  test("with failures, when a merge group was given up", () => {
    const driver = aDriver({ inputs: [1], mergeAttempts: 1 });
    driver.actor().ask(1).done(1, [0]);
    driver.merger().ask(1).failMerge(mergeOf(1, 2));
    expect(driver.facts("job-ended")).toMatchObject([{ outcome: "finished-with-failures" }]);
  });

  test("and is closed at all who are there, when its report is to be written", () => {
    const driver = aDriver({ inputs: [1], attempts: 1 });
    const merger = driver.merger();
    const actor = driver.actor().ask(1);
    actor.fail(1, 0);
    expect([actor.heard().at(-1), merger.heard().at(-1)]).toEqual(["close-job", "close-job"]);
    expect(driver.effects("report-job")).toEqual([{ kind: "report-job", job: 1 }]);
    expect(driver.actor({ name: "late" }).heard()).toEqual(["welcome"]);
  });
});
