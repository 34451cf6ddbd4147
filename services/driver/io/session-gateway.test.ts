import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { aServedDriver, type ServedDriver } from "./testing-port.js";
import {
  actorHello,
  dialAsActor,
  dialAsMerger,
  heartbeatOf,
  mergerHello,
  type DriverPort,
  type TestActor,
} from "./wire-test-peer.js";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function aDriver(...rules: Parameters<typeof aServedDriver>): Promise<ServedDriver> {
  const driver = await aServedDriver(...rules);
  closing.push(() => driver.close());
  return driver;
}

function anActor(driver: DriverPort): TestActor {
  const actor = dialAsActor(driver);
  closing.push(() => actor.vanish());
  return actor;
}

/** Begins job 1. */
function submit(driver: ServedDriver, events = 10): void {
  driver.engine.post({ kind: "submit-job", reply: 0, requestId: "a", spec: aSpec({ inputs: [events] }) });
}

const hello = actorHello();
const held = (grant: number, first: number, count: number) => ({
  job: 1,
  grant,
  spans: { first: [first], count: [count] },
});
const results = (number: number, first: number, count: number) => {
  const column = Array.from({ length: count }, (_, i) => first + i);
  const outputs = [
    { ...held(1, first, count), grant: [1], sizeBytes: column, adler32: column, wallMs: column },
  ];
  return { $case: "results" as const, value: { number, outputs, failures: [], returned: [], suspected: [] } };
};
const demand = (credit: number) => ({ $case: "demand" as const, value: { credit } });

