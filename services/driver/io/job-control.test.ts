// What a client asks of a job that was submitted, over a real port.

import { status, type ServiceError } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { specToWire } from "../../shared/io/wire-types.js";
import { aSpec } from "../core/testing-spec.js";
import { aServedDriver } from "./testing-port.js";
import { dialJobs, jobStates, type JobClient } from "./wire-test-peer.js";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A driver with job 1, begun by request `a`. */
async function aClient(): Promise<JobClient> {
  const driver = await aServedDriver();
  closing.push(() => driver.close());
  const client = dialJobs(driver);
  closing.push(() => client.close());
  await asked((done) => client.submitJob({ requestId: "a", spec: specToWire(aSpec()) }, done));
  return client;
}

/** The answer, or the status that it was refused with. */
function asked<Answer>(
  call: (done: (error: ServiceError | null, answer: Answer) => void) => unknown,
): Promise<Answer | string> {
  return new Promise((resolve) => {
    call((error, answer) => resolve(error === null ? answer : `${status[error.code]}: ${error.details}`));
  });
}

describe("what is asked of a job", () => {
  test("is answered with the job as it stands then", async () => {
    const client = await aClient();
    const pause = await asked((done) => client.pauseJob({ requestId: "b", job: 1 }, done));
    expect(pause).toMatchObject({ status: { job: 1, state: jobStates.JOB_STATE_SUSPENDED } });
    const resume = await asked((done) => client.resumeJob({ requestId: "c", job: 1 }, done));
    expect(resume).toMatchObject({ status: { state: jobStates.JOB_STATE_RUNNING } });
    const cancel = await asked((done) => client.cancelJob({ requestId: "d", job: 1 }, done));
    expect(cancel).toMatchObject({ status: { ranges: { ready: 0 }, reason: "the job was cancelled" } });
  });

  test("is a failed precondition when the job does not stand so, saying how it stands", async () => {
    const client = await aClient();
    expect(await asked((done) => client.retryJob({ requestId: "b", job: 1 }, done))).toBe(
      "FAILED_PRECONDITION: cannot retry job 1: it is running",
    );
  });

  test("is a failed precondition when the request id was used for something else (P11)", async () => {
    const client = await aClient();
    expect(await asked((done) => client.cancelJob({ requestId: "a", job: 1 }, done))).toBe(
      "FAILED_PRECONDITION: request a began job 1",
    );
  });

  test("is not found when there is no such job, and an invalid argument without a request id", async () => {
    const client = await aClient();
    expect(await asked((done) => client.cancelJob({ requestId: "b", job: 9 }, done))).toContain(
      "NOT_FOUND: ",
    );
    expect(await asked((done) => client.cancelJob({ requestId: "", job: 1 }, done))).toContain(
      "INVALID_ARGUMENT: request_id: ",
    );
  });
});
