import { describe, expect, test } from "vitest";
import { jobNumber } from "../../../shared/core/id.js";
import { eachRange } from "../../../shared/core/spans.js";
import { realParts, type TurnParts } from "../turn.js";
import { checkReplay } from "../testing/testing-durable.js";
import { plantFlaw } from "../testing/testing-faults.js";
import { granted, outputsOf, ToldDriver, type Peer } from "../testing/testing.js";
import { aSpec } from "../testing/testing-spec.js";

const broken = jobNumber(1);

/** Two jobs of six ranges, of which groups of three are merged; the actor holds four of the first, the merger nothing. */
function twoJobs(): { driver: ToldDriver; actor: Peer; merger: Peer } {
  const driver = new ToldDriver();
  const spec = aSpec({ inputs: [6] });
  driver.submit(spec, "one");
  driver.submit(spec, "two");
  return { driver, actor: driver.actor({ slots: 4 }).ask(4), merger: driver.merger().ask(100) };
}

function planted(driver: ToldDriver, parts: Partial<TurnParts>): void {
  driver.parts = { ...realParts, ...parts };
}

/** Has everybody do what is asked, until nothing is left to do. */
function finish({ driver, actor, merger }: ReturnType<typeof twoJobs>): void {
  actor.ask(100);
  for (let rounds = 0; driver.farm.live.size > 0; rounds += 1) {
    expect(rounds).toBeLessThan(20);
    const [lent, merges] = [driver.effects("send-grant"), merger.merges()];
    driver.forget();
    for (const { grant } of lent) {
      const outputs = [outputsOf(grant.grant, [...eachRange(grant.spans)], grant.job)];
      actor.report({ outputs });
    }
    for (const merge of merges) merger.merged(merge);
    driver.workFiles();
  }
}

const throwing = (what: string): never => {
  throw new TypeError(`${what} is not a function`);
};

describe("a bug that one job meets", () => {
  test("while a fact is applied takes it out of service, and the other one finishes (B1)", () => {
    const run = twoJobs();
    const { driver } = run;
    planted(driver, {
      apply: (farm, fact) => {
        if (fact.kind === "ranges-done" && fact.job === broken) throwing("table.finish");
        realParts.apply(farm, fact);
      },
    });
    finish(run);
    expect(driver.job(1).stage).toMatchObject({
      kind: "broken",
      reason: "table.finish is not a function",
      doing: "ranges-done was applied",
    });
    expect(driver.job(2).stage).toMatchObject({ kind: "reported", outcome: "finished" });
    expect(driver.facts("job-broken")).toHaveLength(1);
    expect(driver.facts("ranges-done").map(({ job }) => job)).not.toContain(broken);
  });

  test("takes it out of service while something is decided for it, and what was asked is decided without it", () => {
    const { driver, actor } = twoJobs();
    driver.actor({ name: "second", node: "node-2" }).ask(4);
    driver.parts = plantFlaw(driver.job(1), { part: "table", calls: 0 });
    const [first] = actor.grants();
    const turn = actor.report({ number: 7, outputs: [outputsOf(first?.grant ?? 0, [0, 1])] });
    expect(turn.durable[0]).toMatchObject({ kind: "job-broken", job: 1, doing: "outputs were judged" });
    expect(actor.answer()).toEqual({ number: 7, superseded: [] }); // Its files stay.
  });

  test("does not keep what another job has from coming back when its session ends (B2)", () => {
    const { driver, actor } = twoJobs();
    driver.actor({ name: "second", node: "node-2", slots: 8 }).ask(8);
    driver.parts = plantFlaw(driver.job(1), { part: "table", calls: 3 });
    actor.say("leave");
    expect(driver.job(1).stage).toMatchObject({ kind: "broken", doing: "its session ended" });
    expect(driver.farm.sessions.size).toBe(2);
    expect(driver.job(2).stage.kind).toBe("running");
  });

  test("has actors and mergers stop what they do for it, which they then do for others", () => {
    const { driver, actor } = twoJobs();
    driver.forget();
    driver.parts = plantFlaw(driver.job(1), { part: "ready", calls: 0 });
    actor.ask(8);
    expect(driver.effects("close-job")).toEqual([
      { kind: "close-job", stream: actor.stream, job: broken },
      { kind: "close-job", stream: expect.any(Number) as number, job: broken },
    ]);
    expect(driver.effects("keep-broken")).toEqual([{ kind: "keep-broken", job: broken }]);
    expect(driver.effects("send-grant").map(({ grant }) => grant.job)).toEqual([jobNumber(2)]);
  });

  test("is a refusal to whoever wants something done with it", () => {
    const { driver } = twoJobs();
    driver.parts = plantFlaw(driver.job(1), { part: "ready", calls: 0 });
    for (const control of ["cancel", "retry", "pause"] as const) {
      const answer = driver.control(control);
      expect(answer).toMatchObject({ kind: "refused", why: "conflict" });
      expect("message" in answer && answer.message).toMatch(/out of service, since expected: ready\..* anew/);
    }
  });
});

