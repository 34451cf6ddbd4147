// What a call fails with, as a client reads it (rpc-error.ts, C1).

import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { decodeDetails, detailsKey } from "../../shared/io/status-details.js";
import { specToWire } from "../../shared/io/wire-types.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { aServedDriver, type ServedDriver } from "./testing-port.js";
import { dialCluster, dialJobs, type ClusterClient, type JobClient } from "./wire-test-peer.js";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Clients {
  readonly driver: ServedDriver;
  readonly jobs: JobClient;
  readonly cluster: ClusterClient;
}

async function clients(): Promise<Clients> {
  const driver = await aServedDriver();
  closing.push(() => driver.close());
  const jobs = dialJobs(driver);
  closing.push(() => jobs.close());
  const cluster = dialCluster(driver);
  closing.push(() => cluster.close());
  return { driver, jobs, cluster };
}

/** The code and the details of the error, or the answer. */
function told(
  call: (done: (error: ServiceError | null, answer: unknown) => void) => unknown,
): Promise<unknown> {
  return new Promise((resolve) => {
    call((error, answer) => {
      if (error === null) resolve(answer);
      else {
        const [bytes] = error.metadata.get(detailsKey);
        const details = Buffer.isBuffer(bytes) ? decodeDetails(bytes) : undefined;
        resolve({ code: status[error.code], ...details });
      }
    });
  });
}

const submission = (requestId = "a") => ({ requestId, spec: specToWire(aSpec()) });

