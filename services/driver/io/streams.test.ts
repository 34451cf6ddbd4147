import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import type { Speech } from "./saying.js";
import { aServedDriver, type ServedDriver } from "./testing-port.js";
import { actorHello, dialAsActor, type TestActor } from "./wire-test-peer.js";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** An actor that was welcomed on stream 1, and reads no more. */
async function aHangingActor(): Promise<{ driver: ServedDriver; actor: TestActor }> {
  const driver = await aServedDriver();
  const actor = dialAsActor(driver);
  closing.push(
    () => driver.close(),
    () => actor.vanish(),
  );
  actor.say(actorHello());
  await actor.incoming.next("welcome");
  actor.stopReading();
  return { driver, actor };
}

function closeJobs(from: number, to: number): Speech[] {
  return Array.from({ length: to - from }, (_, i) => ({
    kind: "close-job",
    stream: 1,
    job: jobNumber(from + i),
  }));
}

describe("what a peer does not read yet", () => {
  test("waits, and comes whole and in order when it reads again", async () => {
    const { driver, actor } = await aHangingActor();
    driver.streams.say(1, closeJobs(1, 5_001), driver.farm);
    await new Promise(setImmediate);
    driver.streams.say(1, closeJobs(5_001, 8_001), driver.farm);
    actor.readOn();
    for (let job = 1; job <= 8_000; job += 1)
      expect((await actor.incoming.next("closeJob")).value.job).toBe(job);
  });

  test("waits not without end: a peer that reads nothing is cut off (T2, P7)", async () => {
    const { driver, actor } = await aHangingActor();
    driver.streams.say(1, closeJobs(1, 40_000), driver.farm);
    actor.readOn();
    expect(await actor.incoming.ended()).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      details: "10000 messages wait to be read",
    });
  });
});

describe("a stream that is gone", () => {
  test("is told nothing, and forgotten", async () => {
    const { driver, actor } = await aHangingActor();
    expect(driver.streams.size).toBe(1);
    actor.vanish();
    const other = dialAsActor(driver);
    closing.push(() => other.vanish());
    other.say(actorHello({ actor: "other" }));
    await other.incoming.next("welcome");
    driver.streams.say(1, closeJobs(1, 2), driver.farm);
    driver.streams.refuse(1, { why: "over", message: "" });
    expect(driver.streams.size).toBe(1);
  });
});
