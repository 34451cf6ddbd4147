import { describe, expect, test } from "vitest";
import { ToldDriver } from "../testing/testing.js";
import { anInput } from "../../../shared/core/testing-spec.js";
import { aSpec } from "../testing/testing-spec.js";

/** A driver with an open job that has no inputs yet. */
function anOpenJob(rules: ConstructorParameters<typeof ToldDriver>[0] = {}): ToldDriver {
  const driver = new ToldDriver(rules);
  driver.submit(aSpec({ inputs: [], open: true, everyOutputs: 3 }));
  return driver;
}

const input = (name: string, events = 4) => anInput({ path: `/in/${name}.lhe`, events });

describe("an open job", () => {
  test("waits when it has nothing to do, and is told so", () => {
    const driver = anOpenJob();
    driver.actor().ask(10);
    driver.pass(5_000);
    expect(driver.job().stage.kind).toBe("running");
    expect(driver.job().table.ranges).toBe(0);
  });

  test("is granted what is added to it, behind all that it had", () => {
    const driver = anOpenJob();
    const actor = driver.actor().ask(10);
    expect(driver.add([input("a")])).toEqual({ kind: "added", firstRange: 0, ranges: 4, repeated: false });
    expect(driver.add([input("b", 2), input("c", 1)])).toMatchObject({ firstRange: 4, ranges: 3 });
    expect(actor.grants().flatMap(({ ranges }) => ranges)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(driver.job().layout.locate(6)).toEqual({ input: 2, first: 1, last: 1 });
    expect(driver.job().spec.inputs).toEqual([]);
  });

  test("has its tail merged, and ends, when it is closed and not before (V4)", () => {
    const driver = anOpenJob();
    const merger = driver.merger().ask(10);
    driver.add([input("a")]);
    driver.actor().ask(10).done(1, [0, 1, 2, 3]);
    expect(merger.merges().map(({ group }) => group)).toEqual([1]);
    for (const merge of merger.merges()) merger.merged(merge);
    driver.workFiles();
    expect(driver.job().stage.kind).toBe("running");
    expect(driver.control("close")).toMatchObject({ kind: "done" });
    const last = merger.merges().slice(1);
    expect(last.map(({ group }) => group)).toEqual([2]);
    for (const merge of last) merger.merged(merge);
    driver.workFiles();
    expect(driver.job().stage).toMatchObject({ kind: "reported", outcome: "finished" });
  });

  test("that is closed empty is finished at once", () => {
    const driver = anOpenJob();
    driver.control("close");
    expect(driver.job().stage).toMatchObject({ kind: "ended", outcome: "finished" });
  });

  test("is fed while it is suspended, and grants nothing before it goes on", () => {
    const driver = anOpenJob();
    const actor = driver.actor().ask(10);
    driver.control("pause");
    expect(driver.add([input("a")])).toMatchObject({ kind: "added" });
    expect(actor.grants()).toEqual([]);
    driver.control("resume");
    expect(actor.grants()).toHaveLength(1);
  });

  test("is what it was after a restart: fed, closed, and asked twice", () => {
    const driver = anOpenJob();
    driver.add([input("a")], { requestId: "first" });
    driver.restart();
    expect(driver.add([input("a")], { requestId: "first" })).toMatchObject({ firstRange: 0, repeated: true });
    expect(driver.add([input("a")], { requestId: "again" })).toMatchObject({ why: "invalid" });
    expect(driver.add([input("b")], { requestId: "second" })).toMatchObject({ firstRange: 4, ranges: 4 });
    driver.control("close");
    driver.restart();
    expect(driver.add([input("c")])).toMatchObject({ why: "conflict" });
  });

  test("may be closed twice (U2)", () => {
    const driver = anOpenJob();
    driver.add([input("a")]);
    driver.control("close", { requestId: "one" });
    expect(driver.control("close", { requestId: "two" })).toMatchObject({ kind: "done" });
  });
});

describe("a request to add ranges", () => {
  test("that is asked twice adds once, and gets the first answer (A1)", () => {
    const driver = anOpenJob();
    const first = driver.add([input("a"), input("b")], { requestId: "r" });
    driver.add([input("c")]);
    expect(driver.add([input("a"), input("b")], { requestId: "r" })).toEqual({ ...first, repeated: true });
    expect(driver.job().table.ranges).toBe(12);
    driver.control("close");
    expect(driver.add([input("a"), input("b")], { requestId: "r" })).toEqual({ ...first, repeated: true });
  });

  test("is refused under an id that was used, with what it was used for (P11)", () => {
    const driver = anOpenJob();
    driver.submit(aSpec({ open: true, name: "other" }), "other");
    driver.control("pause", { requestId: "pause" });
    driver.add([input("a")], { requestId: "add" });
    const message = (requestId: string, job = 1): string => {
      const answer = driver.add([input("b")], { requestId, job });
      return answer.kind === "refused" && answer.why !== "invalid"
        ? `${answer.why}: ${answer.message}`
        : answer.kind;
    };
    expect(message("request-1")).toBe("conflict: request request-1 began job 1");
    expect(message("pause")).toBe("conflict: request pause was used to pause job 1");
    expect(message("add", 2)).toBe("conflict: request add was used to add ranges to job 1");
    expect(message("add")).toBe(
      "conflict: request add added other ranges to job 1: " +
        'inputs[0] (/in/a.lhe): path was "/in/a.lhe" and is now "/in/b.lhe"',
    );
    expect(driver.control("close", { requestId: "add" })).toMatchObject({
      message: "request add was used to add ranges to job 1",
    });
  });

  test("is refused by a job that takes nothing in, with how it stands (A2)", () => {
    const whole = new ToldDriver();
    whole.submit(aSpec());
    const because = (driver: ToldDriver): unknown => driver.add([input("z")]);
    const refused = (message: string) => ({ kind: "refused", why: "conflict", message });
    expect(because(whole)).toEqual(
      refused("cannot add ranges to job 1: it was submitted whole (open: false)"),
    );
    const closed = anOpenJob();
    closed.add([input("a")]);
    closed.control("close");
    expect(because(closed)).toEqual(refused("cannot add ranges to job 1: it was closed"));
    const cancelled = anOpenJob();
    cancelled.control("cancel");
    expect(because(cancelled)).toEqual(
      refused("cannot add ranges to job 1: its report is being written; try again"),
    );
    cancelled.workFiles();
    expect(because(cancelled)).toEqual(refused("cannot add ranges to job 1: it is over: cancelled"));
    expect(cancelled.add([input("a")], { job: 2 })).toMatchObject({
      why: "unknown",
      message: "expected the number of a job of this run, found 2: jobs are numbered from 1 to 1",
    });
  });

  test("is refused with an event that the job has already; both inputs are named", () => {
    const driver = anOpenJob();
    driver.add([input("a"), anInput({ path: "/in/b.lhe", firstEvent: 11, events: 10 })]);
    const message = (...inputs: Parameters<typeof driver.add>[0]): unknown => driver.add(inputs);
    expect(message(input("c"), anInput({ path: "/in/b.lhe", firstEvent: 20, events: 5 }))).toEqual({
      kind: "refused",
      why: "invalid",
      flaws: [
        "inputs[1]: expected events that the job does not have yet, found events 20-24 of /in/b.lhe, " +
          "while the job's input 2 has events 11-20 of /in/b.lhe",
      ],
    });
    expect(message(input("d", 2), anInput({ path: "/in/d.lhe", firstEvent: 2, events: 1 }))).toMatchObject({
      flaws: [
        "inputs[1]: expected events that the job does not have yet, found event 2 of /in/d.lhe, " +
          "while inputs[0] has events 1-2 of /in/d.lhe",
      ],
    });
    expect(message(anInput({ path: "/in/b.lhe", firstEvent: 1, events: 10 }))).toMatchObject({
      kind: "added",
    });
  });

  test("is refused with fields that make no sense, and with none", () => {
    const driver = anOpenJob();
    expect(driver.add([])).toMatchObject({
      why: "invalid",
      flaws: ["inputs: expected at least one, found none"],
    });
    expect(driver.add([input("a"), anInput({ path: "b" })])).toMatchObject({
      why: "invalid",
      flaws: ['inputs[1].path: expected an absolute path, found "b"'],
    });
    expect(driver.job().table.ranges).toBe(0);
  });

  test("is refused when it, or the job, would be too large (P7)", () => {
    const driver = anOpenJob({ rangesMax: 10, inputsMax: 3, addedInputsMax: 2 });
    const tooLarge = (limit: string, message: string) => ({
      kind: "refused",
      why: "too-large",
      limit,
      message,
    });
    expect(driver.add([input("a"), input("b"), input("c")])).toEqual(
      tooLarge("added_inputs", "inputs: expected at most 2 in one request, found 3: ask more than once"),
    );
    expect(driver.add([input("a", 8), input("b", 3)])).toEqual(
      tooLarge("ranges", "job 1 would have 11 event ranges, more than 10: submit another job"),
    );
    driver.add([input("a", 1), input("b", 1)]);
    expect(driver.add([input("c", 1), input("d", 1)])).toEqual(
      tooLarge("inputs", "job 1 would have 4 inputs, more than 3: submit another job"),
    );
  });
});

describe("actors and mergers", () => {
  test("are told of added inputs before they are granted any of their ranges", () => {
    const driver = anOpenJob();
    const actor = driver.actor().ask(10);
    const merger = driver.merger().ask(1);
    driver.forget();
    driver.add([input("a")]);
    expect(actor.heard()).toEqual(["extend-job", "send-grant"]);
    expect(merger.heard()).toEqual(["extend-job"]);
    expect(driver.effects("extend-job")[0]).toMatchObject({ firstInput: 0, inputs: 1 });
    driver.add([input("b"), input("c")]);
    expect(driver.effects("extend-job")[2]).toMatchObject({ firstInput: 1, inputs: 2 });
  });
});