describe("a journal with a fact that a job breaks of", () => {
  test("is read to its end, and the job's later facts are passed over; the next journal says so", () => {
    const run = twoJobs();
    finish(run);
    const { driver } = run;
    const before = driver.journal.length;
    driver.parts = {
      ...realParts,
      apply: (farm, fact) => {
        if (fact.kind === "merge-planned" && fact.job === broken) throwing("table.join");
        realParts.apply(farm, fact);
      },
    };
    driver.restart();
    expect(driver.job(1).stage).toMatchObject({ kind: "broken", doing: "merge-planned was applied" });
    expect(driver.job(2).stage).toMatchObject({ kind: "reported", outcome: "finished" });
    expect(driver.journal[before]).toMatchObject({ kind: "job-broken", job: 1, known: { done: 6 } });

    const again = driver.actor({ slots: 4, ranges: [granted(99, [0])] });
    again.report({ number: 9, outputs: [outputsOf(99, [0])] });
    expect(again.answer()).toEqual({ number: 9, superseded: [] });
    driver.parts = { ...realParts }; // A version that has no such bug.
    driver.restart();
    expect(driver.job(1).stage).toMatchObject({ kind: "broken", known: { done: 6 } });
  });
});

describe("a journal with a job that can't be begun any more", () => {
  test("is read to its end, and the job stands there out of service (B5)", () => {
    const run = twoJobs();
    finish(run);
    const { driver } = run;
    driver.parts = {
      ...realParts,
      apply: (farm, fact) => {
        if (fact.kind === "job-submitted" && fact.job === broken && fact.spec.inputs.length > 0)
          throwing("layout.add");
        realParts.apply(farm, fact);
      },
    };
    for (let restarts = 0; restarts < 2; restarts += 1) {
      driver.restart();
      expect(driver.job(1).stage).toMatchObject({ kind: "broken", reason: "layout.add is not a function" });
      expect(driver.job(2).stage).toMatchObject({ kind: "reported", outcome: "finished" });
      expect(driver.facts("job-broken")).toHaveLength(1); // (B4)
      checkReplay(driver.farm, driver.journal, driver.parts.apply);
    }
    expect(driver.submit(aSpec(), "three")).toMatchObject({ kind: "accepted", job: 3 });
    expect(driver.submit(aSpec({ inputs: [6] }), "one")).toMatchObject({ kind: "refused" });
    driver.parts = { ...realParts }; // A version that has no such bug.
    driver.restart();
    expect(driver.job(1).stage.kind).toBe("broken");
  });
});

describe("a bug that is no job's", () => {
  test("in what somebody asks is a refusal to whoever asks (T2)", () => {
    const { driver, actor } = twoJobs();
    planted(driver, {
      decide: (bench, command) => {
        if (command.kind === "raise-demand" || command.kind === "control-node") throwing("x");
        return realParts.decide(bench, command);
      },
    });
    actor.ask(8);
    expect(driver.effectsOn(actor.stream).at(-1)).toMatchObject({ refusal: { why: "failed" } });
    expect(driver.controlNode("drain", "node-1")).toMatchObject({ kind: "refused", why: "failed" });
    expect(driver.job(1).stage.kind).toBe("running");
  });

  test("in anything else ends the turn, and nobody is told anything (T3)", () => {
    const { driver } = twoJobs();
    planted(driver, {
      apply: (farm, fact) => (fact.kind === "clock-read" ? throwing("x") : realParts.apply(farm, fact)),
    });
    expect(() => driver.pass(1_000)).toThrow("while clock-read was applied: TypeError: x is not a function");
  });
});