describe("an error carries details for programs", () => {
  test("of a field that is wrong, its path and what was expected, from the border and from the core", async () => {
    const { jobs } = await clients();
    const spec = specToWire(aSpec());
    expect(await told((done) => jobs.submitJob({ requestId: "", spec }, done))).toEqual({
      ...{ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", retryAfterMs: undefined },
      violations: [{ field: "request_id", description: "expected 1 to 128 characters, found 0" }],
    });
    const wrong = { ...spec, retry: { attemptsMax: 0, backoff: undefined, rules: [] } };
    expect(await told((done) => jobs.submitJob({ requestId: "a", spec: wrong }, done))).toMatchObject({
      ...{ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD" },
      violations: [{ field: expect.stringMatching(/^(spec\.)?retry\.attempts/) as string }],
    });
  });

  test("of all that is wrong at once, whoever finds it; of very much, the beginning (C2)", async () => {
    const { jobs } = await clients();
    const submitted = async (changes: object) =>
      (await told((done) =>
        jobs.submitJob({ requestId: "", spec: { ...specToWire(aSpec()), ...changes } }, done),
      )) as { code: string; violations: { field: string; description: string }[] };
    const outputSuffix = ".tmp"; // This, and the priority, only the core minds.
    const few = await submitted({
      durability: 9,
      outputSuffix,
      merge: undefined,
      eventsPerRange: 0,
      payload: {
        kind: { $case: "exec", value: { command: [] } },
        timeoutMs: 0,
        needs: undefined,
      },
    });
    expect(few.violations.map(({ field }) => field)).toEqual([
      "request_id",
      "spec.events_per_range",
      "spec.payload.exec.command",
      "spec.payload.timeout_ms",
      "spec.merge",
      "spec.durability",
      "spec.output_suffix",
    ]);
    const inputs = Array.from({ length: 500 }, () => ({
      ...specToWire(aSpec()).inputs[0],
      path: "x".repeat(9_999),
    }));
    const { code, violations } = await submitted({ inputs });
    expect(code).toBe("INVALID_ARGUMENT");
    expect(violations.at(-1)).toEqual({
      field: "",
      description: expect.stringMatching(/^and \d+ more$/) as string,
    });
    expect(JSON.stringify(violations).length).toBeLessThan(5_000);
  });

  test("of names in any script, with whole letters, in no more than 8 KB (C2)", async () => {
    const { cluster } = await clients();
    for (const name of ["\u{1f989}".repeat(2_000), `x${"\u{1f989}".repeat(2_000)}`, "\u6f22".repeat(256)]) {
      const error = await new Promise<ServiceError | null>((resolve) =>
        cluster.getNode({ node: name }, (failed) => resolve(failed)),
      );
      expect(error).toMatchObject({ code: status.NOT_FOUND });
      const details = error?.metadata.get(detailsKey)[0] ?? "";
      const bytes = encodeURI(error?.details ?? "").length + Buffer.from(details).toString("base64").length;
      expect(bytes).toBeLessThan(8_000);
    }
  });

  test("of what there is not, and of what can't be now, a reason", async () => {
    const { jobs, cluster } = await clients();
    expect(await told((done) => jobs.getJob({ job: 9 }, done))).toMatchObject({
      ...{ code: "NOT_FOUND", reason: "NO_SUCH_JOB" },
    });
    expect(await told((done) => cluster.getNode({ node: "x" }, done))).toMatchObject({
      ...{ code: "NOT_FOUND", reason: "NO_SUCH_NODE" },
    });
    await told((done) => jobs.submitJob(submission(), done));
    expect(await told((done) => jobs.retryJob({ requestId: "b", job: 1 }, done))).toMatchObject({
      ...{ code: "FAILED_PRECONDITION", reason: "NOT_POSSIBLE_NOW" },
    });
  });
});

describe("while the journal can't be written", () => {
  test("whoever wants a change, or asks how things stand, is told at once to ask again, and why", async () => {
    const { driver, jobs, cluster } = await clients();
    driver.stall("no space left on the device");
    const stalled = { code: "UNAVAILABLE", reason: "JOURNAL_STALLED", retryAfterMs: 5_000 };
    expect(await told((done) => jobs.submitJob(submission(), done))).toMatchObject(stalled);
    const drain = { requestId: "b", node: "n1", reason: "" };
    expect(await told((done) => cluster.drainNode(drain, done))).toMatchObject(stalled);
    const all = { pageSize: 0, pageToken: "" };
    expect(await told((done) => jobs.listJobs(all, done))).toMatchObject(stalled); // What is applied is not committed.
    expect(await told((done) => cluster.listNodes(all, done))).toMatchObject(stalled);
    driver.stall(undefined);
    expect(await told((done) => jobs.listJobs(all, done))).toMatchObject({ jobs: [] });
    expect(await told((done) => jobs.submitJob(submission(), done))).toMatchObject({ job: 1 });
  });

  test("who asked before that how things stand is told too", async () => {
    const { driver, jobs } = await clients();
    driver.journal.hold();
    const first = told((done) => jobs.submitJob(submission(), done));
    await driver.journal.untilHeld();
    const list = told((done) => jobs.listJobs({ pageSize: 0, pageToken: "" }, done));
    driver.stall("no space left on the device");
    expect(await list).toMatchObject({ code: "UNAVAILABLE", reason: "JOURNAL_STALLED" });
    driver.stall(undefined);
    driver.journal.release();
    expect(await first).toMatchObject({ job: 1 });
  });

  test("a request whose deadline passed is done once, however often it is repeated (P11)", async () => {
    const { driver, jobs } = await clients();
    driver.journal.hold();
    const first = told((done) =>
      jobs.submitJob(submission(), new Metadata(), { deadline: Date.now() + 300 }, done),
    );
    await driver.journal.untilHeld();
    expect(await first).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    driver.journal.release();
    expect(await told((done) => jobs.submitJob(submission(), done))).toEqual({
      ...{ job: 1, repeatedRequest: true },
    });
    expect(driver.farm.jobs.size).toBe(1);
  });
});

describe("long lists", () => {
  test("of jobs come a page at a time, each job once", async () => {
    const { jobs } = await clients();
    for (const id of ["a", "b", "c"]) await told((done) => jobs.submitJob(submission(id), done));
    const first = await told((done) => jobs.listJobs({ pageSize: 2, pageToken: "" }, done));
    expect(first).toMatchObject({ jobs: [{ job: 1 }, { job: 2 }] });
    const { nextPageToken } = first as { nextPageToken: string };
    expect(
      await told((done) => jobs.listJobs({ pageSize: 2, pageToken: nextPageToken }, done)),
    ).toMatchObject({
      ...{ jobs: [{ job: 3 }], nextPageToken: "" },
    });
  });

  test("of merged files need a job, and a page that is not too large", async () => {
    const { jobs } = await clients();
    const page = { pageSize: 0, pageToken: "" };
    expect(await told((done) => jobs.listMergedFiles({ job: 1, ...page }, done))).toMatchObject({
      reason: "NO_SUCH_JOB",
    });
    await told((done) => jobs.submitJob(submission(), done));
    expect(await told((done) => jobs.listMergedFiles({ job: 1, ...page }, done))).toEqual({
      ...{ files: [], nextPageToken: "" },
    });
    expect(
      await told((done) => jobs.listMergedFiles({ job: 1, ...page, pageSize: 1_001 }, done)),
    ).toMatchObject({ violations: [{ field: "page_size" }] });
  });
});

test("a message that is too large is refused, and nobody else notices (P7)", async () => {
  const { jobs, driver } = await clients();
  const small = dialJobs(driver);
  closing.push(() => small.close());
  const spec = { ...specToWire(aSpec()), name: "x".repeat(65 * 1024 * 1024) };
  expect(await told((done) => jobs.submitJob({ requestId: "a", spec }, done))).toMatchObject({
    code: "RESOURCE_EXHAUSTED",
  });
  expect(await told((done) => small.submitJob(submission(), done))).toMatchObject({ job: 1 });
});
