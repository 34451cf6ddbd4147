import { status, type ServiceError } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { failureOf } from "../../shared/core/failure.js";
import { grantNumber, jobNumber } from "../../shared/core/id.js";
import { specToWire } from "../../shared/io/wire-types.js";
import type { Hello } from "../core/facts/command.js";
import { jobViewOf } from "../core/state/farm.js";
import type { JobView } from "../core/state/job.js";
import { aSpec, type SpecChanges } from "../core/testing/testing-spec.js";
import { aServedDriver, type ServedDriver } from "./testing-port.js";
import { anEmptySubmission, dialJobs, jobStates, TestWatch, type JobClient } from "./wire-test-peer.js";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function aDriver(): Promise<ServedDriver & { readonly client: JobClient }> {
  const driver = await aServedDriver();
  closing.push(() => driver.close());
  const client = dialJobs(driver);
  closing.push(() => client.close());
  return Object.assign(driver, { client });
}

/** A unary call: the answer, or the status that it was refused with. */
function asked<Answer>(
  call: (done: (error: ServiceError | null, answer: Answer) => void) => unknown,
): Promise<Answer | string> {
  return new Promise((resolve) => {
    call((error, answer) => resolve(error === null ? answer : `${status[error.code]}: ${error.details}`));
  });
}

function submit(client: JobClient, changes: SpecChanges = {}, requestId = "a"): Promise<unknown> {
  const request = { requestId, spec: specToWire(aSpec(changes)) };
  return asked((done) => client.submitJob(request, done));
}

function watched(client: JobClient, job = 1, afterSequence = 0): TestWatch {
  const watch = new TestWatch(client, job, afterSequence);
  closing.push(() => watch.leave());
  return watch;
}

const hello: Hello = {
  ...{ role: "actor", name: "a", incarnation: "1", node: "node-1", slots: 3 },
  labels: {},
  allocationEndsAtMs: undefined,
  ranges: [],
  merges: [],
};

/** Grants ranges of job 1 to an actor on stream 7. */
function grant(driver: ServedDriver, credit: number): void {
  driver.engine.post({ kind: "open-session", stream: 7, hello });
  driver.engine.post({ kind: "raise-demand", stream: 7, credit });
}

/** Until something holds of the committed job 1. */
async function until(driver: ServedDriver, holds: (job: JobView) => boolean): Promise<void> {
  while (!(await driver.engine.read((farm) => holds(jobViewOf(farm, jobNumber(1))))))
    await new Promise(setImmediate);
}

/** Job 1 is stopped by a fatal failure, and its report is written. */
async function end(driver: ServedDriver): Promise<void> {
  grant(driver, 1);
  await until(driver, (job) => job.table.counts.held > 0);
  const job = jobNumber(1);
  const failures = [{ job, range: 0, grant: grantNumber(1), failure: failureOf("fatal", "no such program") }];
  const nothing = { outputs: [], returned: [], suspected: [] };
  driver.engine.post({ kind: "report-results", stream: 7, number: 1, failures, ...nothing });
  await until(driver, ({ stage }) => stage.kind === "ended");
  driver.engine.post({ kind: "confirm-reported", job });
}

