import { status, type ServiceError } from "@grpc/grpc-js";
import { afterEach, describe, expect, test, vi } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { specToWire } from "../../shared/io/wire-types.js";
import { aSpec } from "../core/testing/testing-spec.js";
import type { Question } from "../core/explain/explanation.js";
import { explained } from "./explaining.js";
import { aRunningEngine } from "./testing.js";
import { aServedDriver } from "./testing-port.js";
import { dialJobs, type JobClient } from "./wire-test-peer.js";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const close of closing.splice(0).reverse()) await close();
});

type About = Parameters<JobClient["explain"]>[0]["about"];

/** Asks of a driver with job 1; the answer, or the status that was refused with. */
async function aCurious(): Promise<(about: About) => Promise<unknown>> {
  const driver = await aServedDriver();
  closing.push(() => driver.close());
  const client = dialJobs(driver);
  closing.push(() => client.close());
  const done = (resolve: (answer: unknown) => void) => (error: ServiceError | null, answer: unknown) =>
    resolve(error === null ? answer : `${status[error.code]}: ${error.details}`);
  await new Promise((resolve) =>
    client.submitJob({ requestId: "a", spec: specToWire(aSpec()) }, done(resolve)),
  );
  return (about) => new Promise((resolve) => client.explain({ about }, done(resolve)));
}

describe("what is asked over the wire", () => {
  test("is answered in sentences", async () => {
    const ask = await aCurious();
    expect(await ask({ $case: "job", value: 1 })).toMatchObject({
      sentence: "Job 1 (drell-yan) waits for an actor: all its 10 ranges are ready, and no actor has joined.",
      details: ["10 ranges: 10 ready, 0 held, 0 done, 0 merged, 0 failed."],
      advice: expect.stringContaining("noctua actor") as unknown,
    });
    const range = { sentence: expect.stringContaining("Range 4 of job 1 (event 5 of /in/1.lhe)") as unknown };
    expect(await ask({ $case: "range", value: { job: 1, range: 4 } })).toMatchObject(range);
    const event = { job: 1, input: "1.lhe", event: 5 };
    expect(await ask({ $case: "event", value: event })).toMatchObject(range);
  });

  test("is not found when there is no such thing, and an invalid argument when it is nothing", async () => {
    const ask = await aCurious();
    expect(await ask({ $case: "node", value: "n7" })).toBe(
      'NOT_FOUND: expected the name of a node, actor or merger that is joined, found "n7": none is',
    );
    expect(await ask(undefined)).toBe(
      "INVALID_ARGUMENT: about: expected one of its cases, found none that is known",
    );
  });
});

test("what keeps the driver from its work is told with every answer", async () => {
  const { engine, journal } = await aRunningEngine();
  const actor: Question = { kind: "node", name: "n7" };
  const submit = { kind: "submit-job", reply: 1, requestId: "a", spec: aSpec() } as const;
  journal.hold();
  engine.post(submit);
  await journal.untilHeld();
  journal.release();
  const trouble = (): string => "the report of job 1 can't be written: EACCES";
  const answer = await explained({ engine, trouble }, { kind: "job", job: jobNumber(1) });
  expect(answer.details.at(-1)).toBe("The driver has trouble: the report of job 1 can't be written: EACCES.");
  await expect(explained({ engine, trouble }, actor)).rejects.toThrow("expected the name of a node");
  engine.close();
});

describe("while a commit can't be made durable (E1)", () => {
  const engine = { read: () => new Promise<never>(() => undefined) };
  const question = { kind: "job", job: jobNumber(1) } as const;

  test("that is why all waits", async () => {
    vi.useFakeTimers();
    const answer = explained({ engine, trouble: () => "no space for the journal" }, question);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await answer).toMatchObject({
      sentence: "The whole run waits for the driver's disk: no space for the journal.",
    });
  });

  test("and nobody knows why, the time that it takes is told", async () => {
    vi.useFakeTimers();
    const answer = explained({ engine, trouble: () => undefined }, question);
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await answer).sentence).toBe(
      "The whole run waits for the driver's disk: a commit to the journal has been under way for more than 2s.",
    );
  });
});
