import fc from "fast-check";
import { expect, test } from "vitest";
import * as wire from "../../../gen/noctua/v1/merger.js";
import { failureOf } from "../../shared/core/failure.js";
import { epochNumber, grantNumber, groupNumber, jobNumber, sessionNumber } from "../../shared/core/id.js";
import { rangesIn, spansOf, type Spans } from "../../shared/core/spans.js";
import type { DriverWord, LentGroup, MergeGrant, MergerMessage, MergeReport } from "../core/message.js";
import { heardByDriver, saidByDriver } from "./wire-peer.js";
import { fromWire, toWire } from "./wire.js";
import { wholeSpec } from "../../shared/core/testing-spec.js";

const counted = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const uint64 = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const merge: fc.Arbitrary<MergeGrant> = fc.record({
  job: counted.map(jobNumber),
  group: counted.map(groupNumber),
  grant: counted.map(grantNumber),
});
const spans: fc.Arbitrary<Spans> = fc
  .array(fc.record({ first: uint32, count: fc.integer({ min: 1, max: 5 }) }), { minLength: 1, maxLength: 5 })
  .map((all) => spansOf(...all));
const lent: fc.Arbitrary<LentGroup> = spans.chain((some) => {
  const column = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> =>
    fc.array(value, { minLength: rangesIn(some), maxLength: rangesIn(some) });
  return fc.record({
    merge,
    spans: fc.constant(some),
    grant: column(counted.map(grantNumber)),
    sizeBytes: column(uint64),
    adler32: column(uint32),
  });
});
const spec = wholeSpec();

const report: fc.Arbitrary<MergeReport> = fc.oneof(
  fc.record({
    kind: fc.constant("merged" as const),
    file: fc.record({ sizeBytes: uint64, adler32: uint32, events: uint64, wallMs: uint32, guid: fc.uuid() }),
  }),
  fc.record({
    kind: fc.constant("failed" as const),
    failure: fc.string().map((message) => failureOf("node", message)),
    lost: spans,
  }),
  fc.record({ kind: fc.constant("returned" as const), reason: fc.string() }),
);
const said: fc.Arbitrary<MergerMessage> = fc.oneof(
  fc.record({
    kind: fc.constant("hello" as const),
    merger: fc.string(),
    incarnation: fc.string(),
    epoch: fc.option(counted.map(epochNumber), { nil: undefined }),
    node: fc.record({
      name: fc.string(),
      cores: uint32,
      labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string(), { noNullPrototype: true }),
      process: fc.option(
        fc.record({
          bootId: fc.string(),
          namespace: fc.string(),
          pid: uint32,
          startTime: fc.string(),
          slurmCluster: fc.string(),
          slurmJob: fc.string(),
          slurmNode: fc.string(),
        }),
        { nil: undefined },
      ),
    }),
    slots: counted,
    held: fc.array(merge, { maxLength: 3 }),
    more: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("demand" as const), credit: uint64 }),
  fc.record({ kind: fc.constant("result" as const), number: uint32, merge, report }),
  fc.record({
    kind: fc.constant("progress" as const),
    merge,
    bytesRead: uint64,
    bytesTotal: uint64,
    runningMs: uint32,
  }),
  fc.constant({ kind: "heartbeat" as const }),
  fc.record({ kind: fc.constant("draining" as const), reason: fc.string() }),
);
const word: fc.Arbitrary<DriverWord> = fc.oneof(
  fc.record({
    kind: fc.constant("welcome" as const),
    session: counted.map(sessionNumber),
    run: fc.string(),
    flushIntervalMs: uint32,
    heartbeatIntervalMs: counted,
    leaseMs: counted,
  }),
  fc.record({ kind: fc.constant("open-job" as const), job: counted.map(jobNumber), spec: fc.constant(spec) }),
  fc.record({ kind: fc.constant("lend" as const), lent }),
  fc.record({
    kind: fc.constant("lend-part" as const),
    part: fc.record({ lent, ahead: uint32, more: fc.boolean() }),
  }),
  fc.record({ kind: fc.constant("acknowledge" as const), numbers: fc.array(uint32) }),
  fc.record({ kind: fc.constant("revoke" as const), merges: fc.array(merge, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant("close-job" as const), job: counted.map(jobNumber) }),
  fc.record({ kind: fc.constant("drain" as const), reason: fc.string(), graceMs: uint64 }),
  fc.record({ kind: fc.constant("hand-back" as const), reason: fc.string() }),
);

test("what a merger says arrives as it was said", () => {
  fc.assert(
    fc.property(said, (message) => {
      const bytes = wire.MergerSessionRequest.encode(toWire(message)).finish();
      expect(heardByDriver(wire.MergerSessionRequest.decode(bytes))).toEqual(message);
    }),
    { seed: 21, numRuns: 300 },
  );
});

test("what the driver says arrives as it was said", () => {
  fc.assert(
    fc.property(counted.map(epochNumber), word, (epoch, aWord) => {
      const bytes = wire.MergerSessionResponse.encode(saidByDriver({ epoch, word: aWord })).finish();
      expect(fromWire(wire.MergerSessionResponse.decode(bytes))).toEqual({ epoch, word: aWord });
    }),
    { seed: 22, numRuns: 300 },
  );
});

test("a message that is not well-formed names its field", () => {
  const from = (message: wire.MergerSessionResponse["message"]) => () => fromWire({ epoch: 1, message });
  const task = wire.MergeTask.create({
    merge: { job: 1, group: 1, grant: 1 },
    spans: { first: [4], count: [2] },
  });
  expect(from(undefined)).toThrow("message: expected one of its cases, found none that is known");
  expect(() => fromWire({ epoch: 0, message: undefined })).toThrow("epoch: expected at least 1, found 0");
  expect(from({ $case: "task", value: task })).toThrow("task.grant: expected 2 items, found 0");
  expect(from({ $case: "task", value: wire.MergeTask.create({ spans: { first: [], count: [] } }) })).toThrow(
    "task.spans: expected at least 1",
  );
  expect(from({ $case: "revoke", value: { merges: [{ job: 1, group: 0, grant: 1 }] } })).toThrow(
    "revoke.merges[0].group: expected at least 1, found 0",
  );
  expect(from({ $case: "openJob", value: { job: 1, spec: undefined } })).toThrow(
    "open_job.spec: expected a value",
  );
});
