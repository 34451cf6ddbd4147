import { describe, expect, test } from "vitest";
import type { ToldDriver, Peer } from "../testing/testing.js";
import { aJob, ofJob, ofNode } from "../testing/testing-explain.js";

const full = "cannot store outputs in /work/jobs/1/outputs: no space is left on its file system (ENOSPC)";
const advice = "Make room there, or mend the file system: they go on by themselves, and nothing is lost.";

function wait(driver: ToldDriver, { stream }: Peer, waitsFor: string): void {
  driver.tell({ kind: "tell-wait", stream, waitsFor });
}

describe("an actor whose outputs can't be stored", () => {
  test("says so of its node and its job, until they can", () => {
    const driver = aJob();
    const actor = driver.actor({ name: "a", node: "n1", slots: 2 }).ask(3);
    wait(driver, actor, full);
    expect(ofNode(driver)).toEqual({
      sentence: `Node n1 (actor a) waits for room: ${full}; it holds 3 ranges, and asks for no more now.`,
      details: [],
      advice,
    });
    expect(ofJob(driver)).toMatchObject({
      sentence: `Job 1 (drell-yan) waits for room (${full}): actor a holds 3 of its 4 ranges and 1 waits to be granted.`,
      details: expect.arrayContaining([
        `1 range waits: actor a waits for room (${full}).`,
        `Actor a on node n1 holds 3 ranges for its 2 slots; what is done there waits for room: ${full}.`,
      ]) as unknown,
      advice,
    });
    wait(driver, actor, "");
    expect(ofNode(driver).sentence).toMatch("is at work");
  });

  test("is at work as long as it asks for more, and one of several holds up no job", () => {
    const driver = aJob({ inputs: [6] });
    const actor = driver.actor({ name: "a", node: "n1", slots: 9 }).ask(4);
    driver.actor({ name: "b", node: "n2", slots: 2 }).ask(2);
    actor.ask(9);
    wait(driver, actor, full);
    expect(ofNode(driver).sentence).toMatch("Node n1 (actor a) is at work");
    expect(ofNode(driver).details).toContain(`What is done there waits for room: ${full}.`);
    expect(ofJob(driver)).toMatchObject({ sentence: expect.stringMatching("is at work") as string, advice });
  });

  test("says it again on each stream", () => {
    const driver = aJob();
    wait(driver, driver.actor({ name: "a", node: "n1" }).ask(4), full);
    driver.actor({ name: "a", node: "n1" });
    expect(ofNode(driver).sentence).not.toMatch("room");
  });
});

test("a merger that has no room for a merged file says so of the job's groups", () => {
  const driver = aJob();
  driver.actor().ask(4).done(1, [0, 1, 2, 3]);
  const merger = driver.merger({ name: "m", node: "n2" }).ask(2);
  wait(driver, merger, "cannot write the file");
  expect(ofJob(driver)).toMatchObject({
    sentence: expect.stringMatching(
      "merger m is merging .* and waits for room \\(cannot write the file\\)",
    ) as string,
    advice,
  });
  expect(ofNode(driver, "m").sentence).toMatch("(merger m) waits for room: cannot write the file");
});