describe("a submission", () => {
  test("is answered when it is durable, and not before (K1)", async () => {
    const driver = await aDriver();
    driver.journal.hold();
    let isAnswered = false;
    const answer = submit(driver.client).finally(() => (isAnswered = true));
    await driver.journal.untilHeld();
    await new Promise(setImmediate);
    expect(isAnswered).toBe(false);
    driver.journal.release();
    expect(await answer).toEqual({ job: 1, repeatedRequest: false });
  });

  test("asked twice gets the first answer (P11)", async () => {
    const { client } = await aDriver();
    expect(await Promise.all([submit(client), submit(client)])).toEqual([
      { job: 1, repeatedRequest: false },
      { job: 1, repeatedRequest: true },
    ]);
  });

  test("with the request id of another job is a failed precondition, which names the difference (P11)", async () => {
    const { client } = await aDriver();
    await submit(client);
    expect(await submit(client, { attempts: 4 })).toMatch(
      /^FAILED_PRECONDITION: request a began job 1 as another job: retry\.attemptsMax was 3 and is now 4/,
    );
  });

  test("that makes no sense is an invalid argument, which names the field", async () => {
    const { client } = await aDriver();
    const bare = (request: Partial<ReturnType<typeof anEmptySubmission>>): Promise<unknown> =>
      asked((done) => client.submitJob({ ...anEmptySubmission(), ...request }, done));
    expect(await bare({})).toBe(
      "INVALID_ARGUMENT: request_id: expected 1 to 128 characters, found 0; spec: expected a value, found none",
    );
    expect(await bare({ requestId: "x".repeat(129) })).toContain("INVALID_ARGUMENT: request_id: expected");
    expect(await bare({ requestId: "a" })).toBe("INVALID_ARGUMENT: spec: expected a value, found none");
    expect(await submit(client, { jobDir: "relative" })).toContain(
      "INVALID_ARGUMENT: spec.job_dir: expected",
    );
    expect(await submit(client, { inputs: [] })).toMatch(/^INVALID_ARGUMENT: (spec\.)?inputs: expected/);
  });

  test("of too many ranges is too much, and says what would help", async () => {
    const { client } = await aDriver();
    const inputs = [4_000_000_000];
    expect(await submit(client, { inputs })).toMatch(
      /^RESOURCE_EXHAUSTED: inputs: .*raise events_per_range$/,
    );
    expect(await submit(client, { inputs, eventsPerRange: 1_000 })).toEqual({
      job: 1,
      repeatedRequest: false,
    });
  });

  test("is told no when a thousand wait already (P7)", async () => {
    const driver = await aDriver();
    driver.journal.hold();
    const first = submit(driver.client);
    await driver.journal.untilHeld();
    const others = Array.from({ length: 1_000 }, () => submit(driver.client));
    const last = await Promise.race(others);
    expect(last).toBe("UNAVAILABLE: 1000 requests wait already: try again");
    driver.journal.release();
    expect(await first).toEqual({ job: 1, repeatedRequest: false });
    const answers = await Promise.all(others);
    expect(answers.filter((answer) => typeof answer === "string")).toEqual([last]);
  });
});

describe("a job", () => {
  test("is told as it stands", async () => {
    const driver = await aDriver();
    await submit(driver.client, { inputs: [6], eventsPerRange: 2, name: "zee" });
    grant(driver, 2);
    const answer = await asked((done) => driver.client.getJob({ job: 1 }, done));
    expect(answer).toMatchObject({
      status: {
        job: 1,
        name: "zee",
        state: jobStates.JOB_STATE_RUNNING,
        ranges: { ready: 1, held: 2, done: 0, merged: 0, failed: 0 },
        events: 6,
        actors: 1,
        slots: 3,
      },
    });
  });

  test("that there is not is not found, and what there is is said", async () => {
    const { client } = await aDriver();
    const get = (job: number): Promise<unknown> => asked((done) => client.getJob({ job }, done));
    expect(await get(1)).toBe(
      "NOT_FOUND: expected the number of a job of this run, found 1: no job was submitted yet",
    );
    await submit(client);
    expect(await get(2)).toContain("found 2: jobs are numbered from 1 to 1");
  });

  test("is listed with all others, by number", async () => {
    const { client } = await aDriver();
    await submit(client, { name: "one" }, "a");
    await submit(client, { name: "two" }, "b");
    const list = await asked((done) => client.listJobs({ pageSize: 0, pageToken: "" }, done));
    expect(list).toMatchObject({
      jobs: [
        { job: 1, name: "one" },
        { job: 2, name: "two" },
      ],
    });
  });
});

