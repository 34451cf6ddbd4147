import { describe, expect, test } from "vitest";
import type { SubmitAnswer } from "../facts/fact.js";
import { ToldDriver } from "../testing/testing.js";
import { aSpec } from "../testing/testing-spec.js";

function refusalOf(answer: SubmitAnswer): string {
  if (answer.kind === "accepted") return answer.kind;
  return `${answer.why}: ${answer.why === "invalid" ? answer.flaws.join("; ") : answer.message}`;
}

describe("a submission", () => {
  test("begins a job, whose number is one more than the last", () => {
    const driver = new ToldDriver();
    expect(driver.submit(aSpec(), "a")).toEqual({ kind: "accepted", job: 1, repeated: false });
    expect(driver.submit(aSpec(), "b")).toEqual({ kind: "accepted", job: 2, repeated: false });
    expect(driver.job(2)).toMatchObject({ requestId: "b", stage: { kind: "running" } });
  });

  test("asked twice is asked once: the repeat gets the first answer (P11)", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec(), "a");
    expect(driver.submit(aSpec(), "a")).toEqual({ kind: "accepted", job: 1, repeated: true });
    expect(driver.facts("job-submitted")).toHaveLength(1);
  });

  test("gets the first answer also when both wait for one turn, and when the job is over", () => {
    const driver = new ToldDriver();
    const submit = { kind: "submit-job", requestId: "a", spec: aSpec({ inputs: [1], attempts: 1 }) } as const;
    driver.tell({ ...submit, reply: 1 }, { ...submit, reply: 2 });
    driver.actor().ask(1).fail(1, 0);
    driver.workFiles();
    driver.tell({ ...submit, reply: 3 });
    const answers = driver.effects("answer-submit").map(({ reply, answer }) => [reply, answer]);
    expect(answers).toEqual([
      [1, { kind: "accepted", job: 1, repeated: false }],
      [2, { kind: "accepted", job: 1, repeated: true }],
      [3, { kind: "accepted", job: 1, repeated: true }],
    ]);
  });

  test("with the same request id for another job is refused, naming the difference (P11)", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [4, 5] }), "a");
    const [first, second] = aSpec({ inputs: [4, 5] }).inputs;
    if (first === undefined || second === undefined) throw new Error("two inputs");
    const changed = { ...aSpec(), inputs: [first, { ...second, modifiedUnixMs: 2 }] };
    expect(refusalOf(driver.submit(changed, "a"))).toBe(
      "conflict: request a began job 1 as another job: inputs[1] (/in/2.lhe): modifiedUnixMs was 1 and is now 2",
    );
    expect(refusalOf(driver.submit(aSpec({ inputs: [4, 5, 6] }), "a"))).toContain(
      "inputs[2] (/in/3.lhe) is new",
    );
    expect(driver.farm.jobs.size).toBe(1);
  });

  test("that makes no sense is refused, naming the field", () => {
    const driver = new ToldDriver();
    expect(refusalOf(driver.submit(aSpec({ eventsPerRange: 0 })))).toContain(
      "invalid: events_per_range: expected",
    );
    expect(driver.farm.lastJob).toBe(0);
  });

  test("that is too large is refused, saying what would make it smaller", () => {
    const driver = new ToldDriver({ rangesMax: 9 });
    expect(refusalOf(driver.submit(aSpec({ inputs: [10] })))).toBe(
      "too-large: inputs: expected at most 9 event ranges, found 10: raise events_per_range",
    );
    expect(refusalOf(driver.submit(aSpec({ inputs: [10], eventsPerRange: 2 })))).toBe("accepted");
  });

  test("is refused in a run that has as many jobs as it may have (P7)", () => {
    const driver = new ToldDriver({ jobsMax: 1 });
    driver.submit(aSpec(), "a");
    const message = "this run has 1 jobs, as many as a run may have: begin a new workdir";
    expect(driver.submit(aSpec(), "b")).toEqual({
      kind: "refused",
      why: "too-large",
      limit: "jobs",
      message,
    });
    expect(driver.submit(aSpec(), "a")).toMatchObject({ kind: "accepted", repeated: true });
  });

  test("that was refused may be mended and asked again under the same request id", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ eventsPerRange: 0 }), "a");
    expect(driver.submit(aSpec(), "a")).toEqual({ kind: "accepted", job: 1, repeated: false });
  });

  test("is told to nobody before there is a grant of it", () => {
    const driver = new ToldDriver();
    const [actor, merger] = [driver.actor(), driver.merger()];
    driver.submit();
    expect([actor, merger].map((peer) => peer.heard())).toEqual([["welcome"], ["welcome"]]);
  });
});

describe("a turn", () => {
  test("judges each command by what those before it led to", () => {
    const driver = new ToldDriver();
    const { durable } = driver.tell(
      { kind: "submit-job", reply: 1, requestId: "a", spec: aSpec({ inputs: [1] }) },
      { kind: "submit-job", reply: 2, requestId: "a", spec: aSpec({ inputs: [2] }) },
    );
    expect(durable.map(({ kind }) => kind)).toEqual(["job-submitted"]);
    expect(driver.effects("answer-submit").map(({ answer }) => answer.kind)).toEqual(["accepted", "refused"]);
  });

  test("without news is not journaled", () => {
    const driver = new ToldDriver();
    driver.submit();
    const actor = driver.actor();
    const hear = driver.tell({ kind: "hear", stream: actor.stream }, { kind: "tick" });
    expect(hear).toMatchObject({ durable: [], effects: [] });
    expect(driver.tell()).toMatchObject({ durable: [], effects: [] });
  });

  test("gives a driver's start its epoch and its run", () => {
    const driver = new ToldDriver();
    expect(driver.farm).toMatchObject({ epoch: 1, run: "run-1" });
    expect(driver.journal).toEqual([
      { kind: "driver-started", epoch: 1, run: "run-1", atUnixMs: 1_700_000_001_000 },
    ]);
  });
});
