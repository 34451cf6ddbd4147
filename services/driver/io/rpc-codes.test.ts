// Every call, with each status that it may be answered with: on purpose, with its details, and told in the protos.

import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { decodeDetails, detailsKey } from "../../shared/io/status-details.js";
import { specToWire } from "../../shared/io/wire-types.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { aServedDriver, type ServedDriver } from "./testing-port.js";
import { callAny, callsOf, type AnyRequest } from "./wire-test-calls.js";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const page = { pageSize: 0, pageToken: "" };
const inputs = specToWire(aSpec({ inputs: [1], path: "/in/more.lhe" })).inputs;
const submission = (requestId: string, changes: Parameters<typeof aSpec>[0] = {}) => ({
  requestId,
  spec: specToWire(aSpec(changes)),
});
const control = (job: number, requestId = "new"): AnyRequest => ({ requestId, job });
const used = "submit 1";

/** Job 1 is at work, job 2 is open; node n1 is drained, and the rules allow no more of anything. */
const rules = { jobsMax: 2, rangesMax: 20, inputsMax: 3, addedInputsMax: 2, drainedNodesMax: 1 };

interface Refusal {
  readonly request: AnyRequest;
  /** Code and reason; of limits, their name. */
  readonly told: string;
}

const noSuchJob = "NOT_FOUND NO_SUCH_JOB";
const noSuchNode = "NOT_FOUND NO_SUCH_NODE";
const invalid = (field: string): string => `INVALID_ARGUMENT INVALID_FIELD ${field}`;
const notNow = "FAILED_PRECONDITION NOT_POSSIBLE_NOW";
const limit = (name: string): string => `RESOURCE_EXHAUSTED LIMIT_REACHED ${name}`;

const controlled: readonly Refusal[] = [
  { request: control(9), told: noSuchJob },
  { request: control(1, ""), told: invalid("request_id") },
  { request: control(1, used), told: notNow },
];

const listed = (more: AnyRequest): readonly Refusal[] => [
  { request: { ...more, ...page, pageSize: 1_001 }, told: invalid("page_size") },
  { request: { ...more, ...page, pageToken: "x" }, told: invalid("page_token") },
];

const refusals: Readonly<Record<string, readonly Refusal[]>> = {
  SubmitJob: [
    { request: submission("", {}), told: invalid("request_id") },
    { request: submission("other", { name: "" }), told: invalid("spec.name") },
    { request: submission(used, { name: "other" }), told: notNow },
    { request: submission("third"), told: limit("jobs") },
  ],
  GetJob: [{ request: { job: 9 }, told: noSuchJob }],
  ListJobs: listed({}),
  ListMergedFiles: [{ request: { job: 9, ...page }, told: noSuchJob }, ...listed({ job: 1 })],
  ListRanges: [
    { request: { job: 9, ...page, states: [], node: "" }, told: noSuchJob },
    { request: { job: 1, ...page, states: [], node: "n9" }, told: noSuchNode },
    { request: { job: 1, ...page, states: [1, 9], node: "" }, told: invalid("states[1]") },
    ...listed({ job: 1, states: [], node: "" }),
  ],
  ListFailures: [
    { request: { job: 9, ...page, failureClass: 0, node: "" }, told: noSuchJob },
    { request: { job: 1, ...page, failureClass: 9, node: "" }, told: invalid("failure_class") },
    ...listed({ job: 1, failureClass: 0, node: "" }),
  ],
  WatchJob: [{ request: { job: 9, afterSequence: 0 }, told: noSuchJob }],
  WatchJobs: [
    { request: { jobs: [9], resumeToken: "" }, told: noSuchJob },
    { request: { jobs: [], resumeToken: "x" }, told: invalid("resume_token") },
    { request: { jobs: Array.from({ length: 1_001 }, (_, i) => i), resumeToken: "" }, told: invalid("jobs") },
  ],
  CancelJob: controlled,
  PauseJob: controlled,
  ResumeJob: controlled,
  RetryJob: [...controlled, { request: control(1), told: notNow }],
  CloseJob: controlled,
  AddRanges: [
    { request: { ...control(9), inputs }, told: noSuchJob },
    { request: { ...control(2), inputs: [] }, told: invalid("inputs") },
    { request: { ...control(1), inputs }, told: notNow },
    { request: { ...control(2, used), inputs }, told: notNow },
    { request: { ...control(2), inputs: [...inputs, ...inputs, ...inputs] }, told: limit("added_inputs") },
    {
      request: { ...control(2), inputs: inputs.map((one) => ({ ...one, events: 99 })) },
      told: limit("ranges"),
    },
  ],
  Explain: [
    { request: { about: { $case: "job", value: 9 } }, told: "NOT_FOUND NOTHING_SUCH" },
    { request: { about: undefined }, told: invalid("about") },
  ],
  GetCluster: [],
  ListNodes: listed({}),
  GetNode: [{ request: { node: "n9" }, told: noSuchNode }],
  DrainNode: [
    { request: { requestId: "new", node: "n9", reason: "" }, told: noSuchNode },
    { request: { requestId: "", node: "n1", reason: "" }, told: invalid("request_id") },
    { request: { requestId: used, node: "n1", reason: "" }, told: notNow },
    { request: { requestId: "new", node: "n2", reason: "" }, told: limit("drained_nodes") },
  ],
  UndrainNode: [
    { request: { requestId: "new", node: "n9" }, told: noSuchNode },
    { request: { requestId: "new", node: "" }, told: invalid("node") },
    { request: { requestId: used, node: "n1" }, told: notNow },
  ],
};