describe("a watch", () => {
  test("is sent the present state at once, and each later one, until the job is over", async () => {
    const driver = await aDriver();
    await submit(driver.client);
    const watch = watched(driver.client);
    expect(await watch.next()).toMatchObject({ sequence: 1, ranges: { ready: 10 } });
    await end(driver);
    let state = await watch.next();
    while (state.endedUnixMs === 0) {
      expect(state.state).toBe(jobStates.JOB_STATE_RUNNING);
      state = await watch.next();
    }
    expect(state).toMatchObject({
      state: jobStates.JOB_STATE_FAILED,
      reason: "no such program",
      ranges: { failed: 10 },
    });
    expect(await watch.ended()).toBe("OK: OK");
  });

  test("resumes from a sequence: what was seen is not sent again", async () => {
    const driver = await aDriver();
    await submit(driver.client);
    const { sequence } = await watched(driver.client).next();
    const watch = watched(driver.client, 1, sequence);
    const other = watched(driver.client);
    await other.next(); // By now the first one was looked at too.
    expect(watch.left).toBe(0);
    grant(driver, 2);
    expect(await watch.next()).toMatchObject({ sequence: sequence + 1, ranges: { held: 2 } });
  });

  test("of a job that is over is sent its last state, or nothing when that was seen, and ends", async () => {
    const driver = await aDriver();
    await submit(driver.client);
    const first = watched(driver.client);
    await end(driver);
    await first.ended();
    const again = watched(driver.client);
    const { state, sequence } = await again.next();
    expect(state).toBe(jobStates.JOB_STATE_FAILED);
    const last = watched(driver.client, 1, sequence);
    expect([await again.ended(), await last.ended(), last.left]).toEqual(["OK: OK", "OK: OK", 0]);
  });

  test("gathers changes: a burst is one state, and the last one is never missed (K2)", async () => {
    const driver = await aDriver();
    await submit(driver.client, { inputs: [500] });
    const watch = watched(driver.client);
    await watch.next();
    grant(driver, 1);
    for (let credit = 2; credit <= 300; credit += 1)
      driver.engine.post({ kind: "raise-demand", stream: 7, credit });
    let states = 0;
    let held = 0;
    while (held < 300) {
      held = (await watch.next()).ranges?.held ?? 0;
      states += 1;
    }
    expect(states).toBeLessThan(50);
  });

  test("of a job that there is not is not found", async () => {
    const { client } = await aDriver();
    expect(await watched(client, 9).ended()).toContain(
      "NOT_FOUND: expected the number of a job of this run, found 9",
    );
  });

  test("that its client leaves is forgotten", async () => {
    const driver = await aDriver();
    await submit(driver.client);
    const watch = watched(driver.client);
    await watch.next();
    watch.leave();
    expect(await watch.ended()).toContain("CANCELLED");
    grant(driver, 2);
    expect(await watched(driver.client).next()).toMatchObject({ ranges: { held: 2 } });
  });

  test("is refused when a thousand watch already, and free again when one of them leaves (P7)", async () => {
    const driver = await aDriver();
    await submit(driver.client);
    const watches = Array.from({ length: 1_000 }, () => watched(driver.client));
    await Promise.all(watches.map((watch) => watch.next()));
    expect(await watched(driver.client).ended()).toContain("RESOURCE_EXHAUSTED: 1000 clients watch already");
    watches[0]?.leave();
    let next = watched(driver.client);
    while (await Promise.race([next.next().then(() => false), next.ended().then(() => true)]))
      next = watched(driver.client); // The driver hears of the other's leave in its own time.
  });

  test("is told when the driver stops, so that nobody takes the job for over", async () => {
    const driver = await aDriver();
    await submit(driver.client);
    const watch = watched(driver.client);
    await watch.next();
    driver.jobs.close();
    expect(await watch.ended()).toBe("UNAVAILABLE: the driver stops: ask again when there is another");
  });
});