describe("a session over the wire", () => {
  test("is welcomed, told of the job, granted what it asks for, and acknowledged", async () => {
    const driver = await aDriver();
    submit(driver);
    const actor = anActor(driver).say(hello).say(demand(3));
    expect((await actor.incoming.next("welcome")).value).toEqual({
      session: 1,
      run: "run-1",
      flushIntervalMs: 20,
      heartbeatIntervalMs: 20_000,
      leaseMs: 120_000,
    });
    expect((await actor.incoming.next("openJob")).value).toMatchObject({
      job: 1,
      spec: { name: "drell-yan" },
    });
    expect((await actor.incoming.next("grant")).value).toEqual({ ...held(1, 0, 3), alone: false });
    actor.say(results(7, 0, 2));
    expect((await actor.incoming.next("acknowledge")).value).toEqual({ numbers: [7], superseded: [] });
  });

  test("is not acknowledged before the commit is durable (P2)", async () => {
    const driver = await aDriver();
    submit(driver);
    const actor = anActor(driver).say(hello).say(demand(3));
    await actor.incoming.next("grant");
    driver.journal.hold();
    actor.say(results(1, 0, 2)).say(results(2, 2, 1));
    await driver.journal.untilHeld();
    expect(actor.incoming.all.map(({ $case }) => $case)).not.toContain("acknowledge");
    driver.journal.release();
    const numbers: number[] = [];
    while (numbers.length < 2) numbers.push(...(await actor.incoming.next("acknowledge")).value.numbers);
    expect(numbers).toEqual([1, 2]);
  });

  test("says all of a hello that comes in pieces before it is welcomed", async () => {
    const driver = await aDriver();
    submit(driver);
    const first = anActor(driver).say(hello).say(demand(10));
    await first.incoming.next("grant");
    const again = anActor(driver)
      .say(actorHello({ held: [held(1, 0, 2)], more: true }))
      .say(actorHello({ held: [held(1, 5, 1)], more: true }))
      .say(actorHello({ held: [held(1, 9, 1)] }));
    expect((await again.incoming.next("welcome")).value.session).toBe(2);
    const job = driver.farm.jobs.get(jobNumber(1));
    expect(job?.table.counts).toMatchObject({ held: 4, ready: 6 });
    expect(job?.table.isHeldBy(5, job.grants.keys().next().value ?? expect.fail())).toBe(true);
  });

  test("of a merger follows the same pattern", async () => {
    const driver = await aDriver();
    submit(driver, 2);
    const actor = anActor(driver).say(hello).say(demand(2));
    await actor.incoming.next("grant");
    actor.say(results(1, 0, 2));
    const merger = dialAsMerger(driver);
    closing.push(() => merger.vanish());
    merger.say(mergerHello()).say(demand(1));
    expect((await merger.incoming.next("task")).value).toEqual({
      merge: { job: 1, group: 1, grant: 2 },
      spans: { first: [0], count: [2] },
      grant: [1, 1],
      sizeBytes: [0, 1],
      adler32: [0, 1],
    });
    const file = { sizeBytes: 10, adler32: 11, events: 2, wallMs: 5, guid: "" };
    const merge = { job: 1, group: 1, grant: 2 };
    merger.say({ $case: "result", value: { number: 3, merge, outcome: { $case: "merged", value: file } } });
    expect((await merger.incoming.next("acknowledge")).value).toEqual({ numbers: [3], superseded: [] });
    expect(driver.fileWork).toEqual([{ kind: "publish-merge", merge }]);
  });

  test("outlives its stream, however that broke", async () => {
    const driver = await aDriver();
    submit(driver);
    const actor = anActor(driver).say(hello).say(demand(3));
    await actor.incoming.next("grant");
    actor.vanish();
    const again = anActor(driver).say(actorHello({ held: [held(1, 0, 3)] }));
    await again.incoming.next("welcome");
    expect(driver.farm.jobs.get(jobNumber(1))?.table.counts.held).toBe(3);
  });

  test("outlives a stream that broke while its actor drained: it did not take leave", async () => {
    const driver = await aDriver();
    submit(driver);
    const actor = anActor(driver).say(hello).say(demand(3));
    await actor.incoming.next("grant");
    actor.say({ $case: "draining", value: { reason: "" } }).say(results(1, 0, 1));
    await actor.incoming.next("acknowledge");
    actor.vanish();
    const other = anActor(driver).say(actorHello({ actor: "other" }));
    await other.incoming.next("welcome");
    await driver.engine.read((farm) => expect(farm.sessions.size).toBe(2));
    expect(driver.farm.jobs.get(jobNumber(1))?.table.counts.held).toBe(2);
  });

  test("ends at once when the actor drains and leaves, and its stream ends well", async () => {
    const driver = await aDriver();
    submit(driver);
    const actor = anActor(driver).say(hello).say(demand(3));
    await actor.incoming.next("grant");
    actor.say({ $case: "draining", value: { reason: "told to stop" } }).halfClose();
    expect(await actor.incoming.ended()).toMatchObject({ code: status.OK });
    await driver.engine.read((farm) => expect(farm.sessions.size).toBe(0));
    expect(driver.farm.jobs.get(jobNumber(1))?.table.counts).toMatchObject({ held: 0, ready: 10 });
  });

  test("is answered all that it said before it left", async () => {
    const driver = await aDriver();
    submit(driver);
    const actor = anActor(driver).say(hello).say(demand(3));
    await actor.incoming.next("grant");
    actor
      .say({ $case: "draining", value: { reason: "" } })
      .say(results(5, 0, 3))
      .halfClose();
    expect((await actor.incoming.next("acknowledge")).value.numbers).toEqual([5]);
    expect(await actor.incoming.ended()).toMatchObject({ code: status.OK });
  });
});

