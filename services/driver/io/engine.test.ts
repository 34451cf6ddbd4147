import { describe, expect, test } from "vitest";
import { epochNumber } from "../../shared/core/id.js";
import type { Command } from "../core/facts/command.js";
import { mergeOf, outputsOf, ToldDriver } from "../core/testing/testing.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { ReplacedError } from "./engine.js";
import { anEngine, aRunningEngine } from "./testing.js";

function submit(requestId: string): Command {
  return { kind: "submit-job", reply: 1, requestId, spec: aSpec() };
}

describe("a turn is applied, journaled, and only then spoken of", () => {
  test("nothing is done before the commit is durable (N2)", async () => {
    const { engine, journal, performed } = await aRunningEngine();
    journal.hold();
    const turns = performed.length;
    engine.post(submit("a"));
    await journal.untilHeld();
    expect(performed).toHaveLength(turns);
    journal.release();
    await engine.read(() => undefined);
    expect(performed[turns]?.map(({ kind }) => kind)).toEqual(["tell-watchers", "answer-submit"]);
  });

  test("in this order: append, read the claim, observe, perform", async () => {
    const order: string[] = [];
    const { engine, running } = await aRunningEngine({
      journal: { append: async () => void order.push("append") },
      claim: {
        isCurrent: async () => {
          order.push("claim");
          return true;
        },
      },
      observe: () => order.push("observe"),
      perform: () => order.push("perform"),
    });
    order.length = 0;
    engine.post(submit("a"));
    engine.close();
    await running;
    expect(order).toEqual(["append", "claim", "observe", "perform"]);
  });

  test("commands that arrive meanwhile share the next turn and its commit (N1)", async () => {
    const { engine, journal, performed, running } = await aRunningEngine();
    journal.hold();
    engine.post(submit("a"));
    await journal.untilHeld();
    engine.post(submit("b"));
    engine.post(submit("c"));
    expect(journal.commits).toHaveLength(2); // The start of the driver is the first.
    const turns = performed.length;
    journal.release();
    await engine.read((farm) => expect(farm.jobs.size).toBe(1));
    engine.close();
    await running;
    expect(journal.commits.map((facts) => facts.map(({ kind }) => kind))).toEqual([
      ["driver-started"],
      ["job-submitted"],
      ["job-submitted", "job-submitted"],
    ]);
    expect(performed).toHaveLength(turns + 2);
  });

  test("a turn without durable facts is not journaled, and what it says is said at once", async () => {
    const { engine, journal, performed, running } = await aRunningEngine();
    const turns = performed.length;
    engine.post({ kind: "hear", stream: 9 });
    engine.close();
    await running;
    expect(journal.commits).toHaveLength(1);
    expect(performed.slice(turns)).toMatchObject([[{ kind: "close-stream", stream: 9 }]]);
  });
});

test("clients who would read wait while a turn is under way, and some come in before the next one (N4)", async () => {
  const order: string[] = [];
  const readers = {
    shut: () => void order.push("shut"),
    open: async () => void order.push("open"),
  };
  const append = async (): Promise<void> => void order.push("append");
  const { engine, running } = await aRunningEngine({ readers, journal: { append } });
  order.length = 0;
  engine.post(submit("a"));
  for (let i = 0; i < 512; i += 1) engine.post(submit(`b${i}`)); // More than one turn takes.
  engine.close();
  await running;
  expect(order).toEqual(["shut", "append", "open", "shut", "append", "open"]);
});

describe("a driver that must not go on speaks no more", () => {
  test("when another has taken the workdir over: the turn is durable, and nothing of it is done (N2)", async () => {
    const test = await aRunningEngine();
    const turns = test.performed.length;
    test.claimed = false;
    test.engine.post(submit("a"));
    await expect(test.running).rejects.toThrow(ReplacedError);
    expect(test.journal.commits).toHaveLength(2);
    expect(test.performed).toHaveLength(turns);
  });

  test("when another has, and it has nothing to commit: it finds out once its claim was not read for a while", async () => {
    const test = await aRunningEngine();
    const turns = test.performed.length;
    test.claimed = false;
    test.clock.ms += 5_001;
    test.engine.post({ kind: "hear", stream: 9 });
    await expect(test.running).rejects.toThrow(ReplacedError);
    expect(test.performed).toHaveLength(turns);
  });

  test("when the journal can't be written", async () => {
    const { engine, journal, performed, running } = await aRunningEngine();
    journal.hold();
    const turns = performed.length;
    engine.post(submit("a"));
    await journal.untilHeld();
    journal.fail(new Error("EIO"));
    await expect(running).rejects.toThrow("EIO");
    expect(performed).toHaveLength(turns);
  });

  test("and its first turn tells so already", async () => {
    const test = anEngine();
    test.claimed = false;
    const start = test.engine.start({ kind: "start-driver", epoch: epochNumber(1), run: "r" });
    await expect(start).rejects.toThrow("another driver has taken over this workdir");
    expect(test.performed).toEqual([]);
  });
});

describe("reads", () => {
  test("see what is committed: a turn under way is waited for (N3)", async () => {
    const { engine, journal } = await aRunningEngine();
    expect(await engine.read((farm) => farm.run)).toBe("run-1");
    journal.hold();
    engine.post(submit("a"));
    await journal.untilHeld();
    let answer: number | undefined;
    const reading = engine.read((farm) => (answer = farm.jobs.size));
    await Promise.resolve();
    expect(answer).toBeUndefined();
    journal.release();
    await reading;
    expect(answer).toBe(1);
  });

  test("that wait for a turn which can't be made durable fail with it", async () => {
    const { engine, journal } = await aRunningEngine();
    journal.hold();
    engine.post(submit("a"));
    await journal.untilHeld();
    const reading = engine.read((farm) => farm.jobs.size);
    journal.fail(new Error("EIO"));
    await expect(reading).rejects.toThrow("EIO");
    await expect(engine.read((farm) => farm.jobs.size)).rejects.toThrow("EIO"); // Nor is it seen later.
  });
});

describe("a start", () => {
  test("is durable before anything is done, and then does what the last driver left undone (X1)", async () => {
    const last = new ToldDriver();
    last.submit(aSpec({ inputs: [2] }));
    const actor = last.actor().ask(2);
    actor.report({ outputs: [outputsOf(1, [0, 1])] });
    last.merger().ask(1).merged(mergeOf(1, 2));
    const { engine, journal, performed } = anEngine({ farm: last.farm });
    journal.hold();
    const start = engine.start({ kind: "start-driver", epoch: epochNumber(2), run: "run-1" });
    await journal.untilHeld();
    expect(performed).toEqual([]);
    journal.release();
    await start;
    expect(performed.flat()).toEqual([{ kind: "publish-merge", merge: mergeOf(1, 2) }]);
  });
});

describe("an end", () => {
  test("comes when what waits is done, and takes nothing more in", async () => {
    const { engine, journal, running } = await aRunningEngine();
    journal.hold();
    engine.post(submit("a"));
    await journal.untilHeld();
    engine.post(submit("b"));
    engine.close();
    journal.release();
    await running;
    expect(journal.commits.flat().map(({ kind }) => kind)).toEqual([
      "driver-started",
      "job-submitted",
      "job-submitted",
    ]);
  });
});
