import fc from "fast-check";
import { expect, test } from "vitest";
import { failureClasses, type Failure } from "../../shared/core/failure.js";
import { epochNumber, grantNumber, jobNumber, sessionNumber } from "../../shared/core/id.js";
import { rangesIn, spansOfAscending, type Spans } from "../../shared/core/spans.js";
import { byGrant, heldGrantBytes, spanBytes, type HeldRange } from "../core/held.js";
import type { ActorMessage, DriverMessage, DriverWord, HeldGrant, RangeOutputs } from "../core/message.js";
import { messageBytesMax, newOutbox, takeMessage, type Report } from "../core/outbox.js";
import { specOf } from "../core/testing.js";
import {
  decodedRequest,
  decodedResponse,
  encodedRequest,
  encodedResponse,
  heardByDriver,
  saidByDriver,
} from "./wire-peer.js";
import { fromWire, toWire } from "./wire.js";

const uint32Max = 2 ** 32 - 1;
const uint32 = fc.integer({ min: 0, max: uint32Max });
const counted = fc.integer({ min: 1, max: uint32Max });
const large = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const job = counted.map(jobNumber);
const grant = counted.map(grantNumber);
const text = fc.string({ unit: "grapheme", maxLength: 30 });
const spans: fc.Arbitrary<Spans> = fc
  .uniqueArray(fc.integer({ min: 0, max: uint32Max - 1 }), { minLength: 1, maxLength: 20 })
  .map((ranges) => spansOfAscending(ranges.sort((a, b) => a - b)));
const held: fc.Arbitrary<HeldGrant> = fc.record({ job, grant, spans });
const someHeld = fc.array(held, { maxLength: 4 });
const failure: fc.Arbitrary<Failure> = fc.record({
  class: fc.constantFrom(...failureClasses),
  message: text,
  exitCode: fc.option(fc.integer({ min: -1, max: 255 }), { nil: undefined }),
  signal: fc.constantFrom("", "SIGKILL"),
  stderrTail: text,
});
const column = (of: fc.Arbitrary<number>, length: number): fc.Arbitrary<number[]> =>
  fc.array(of, { minLength: length, maxLength: length });
const outputs: fc.Arbitrary<RangeOutputs> = fc.tuple(job, spans).chain(([number, some]) =>
  fc.record({
    job: fc.constant(number),
    spans: fc.constant(some),
    grant: column(counted, some.first.length).map((grants) => grants.map(grantNumber)),
    sizeBytes: column(large, rangesIn(some)),
    adler32: column(uint32, rangesIn(some)),
    wallMs: column(uint32, rangesIn(some)),
  }),
);

const processFacts = fc.option(
  fc.record({
    bootId: text,
    namespace: text,
    pid: uint32,
    startTime: text,
    slurmCluster: text,
    slurmJob: text,
    slurmNode: text,
  }),
  { nil: undefined },
);

const actorMessage: fc.Arbitrary<ActorMessage> = fc.oneof(
  fc.record({
    kind: fc.constant("hello" as const),
    actor: text,
    incarnation: text,
    epoch: fc.option(counted.map(epochNumber), { nil: undefined }),
    node: fc.record({
      name: text,
      cores: uint32,
      labels: fc.dictionary(fc.stringMatching(/^\w+$/), text),
      process: processFacts,
    }),
    slots: counted,
    allocationLeftMs: fc.option(large, { nil: undefined }),
    held: someHeld,
    more: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("demand" as const), credit: large }),
  fc.record({
    kind: fc.constant("results" as const),
    number: counted,
    outputs: fc.array(outputs, { maxLength: 3 }),
    failures: fc.array(fc.record({ job, range: uint32, grant, failure }), { maxLength: 3 }),
    returned: someHeld,
    suspected: someHeld,
  }),
  fc.constant({ kind: "heartbeat" as const }),
  fc.record({ kind: fc.constant("draining" as const), reason: text }),
);