describe("a stream is closed", () => {
  test("with FAILED_PRECONDITION when another process joins by its name", async () => {
    const driver = await aDriver();
    const older = anActor(driver).say(hello);
    await older.incoming.next("welcome");
    const newer = anActor(driver).say(actorHello({ incarnation: "second" }));
    await newer.incoming.next("welcome");
    const { code, details } = await older.incoming.ended();
    expect(code).toBe(status.FAILED_PRECONDITION);
    expect(details).toBe("another process joined as actor actor; give each its own --name");
  });

  test("with ABORTED when the same process has a newer one", async () => {
    const driver = await aDriver();
    const older = anActor(driver).say(hello);
    await older.incoming.next("welcome");
    const newer = anActor(driver).say(hello);
    await newer.incoming.next("welcome");
    expect(await older.incoming.ended()).toMatchObject({
      code: status.ABORTED,
      details: "actor actor has a newer stream",
    });
    newer.say(demand(1)); // Its session goes on: the older stream's end does not touch it.
    submit(driver);
    await newer.incoming.next("grant");
  });

  test("with ABORTED when its session's lease has ended, all that was said before comes first", async () => {
    const driver = await aDriver({ leaseMs: 1_000 });
    const actor = anActor(driver).say(hello);
    await actor.incoming.next("welcome");
    driver.clock.ms += 1_001;
    const drain = { kind: "control-node", control: "drain", reason: "" } as const;
    driver.engine.post({ ...drain, reply: 0, requestId: "a", node: "node-1" });
    driver.engine.post({ kind: "tick" });
    expect(await actor.incoming.ended()).toMatchObject({
      code: status.ABORTED,
      details: "nothing was heard of actor actor for 1 s",
    });
    expect(actor.incoming.all.map(({ $case }) => $case)).toEqual(["welcome", "handBack"]);
  });

  const malformed: [string, (actor: TestActor) => TestActor, string][] = [
    ["says something before its hello", (actor) => actor.say(demand(1)), "message: expected a hello first"],
    [
      "says nothing that is known",
      (actor) => actor.say(undefined as never),
      "message: expected one of its cases",
    ],
    ["says hello twice", (actor) => actor.say(hello).say(hello), "hello: expected one for each stream"],
    ["has no name", (actor) => actor.say(actorHello({ actor: "" })), "hello.actor: expected 1 to 256"],
    [
      "has too long a name",
      (actor) => actor.say(actorHello({ actor: "x".repeat(257) })),
      "hello.actor: expected 1 to 256 characters, found 257",
    ],
    ["has no node", (actor) => actor.say(actorHello({ node: undefined })), "hello.node: expected a value"],
    ["has no slot", (actor) => actor.say(actorHello({ slots: 0 })), "hello.slots: expected at least 1"],
    [
      "holds spans of unequal columns",
      (actor) => actor.say(actorHello({ held: [{ ...held(1, 0, 1), spans: { first: [1], count: [] } }] })),
      "hello.held[0].spans: expected 0 items",
    ],
    [
      "names more grants than any node can hold, in pieces",
      (actor) => {
        const piece = Array.from({ length: 25_001 }, (_, i) => held(i + 1, i, 1));
        for (let pieces = 0; pieces < 4; pieces += 1) actor.say(actorHello({ held: piece, more: true }));
        return actor;
      },
      "hello.held: expected at most 100000 grants",
    ],
    [
      "tells of more jobs than it may at once",
      (actor) => actor.say(hello).say(heartbeatOf(1_001)),
      "heartbeat.running: expected at most 1000 jobs, found 1001",
    ],
    [
      "reports a grant that was never made",
      (actor) => actor.say(hello).say(results(1, 0, 1)),
      "outputs of job 1: grant 1 was never made",
    ],
  ];
  for (const [what, say, details] of malformed) {
    test(`with INVALID_ARGUMENT when its actor ${what}, which harms nobody else (Y1)`, async () => {
      const driver = await aDriver();
      submit(driver);
      const bystander = anActor(driver).say(actorHello({ actor: "bystander" }));
      await bystander.incoming.next("welcome");
      const ended = await say(anActor(driver)).incoming.ended();
      expect(ended.code).toBe(status.INVALID_ARGUMENT);
      expect(ended.details).toContain(details);
      bystander.say(demand(1));
      await bystander.incoming.next("grant");
    });
  }

  test("when the credential of its actor bears another name, and nothing of it is heard (Y5, P8)", async () => {
    const driver = await aDriver();
    const named = await driver.trust.authority.issue({ role: "actor", name: "node-7" });
    const at = { ...driver, trust: { ...driver.trust, actor: named } };
    const impostor = anActor(at).say(actorHello({ actor: "node-8" }));
    expect(await impostor.incoming.ended()).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'hello.actor: expected the name in its credential, "node-7", found "node-8"',
    });
    expect(driver.farm.sessions.size).toBe(0);
    await anActor(at)
      .say(actorHello({ actor: "node-7" }))
      .incoming.next("welcome");
  });

  test("when its actor has met a driver of a higher epoch: this one was replaced", async () => {
    const driver = await aDriver();
    const { details } = await anActor(driver)
      .say(actorHello({ epoch: 2 }))
      .incoming.ended();
    expect(details).toContain("hello.epoch: expected at most 1, this driver's own, found 2: it was replaced");
  });
});
