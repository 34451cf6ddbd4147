// What a client asks of a job that was submitted, over a real port.

import { status, type ServiceError } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { inputsToWire, specToWire } from "../../shared/io/wire-types.js";
import { anInput } from "../../shared/core/testing-spec.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { aServedDriver } from "./testing-port.js";
import { dialJobs, jobStates, type JobClient } from "./wire-test-peer.js";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A driver with job 1, begun by request `a`. */
async function aClient(spec = aSpec()): Promise<JobClient> {
  const driver = await aServedDriver();
  closing.push(() => driver.close());
  const client = dialJobs(driver);
  closing.push(() => client.close());
  await asked((done) => client.submitJob({ requestId: "a", spec: specToWire(spec) }, done));
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

describe("an open job", () => {
  const request = (requestId: string, path: string) => {
    return { requestId, job: 1, inputs: inputsToWire([anInput({ path, events: 3 })]) };
  };

  test("is fed and closed", async () => {
    const client = await aClient(aSpec({ inputs: [], open: true }));
    const status = await asked((done) => client.getJob({ job: 1 }, done));
    expect(status).toMatchObject({ status: { state: jobStates.JOB_STATE_OPEN, events: 0 } });
    const first = await asked((done) => client.addRanges(request("b", "/in/1"), done));
    expect(first).toEqual({ firstRange: 0, ranges: 3, repeatedRequest: false });
    const again = await asked((done) => client.addRanges(request("b", "/in/1"), done));
    expect(again).toEqual({ firstRange: 0, ranges: 3, repeatedRequest: true });
    const second = await asked((done) => client.addRanges(request("c", "/in/2"), done));
    expect(second).toEqual({ firstRange: 3, ranges: 3, repeatedRequest: false });
    const closed = await asked((done) => client.closeJob({ requestId: "d", job: 1 }, done));
    expect(closed).toMatchObject({ status: { state: jobStates.JOB_STATE_RUNNING, events: 6 } });
    expect(await asked((done) => client.addRanges(request("e", "/in/3"), done))).toBe(
      "FAILED_PRECONDITION: cannot add ranges to job 1: it was closed",
    );
  });

  test("refuses what it has already, what makes no sense, and what is not there, each by its status", async () => {
    const client = await aClient(aSpec({ inputs: [10], open: true }));
    expect(await asked((done) => client.addRanges(request("b", "/in/1.lhe"), done))).toContain(
      "INVALID_ARGUMENT: inputs[0]: expected events that the job does not have yet",
    );
    expect(await asked((done) => client.addRanges(request("b", "relative"), done))).toContain(
      "INVALID_ARGUMENT: inputs[0].path: expected an absolute path",
    );
    expect(await asked((done) => client.addRanges(request("", "/in/2"), done))).toContain(
      "INVALID_ARGUMENT: request_id: ",
    );
    const elsewhere = { ...request("b", "/in/2"), job: 9 };
    expect(await asked((done) => client.addRanges(elsewhere, done))).toContain("NOT_FOUND: ");
  });
});