const driverWord: fc.Arbitrary<DriverWord> = fc.oneof(
  fc.record({
    kind: fc.constant("welcome" as const),
    session: counted.map(sessionNumber),
    run: text,
    flushIntervalMs: uint32,
    heartbeatIntervalMs: counted,
    leaseMs: counted,
  }),
  fc.record({ kind: fc.constant("open-job" as const), job, spec: fc.constant(specOf()) }),
  fc.record({
    kind: fc.constant("extend-job" as const),
    job,
    firstInput: uint32,
    inputs: fc.constant(specOf().inputs),
  }),
  fc.record({ kind: fc.constant("grant" as const), alone: fc.boolean(), job, grant, spans }),
  fc.record({ kind: fc.constant("acknowledge" as const), numbers: fc.array(uint32), superseded: someHeld }),
  fc.record({ kind: fc.constant("revoke" as const), revoked: someHeld }),
  fc.record({ kind: fc.constant("close-job" as const), job }),
  fc.record({ kind: fc.constant("drain" as const), reason: text, graceMs: large }),
  fc.record({ kind: fc.constant("hand-back" as const), reason: text }),
);

/** A map from the wire has no prototype, or another one. */
const plain = (value: unknown): unknown => structuredClone(value);

test("what an actor says is what the driver hears", () => {
  const property = fc.property(actorMessage, (message) => {
    expect(plain(heardByDriver(decodedRequest(encodedRequest(toWire(message)))))).toEqual(plain(message));
  });
  fc.assert(property, { seed: 1, numRuns: 300 });
});

test("what the driver says is what an actor hears", () => {
  const message = fc.record({ epoch: counted.map(epochNumber), word: driverWord });
  const property = fc.property(message, (said: DriverMessage) => {
    expect(fromWire(decodedResponse(encodedResponse(saidByDriver(said))))).toEqual([said]);
  });
  fc.assert(property, { seed: 2, numRuns: 300 });
});

test("what makes no sense is refused, by the name of its field", () => {
  const response = { epoch: 1, message: undefined, acknowledged: undefined };
  const grantOf = (first: number[], count: number[]) =>
    ({
      ...response,
      message: { $case: "grant", value: { job: 1, grant: 1, spans: { first, count }, alone: false } },
    }) as const;
  expect(() => fromWire(response)).toThrow("message");
  expect(() => fromWire(grantOf([5, 3], [1, 1]))).toThrow("grant.spans");
  expect(() => fromWire(grantOf([5], [1, 1]))).toThrow("grant.spans");
  expect(() => fromWire({ ...grantOf([1], [1]), epoch: 0 })).toThrow("epoch: expected at least 1, found 0");
  expect(() => fromWire({ ...response, message: { $case: "closeJob", value: { job: 0 } } })).toThrow(
    "close_job.job",
  );
  const superseded = [{ job: 0, grant: 1, spans: undefined }];
  expect(() => fromWire({ ...grantOf([1], [1]), acknowledged: { numbers: [], superseded } })).toThrow(
    "acknowledged.superseded[0].job",
  );
});

const longest: HeldRange = { job: jobNumber(uint32Max), grant: grantNumber(uint32Max), range: 0 };

test("no message of results is longer than it may be, whatever it holds", () => {
  const report: fc.Arbitrary<Report> = fc.oneof(
    fc.constant({ kind: "output" as const, sizeBytes: 2 ** 52, adler32: uint32Max, wallMs: uint32Max }),
    fc.constant({ kind: "returned" as const }),
    fc.record({ kind: fc.constant("failure" as const), failure }),
  );
  const property = fc.property(fc.array(report, { minLength: 900, maxLength: 1_200 }), (reports) => {
    const outbox = newOutbox();
    reports.forEach((each, i) => {
      const range = uint32Max - 2 * i;
      const grantOfIt = grantNumber(uint32Max - i);
      outbox.waiting.push({ held: { ...longest, grant: grantOfIt, range }, report: each, doneAtMs: 0 });
    });
    for (let message = takeMessage(outbox); message !== undefined; message = takeMessage(outbox)) {
      expect(encodedRequest(toWire(message)).byteLength).toBeLessThanOrEqual(messageBytesMax);
    }
  });
  fc.assert(property, { seed: 3, numRuns: 5 });
});

test("a held grant takes no more of a hello than is reckoned", () => {
  const ranges = Array.from({ length: 1_000 }, (_, i) => ({ ...longest, range: uint32Max - 2 * i }));
  const held1000 = byGrant(ranges);
  const hello = (some: readonly HeldGrant[]): number =>
    encodedRequest(
      toWire({
        kind: "hello",
        actor: "a",
        incarnation: "b",
        epoch: undefined,
        node: { name: "n", cores: 1, labels: {}, process: undefined },
        slots: 1,
        allocationLeftMs: undefined,
        held: some,
        more: false,
      }),
    ).byteLength;
  expect(hello(held1000) - hello([])).toBeLessThanOrEqual(heldGrantBytes + 1_000 * spanBytes);
});
