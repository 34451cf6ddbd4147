import { describe, expect, test } from "vitest";
import { failureOf } from "../../../shared/core/failure.js";
import { jobNumber } from "../../../shared/core/id.js";
import { noSpans } from "../../../shared/core/spans.js";
import type { Question } from "./explanation.js";
import { aJob, asked, ofJob, ofRange } from "../testing/testing-explain.js";
import { mergeOf, outputsOf } from "../testing/testing.js";
import { aSpec } from "../testing/testing-spec.js";

const job = jobNumber(1);
const startActor = "Start an actor: noctua actor --workdir <workdir> --name NAME --slots NUMBER.";
const startMerger = "Start a merger: noctua merger --workdir <workdir> --name NAME.";

describe("a job", () => {
  test("waits for an actor when none has joined, and says how to start one", () => {
    expect(ofJob(aJob())).toEqual({
      sentence: "Job 1 (drell-yan) waits for an actor: all its 4 ranges are ready, and no actor has joined.",
      details: ["4 ranges: 4 ready, 0 held, 0 done, 0 merged, 0 failed."],
      advice: startActor,
    });
  });

  test("of many ranges is told in figures that can be read", () => {
    const driver = aJob({ inputs: [4_000], eventsPerRange: 1 });
    driver.actor({ name: "a" }).ask(1_234);
    expect(ofJob(driver).sentence).toBe(
      "Job 1 (drell-yan) is at work: actor a holds 1,234 of its 4,000 ranges and 2,766 wait to be granted.",
    );
  });

  test("is at work while actors hold ranges of it, and says who has how many", () => {
    const driver = aJob({ inputs: [10] });
    driver.actor({ name: "a", node: "n1", slots: 1 }).ask(3).done(1, [0]);
    driver.actor({ name: "b", node: "n2", slots: 1 }).ask(4);
    expect(ofJob(driver)).toEqual({
      sentence:
        "Job 1 (drell-yan) is at work: actors b and a hold 6 of its 10 ranges, 3 wait to be granted and 1 is done.",
      details: [
        "10 ranges: 3 ready, 6 held, 1 done, 0 merged, 0 failed.",
        "3 ranges wait: actors a and b are busy with job 1.",
        "Actor b on node n2 holds 4 ranges for its 1 slot.",
        "Actor a on node n1 holds 2 ranges for its 1 slot.",
        "Ranges took 10ms on average, and 95 of 100 at most 10ms; the 9 that are left will take some 45ms on 2 slots.",
      ],
      advice: "",
    });
  });

  test("waits for actors that do other jobs, are away, are leaving or ask for nothing", () => {
    const driver = aJob();
    for (const name of ["a", "b", "c", "d"]) driver.actor({ name, node: name }).ask(1);
    driver.submit(aSpec({ name: "higgs", inputs: [3] }), "request-2");
    expect(ofJob(driver, 2).sentence).toBe(
      "Job 2 (higgs) waits for an actor: all its 3 ranges are ready, and all 4 actors are busy with job 1.",
    );
    driver.actor({ name: "a", node: "a", incarnation: "second process" }).say("detach-stream");
    driver.actor({ name: "b", node: "b", incarnation: "second process" }).say("start-draining");
    driver.actor({ name: "c", node: "c", incarnation: "second process" });
    expect(ofJob(driver, 2).sentence).toBe(
      "Job 2 (higgs) waits for an actor: all its 3 ranges are ready, and actor d is busy with job 1, " +
        "actor a has lost its connection, actor b is about to leave and actor c has asked for no more.",
    );
  });

  test("waits behind those that go first, and says why they do", () => {
    const driver = aJob();
    driver.submit(aSpec({ name: "higgs", priority: 5 }), "request-2");
    driver.submit(aSpec({ name: "top" }), "request-3");
    driver.actor({ name: "a" }).ask(3);
    expect(ofJob(driver, 3)).toMatchObject({
      sentence:
        "Job 3 (top) waits for an actor: all its 10 ranges are ready, and actor a is busy with job 2.",
      details: [
        "10 ranges: 10 ready, 0 held, 0 done, 0 merged, 0 failed.",
        "Job 2 (higgs) goes first with 7 ready ranges: its priority is higher (5, here 0).",
        "Job 1 (drell-yan) goes first with 4 ready ranges: it was submitted earlier.",
      ],
    });
  });

  test("that is open waits for more ranges, or to be closed", () => {
    const driver = aJob({ open: true, inputs: [] });
    const advice =
      "Add input files (noctua add 1 FILE --events NUMBER --workdir <workdir>), " +
      "or say that there are no more: noctua close 1 --workdir <workdir>.";
    expect(ofJob(driver)).toMatchObject({
      sentence: "Job 1 (drell-yan) waits for more ranges: it is open, and nothing was added yet.",
      advice,
    });
    const other = aJob({ open: true, inputs: [2] });
    other.actor().ask(2).done(1, [0, 1]);
    expect(ofJob(other)).toMatchObject({
      sentence:
        "Job 1 (drell-yan) waits for more ranges: it is open, and no range of the 2 that it has so far is left " +
        "to be done, and 1 merge group has no merger yet (no merger has joined).",
      advice,
    });
    driver.control("close");
    driver.workFiles();
    expect(ofJob(driver).sentence).toBe("Job 1 (drell-yan) is over: it had no ranges.");
  });

  test("waits for an actor with the labels that it requires, and says which are missing and what there is", () => {
    const driver = aJob({ requires: { gpu: "a100", site: "bnl" } });
    driver.actor({ name: "a", node: "n1", labels: { gpu: "v100", site: "bnl" } }).ask(1);
    expect(ofJob(driver)).toMatchObject({
      sentence:
        "Job 1 (drell-yan) waits for an actor: all its 4 ranges are ready, and actor a lacks gpu=a100 (it has gpu=v100).",
      advice:
        "Start an actor: noctua actor --workdir <workdir> --name NAME --slots NUMBER --label gpu=a100 --label site=bnl.",
    });
    driver.actor({ name: "b", node: "n2", labels: { site: "bnl" } }).ask(1);
    driver.actor({ name: "c", node: "n3", labels: { gpu: "a100", site: "bnl" } });
    expect(ofJob(driver)).toMatchObject({
      sentence:
        "Job 1 (drell-yan) waits for an actor: all its 4 ranges are ready, and " +
        "actors a and b lack gpu=a100 (they have gpu=v100 and no gpu) and actor c has asked for no more.",
      advice: "",
    });
  });

  test("waits for those that hold all that is left and lost their connection", () => {
    const driver = aJob();
    driver.actor({ name: "a", node: "n1" }).ask(9).say("detach-stream");
    driver.pass(20_000);
    expect(ofJob(driver)).toMatchObject({
      sentence:
        "Job 1 (drell-yan) waits: all its 4 ranges are held by actor a, which lost its connection; " +
        "they return in 1m 40s unless it is back by then.",
      advice: expect.stringContaining("Start it again under its name") as unknown,
    });
  });

  test("waits to be resumed when a user paused it, and says what is being finished", () => {
    const driver = aJob();
    driver.actor().ask(1);
    driver.control("pause");
    driver.pass(90_000);
    driver.control("pause", { requestId: "again" });
    expect(ofJob(driver)).toMatchObject({
      sentence:
        "Job 1 (drell-yan) waits to be resumed: a user paused it 1m 30s ago, and 3 of its 4 ranges are ready " +
        "and 1 that actors hold is being finished.",
      advice: "Go on with it: noctua resume 1 --workdir <workdir>.",
    });
  });

  test("waits for its merges, and says who does them and why not", () => {
    const driver = aJob();
    driver.actor().ask(4).done(1, [0, 1, 2, 3]);
    expect(ofJob(driver)).toMatchObject({
      sentence:
        "Job 1 (drell-yan) waits for its merges: no range is left to be done, " +
        "and 2 merge groups have no merger yet (no merger has joined).",
      advice: startMerger,
    });
    const merger = driver.merger({ name: "m" }).ask(1);
    expect(ofJob(driver).sentence).toBe(
      "Job 1 (drell-yan) waits for its merges: no range is left to be done, " +
        "and merger m is merging 1 group and 1 merge group has no merger yet (merger m is busy with job 1).",
    );
    merger.merged(mergeOf(1, 2));
    merger.ask(2).failMerge(mergeOf(2, 3));
    expect(ofJob(driver)).toMatchObject({
      sentence:
        "Job 1 (drell-yan) waits for its merges: no range is left to be done, " +
        "and 1 merged file is being published and 1 merge group has no merger yet (merger m has asked for no more).",
      details: expect.arrayContaining([
        "The merge of 1 waiting group failed before, up to 1 of 2 times.",
      ]) as unknown,
    });
  });

  test("waits for its report, and is over then", () => {
    const driver = aJob({ inputs: [1] });
    driver.actor().ask(1).done(1, [0]);
    driver.merger().ask(1).merged(mergeOf(1, 2));
    driver.tell({ kind: "confirm-published", merge: mergeOf(1, 2) });
    driver.tell({ kind: "confirm-inputs-removed", merge: mergeOf(1, 2) });
    expect(ofJob(driver).sentence).toBe(
      "Job 1 (drell-yan) waits for its report to be written, and is over then.",
    );
    driver.workFiles();
    expect(ofJob(driver)).toMatchObject({
      sentence: "Job 1 (drell-yan) is over: its only range is merged in 1 file.",
      advice: "",
    });
  });

  test("is over with failures, and says which and how to try again", () => {
    const driver = aJob({ inputs: [2], attempts: 1 });
    const actor = driver.actor({ node: "n1" }).ask(2);
    actor.done(1, [0]);
    actor.fail(1, 1, "event");
    driver.merger().ask(1).merged(mergeOf(1, 2));
    driver.workFiles();
    expect(ofJob(driver)).toEqual({
      sentence: "Job 1 (drell-yan) is over: 1 of its 2 ranges is merged in 1 file and 1 failed.",
      details: [
        "2 ranges: 0 ready, 0 held, 0 done, 1 merged, 1 failed.",
        "Ranges took 10ms on average, and 95 of 100 at most 10ms.",
        "1 range failed for good: event failure.",
        "Payloads failed once so far, as range 1 did on node n1: event failure.",
      ],
      advice: "Take up again what failed: noctua retry 1 --workdir <workdir>.",
    });
  });

  test("whose merge was given up says how that failed, before it tells of payloads", () => {
    const driver = aJob({ inputs: [5], everyOutputs: 1, attempts: 2, mergeAttempts: 1 });
    const actor = driver.actor({ node: "n1", slots: 5 }).ask(6);
    actor.fail(1, 4);
    actor.report({ number: 2, outputs: [outputsOf(1, [0, 1, 2, 3]), outputsOf(2, [4])] });
    const merger = driver.merger().ask(5);
    for (const [i, merge] of merger.merges().entries())
      merger.reportMerge(
        merge,
        { kind: "failed", lost: noSpans, failure: failureOf("transient", `hadd: file ${i} is a zombie`) },
        i + 1,
      );
    driver.workFiles();
    expect(ofJob(driver)).toMatchObject({
      details: [
        "5 ranges: 0 ready, 0 held, 5 done, 0 merged, 0 failed.",
        "Ranges took 10ms on average, and 95 of 100 at most 10ms.",
        "Merge group 1 was given up after 1 try on merger merger, and its outputs are kept: hadd: file 0 is a zombie.",
        "Merge group 2 was given up after 1 try on merger merger, and its outputs are kept: hadd: file 1 is a zombie.",
        "Merge group 3 was given up after 1 try on merger merger, and its outputs are kept: hadd: file 2 is a zombie.",
        "2 more merge groups were given up.",
        "Payloads failed once so far, as range 4 did on node n1: transient failure.",
      ],
      advice: "Mend the merge, then try again: noctua retry 1 --workdir <workdir>.",
    });
  });

  test("that failed or was cancelled waits for what was accepted, and then says why it is over", () => {
    const driver = aJob();
    const actor = driver.actor().ask(2);
    actor.done(1, [0, 1]);
    driver.merger().ask(1).merged(mergeOf(1, 2));
    driver.control("cancel");
    expect(ofJob(driver).sentence).toBe(
      "Job 1 (drell-yan) was cancelled and waits for what was done before to be merged: 1 merged file is being published.",
    );
    driver.workFiles();
    const { sentence, details, advice } = ofJob(driver);
    expect(sentence).toBe(
      "Job 1 (drell-yan) is over, since the job was cancelled: 2 of its 4 ranges are merged in 1 file and 2 are not done.",
    );
    expect(details.slice(0, 1)).toEqual(["4 ranges: 0 ready, 0 held, 0 done, 2 merged, 2 not done."]);
    expect(details).toContain("2 ranges were given up: the job was cancelled.");
    expect(advice).toBe("Take up again what is not done: noctua retry 1 --workdir <workdir>.");
  });

  test("that was cancelled tells what had failed before from what was given up", () => {
    const driver = aJob({ attempts: 1 });
    driver.actor().ask(1).fail(1, 0);
    driver.control("cancel");
    const { details } = ofJob(driver);
    expect(details).toContain("3 ranges were given up: the job was cancelled.");
    expect(details).toContain("1 range failed for good: transient failure.");
    expect(ofRange(driver, 0).sentence).toContain("failed for good: transient failure.");
    expect(ofRange(driver, 3).sentence).toContain("was given up with its job: the job was cancelled.");
  });

  test("that there is not is unknown, and what there is is said", () => {
    const unknown = (question: Question): unknown => asked(aJob(), question);
    expect(unknown({ kind: "job", job: jobNumber(7) })).toEqual({
      unknown: "expected the number of a job of this run, found 7: jobs are numbered from 1 to 1",
    });
    expect(unknown({ kind: "range", job, range: 4 })).toEqual({
      unknown: "expected the number of a range of job 1, found 4: they are numbered from 0 to 3",
    });
    expect(unknown({ kind: "event", job, path: "/in/2.lhe", event: 1 })).toEqual({
      unknown: "expected the path of an input of job 1 or its end, found /in/2.lhe: its inputs are /in/1.lhe",
    });
    expect(unknown({ kind: "event", job, path: "1.lhe", event: 5 })).toEqual({
      unknown: "expected an event of /in/1.lhe, found 5: job 1 has its events 1 to 4",
    });
  });
});