async function aDriver(): Promise<ServedDriver> {
  const driver = await aServedDriver(rules);
  closing.push(() => driver.close());
  await told(driver, "SubmitJob", submission(used));
  await told(driver, "SubmitJob", submission("open", { open: true, path: "/in/open.lhe" }));
  for (const [stream, node] of [
    [7, "n1"],
    [8, "n2"],
  ] as const) {
    const hello = { role: "actor", name: node, incarnation: "1", node, slots: 1 } as const;
    const nothing = { labels: {}, allocationEndsAtMs: undefined, ranges: [], merges: [] };
    driver.engine.post({ kind: "open-session", stream, hello: { ...hello, ...nothing } });
  }
  await told(driver, "DrainNode", { requestId: "drain", node: "n1", reason: "" });
  return driver;
}

/** How a call ends: `OK`, or its code with its details, in words. */
async function told(
  driver: ServedDriver,
  name: string,
  request: AnyRequest,
  deadlineMs?: number,
): Promise<string> {
  const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
  const error = await callAny(driver, name, { request, metadata: new Metadata(), options });
  return error === null ? "OK" : wordsOf(error);
}

function wordsOf({ code, metadata }: ServiceError): string {
  const [bytes] = metadata.get(detailsKey);
  const details = Buffer.isBuffer(bytes) ? decodeDetails(bytes) : undefined;
  const fields = details?.violations.map(({ field }) => field) ?? [];
  const retry = details?.retryAfterMs === undefined ? [] : [`again after ${details.retryAfterMs} ms`];
  return [status[code], details?.reason, ...fields, details?.limit, ...retry].filter(Boolean).join(" ");
}

/** What the protos say of each call. */
function documented(): ReadonlyMap<string, string> {
  const comments = new Map<string, string>();
  for (const name of ["job", "cluster"]) {
    const proto = readFileSync(new URL(`../../../proto/noctua/v1/${name}.proto`, import.meta.url), "utf8");
    for (const [, comment = "", call = ""] of proto.matchAll(/((?: {2}\/\/.*\n)+) {2}rpc (\w+)/g))
      comments.set(call, comment);
  }
  return comments;
}

test("each call is refused with the code, the reason and the field or limit that it is to be refused with", async () => {
  expect(callsOf().sort()).toEqual(Object.keys(refusals).sort());
  expect(callsOf().sort()).toEqual(Object.keys(sound).sort());
  const driver = await aDriver();
  for (const [name, each] of Object.entries(refusals))
    for (const { request, told: expected } of each)
      expect(`${name}: ${await told(driver, name, request)}`).toBe(`${name}: ${expected}`);
});

test("each code that a call is refused with is told by its proto", () => {
  const comments = documented();
  for (const [name, each] of Object.entries(refusals))
    for (const { told: expected } of each)
      expect(`${name}: ${comments.get(name)}`).toContain(expected.split(" ")[0]);
});

/** Requests that make sense. */
const sound: Readonly<Record<string, AnyRequest>> = {
  SubmitJob: submission("sound"),
  ...Object.fromEntries(
    ["Cancel", "Pause", "Resume", "Retry", "Close"].map((name) => [`${name}Job`, control(1)]),
  ),
  GetJob: { job: 1 },
  ListJobs: page,
  ListMergedFiles: { job: 1, ...page },
  ListRanges: { job: 1, ...page, states: [], node: "" },
  ListFailures: { job: 1, ...page, failureClass: 0, node: "" },
  AddRanges: { ...control(2), inputs },
  GetCluster: {},
  ListNodes: page,
  GetNode: { node: "n1" },
  DrainNode: { requestId: "new", node: "n1", reason: "" },
  UndrainNode: { requestId: "new", node: "n1" },
  Explain: { about: { $case: "job", value: 1 } },
  WatchJob: { job: 1, afterSequence: 0 },
  WatchJobs: { jobs: [], resumeToken: "" },
};

test("while the journal can't be written every call says so at once, save those that tell of it or wait for it", async () => {
  const driver = await aDriver();
  driver.stall("no space left on the device");
  for (const [name, request] of Object.entries(sound)) {
    if (name === "Explain" || name.startsWith("Watch")) continue;
    const expected = "UNAVAILABLE JOURNAL_STALLED again after 5000 ms";
    expect(`${name}: ${await told(driver, name, request)}`).toBe(`${name}: ${expected}`);
  }
});

test("when the driver stops, whoever waits is told to repeat the request with the next one", async () => {
  const driver = await aDriver();
  driver.journal.hold();
  const waiting = [
    told(driver, "PauseJob", control(1)),
    told(driver, "UndrainNode", { requestId: "undrain", node: "n1" }),
  ];
  await driver.journal.untilHeld();
  driver.jobs.close();
  driver.cluster.close();
  const stops = "UNAVAILABLE DRIVER_STOPS again after 1000 ms";
  expect(await Promise.all(waiting)).toEqual([stops, stops]);
  expect(await told(driver, "CancelJob", control(1))).toBe(stops);
  driver.journal.release();
});

test("a deadline is kept", async () => {
  const driver = await aDriver();
  driver.journal.hold();
  expect(await told(driver, "PauseJob", control(1), 100)).toBe("DEADLINE_EXCEEDED");
  driver.journal.release();
  expect(await told(driver, "WatchJobs", { jobs: [], resumeToken: "" }, 100)).toBe("DEADLINE_EXCEEDED");
});
