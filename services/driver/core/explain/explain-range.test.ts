import { describe, expect, test } from "vitest";
import { jobNumber } from "../../../shared/core/id.js";
import { aJob, answer, ofJob, ofRange } from "../testing/testing-explain.js";
import { aCopy } from "../testing/testing-copies.js";
import { mergeOf, outputsOf } from "../testing/testing.js";

const job = jobNumber(1);

describe("a range", () => {
  test("is named by its events, and found by one of them", () => {
    const driver = aJob({ inputs: [4, 9], eventsPerRange: 3 });
    expect(ofRange(driver, 2).sentence).toMatch(
      /^Range 2 of job 1 \(events 1 to 3 of \/in\/2\.lhe\) waits for an actor:/,
    );
    const found = (path: string, event: number): string =>
      answer(driver, { kind: "event", job, path, event }).sentence;
    expect(found("/in/2.lhe", 9)).toContain("Range 4 of job 1 (events 7 to 9 of /in/2.lhe)");
    expect(found("1.lhe", 4)).toContain("Range 1 of job 1 (event 4 of /in/1.lhe)");
    expect(() => found("lhe", 4)).toThrow("its inputs are /in/1.lhe and /in/2.lhe");
  });

  test("waits until it is granted, and says what was tried before", () => {
    const driver = aJob();
    const actor = driver.actor({ name: "a", node: "n1" }).ask(2);
    actor.fail(1, 0);
    expect(ofRange(driver, 0)).toEqual({
      sentence:
        "Range 0 of job 1 (event 1 of /in/1.lhe) waits for an actor: it is ready, and actor a is busy with job 1.",
      details: [
        "1 of its 3 attempts is used.",
        "Attempt 1 failed on node n1 (transient): transient failure.",
      ],
      advice: "",
    });
    driver.control("pause");
    expect(ofRange(driver, 0).sentence).toContain("waits for its job to be resumed: a user paused job 1.");
  });

  test("that failed waits for its next try, or for another node than the one where it failed", () => {
    const driver = aJob({ backoffMs: 10_000 });
    const actor = driver.actor({ name: "a", node: "n1" }).ask(1);
    driver.actor({ name: "b", node: "n2" });
    actor.fail(1, 0, "event");
    const range = "Range 0 of job 1 (event 1 of /in/1.lhe)";
    expect(ofRange(driver, 0).sentence).toMatch(/waits for its next try, which comes in \d+s\.$/);
    expect(ofRange(driver, 0).details).toEqual([
      "1 of its 3 attempts is used.",
      "It goes to node n1 only where there is no other.",
      "Attempt 1 failed on node n1 (event): event failure.",
    ]);
    expect(ofJob(driver).sentence).toMatch(
      /^Job 1 \(drell-yan\) waits: all its 4 ranges are left; 3 wait for an actor \(actors a and b have asked for no more\); 1 failed and is tried again in \d+s\.$/,
    );
    driver.pass(10_000);
    expect(ofRange(driver, 0).sentence).toBe(
      `${range} waits for another node than n1: it is ready, and actor b has asked for no more.`,
    );
    expect(ofJob(driver).sentence).toBe(
      "Job 1 (drell-yan) waits: all its 4 ranges are left; 3 wait for an actor (actors a and b have asked for no more); " +
        "1 waits for another node than n1 (actor b has asked for no more).",
    );
  });

  test("is held by an actor, whose connection may be lost", () => {
    const driver = aJob();
    const actor = driver.actor({ name: "a", node: "n1" }).ask(3);
    expect(ofRange(driver, 1).sentence).toBe(
      "Range 1 of job 1 (event 2 of /in/1.lhe) is held by actor a on node n1 under grant 1, " +
        "where it should be running.",
    );
    expect(ofRange(driver, 2).sentence).toContain("where 2 others of the job come before it for 2 slots.");
    actor.say("detach-stream");
    driver.pass(5_000);
    expect(ofRange(driver, 1).sentence).toBe(
      "Range 1 of job 1 (event 2 of /in/1.lhe) is held by actor a on node n1 under grant 1 for at least 4s, which lost its connection: " +
        "nothing was heard of it for 5s, and what it holds returns in 1m 55s unless it comes back.",
    );
  });

  test("may be held by two, and says who has the copy", () => {
    const { driver } = aCopy();
    expect(ofRange(driver, 1).sentence).toBe(
      "Range 1 of job 1 (event 2 of /in/1.lhe) is held by actor slow on node node-slow under grant 1, " +
        "where it should be running; since it takes far longer than the rest, a copy is held by " +
        "actor idle on node node-idle under grant 2, where it should be running.",
    );
    expect(ofJob(driver).details).toContain(
      "1 range is lent a second time, since it takes far longer than the rest; the first output wins.",
    );
  });

  test("is done, in a group, merged", () => {
    const driver = aJob({ inputs: [3] });
    const actor = driver.actor().ask(3);
    actor.done(1, [0]);
    const done =
      "Range 0 of job 1 (event 1 of /in/1.lhe) is done under grant 1, " +
      "its output is jobs/1/outputs/00000/input1.events1-1.grant1.lhe, and";
    expect(ofRange(driver, 0).sentence).toBe(`${done} it waits for a merge group: 1 of 2 outputs are there.`);
    actor.report({ number: 2, outputs: [outputsOf(1, [1])] });
    expect(ofRange(driver, 0).sentence).toBe(
      `${done} merge group 1 has no merger yet (no merger has joined).`,
    );
    const merger = driver.merger({ name: "m" }).ask(1);
    expect(ofRange(driver, 0).sentence).toBe(`${done} merger m is merging merge group 1.`);
    merger.merged(mergeOf(1, 2));
    expect(ofRange(driver, 0).sentence).toBe(`${done} the file of merge group 1 is being published.`);
    driver.workFiles();
    expect(ofRange(driver, 0).sentence).toBe(
      "Range 0 of job 1 (event 1 of /in/1.lhe) is merged: merge group 1 is published as jobs/1/merged/drell-yan.0001.lhe.",
    );
  });

  test("failed for good, or its merge was given up: it says why", () => {
    const driver = aJob({ inputs: [2], everyOutputs: 1, attempts: 1, mergeAttempts: 1 });
    const actor = driver.actor({ node: "n1" }).ask(2);
    actor.fail(1, 1, "event");
    expect(ofRange(driver, 1)).toMatchObject({
      sentence: "Range 1 of job 1 (event 2 of /in/1.lhe) failed for good: event failure.",
      details: ["Its only attempt is used.", "Attempt 1 failed on node n1 (event): event failure."],
    });
    actor.report({ number: 2, outputs: [outputsOf(1, [0])] });
    driver.merger().ask(1).failMerge(mergeOf(1, 2));
    expect(ofRange(driver, 0)).toMatchObject({
      sentence: expect.stringMatching(
        /and merge group 1 was given up after 1 try on merger merger, and its outputs are kept: the merge command ended with exit code 2\.$/,
      ) as unknown,
      advice: "Mend the merge, then try again: noctua retry 1 --workdir <workdir>.",
    });
  });

  test("that nodes died around says how often, and what is done about it", () => {
    const driver = aJob();
    for (const incarnation of ["first", "second"]) {
      driver.actor({ name: "a", node: "n1", incarnation }).ask(2);
      driver.pass(driver.rules.leaseMs + 2_000);
    }
    expect(ofRange(driver, 0).details).toEqual([
      "Its node was lost twice while it may have run there.",
      "It gets a payload process of its own.",
      "It is lent to actors that hold nothing else.",
    ]);
  });

  test("whose output was lost says so", () => {
    const driver = aJob({ inputs: [2] });
    driver.actor().ask(2).done(1, [0, 1]);
    driver.merger().ask(1).failMerge(mergeOf(1, 2), [1]);
    expect(ofRange(driver, 1).details).toEqual(["Its output was found lost once."]);
  });
});
