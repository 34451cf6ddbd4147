// Anything that driver, actors and mergers may say to each other, drawn by fast-check.

import fc from "fast-check";
import type { ActorMessage, RangeResults } from "../../services/actor/core/message.js";
import { aSpec } from "../../services/driver/core/testing/testing-spec.js";
import type { Saying } from "../../services/driver/io/saying.js";
import type { MergerMessage } from "../../services/merger/core/message.js";
import { failureClasses, type Failure } from "../../services/shared/core/failure.js";
import {
  epochNumber,
  grantNumber,
  groupNumber,
  jobNumber,
  sessionNumber,
} from "../../services/shared/core/id.js";
import { rangesIn, spansOf, type Span, type Spans } from "../../services/shared/core/spans.js";

const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const counted = fc.integer({ min: 1, max: 2 ** 32 - 1 });
/** What JavaScript counts without loss. */
const large = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: "grapheme", maxLength: 20 });
const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
const job = counted.map(jobNumber);
const grant = counted.map(grantNumber);
export const epoch = counted.map(epochNumber);

const spans: fc.Arbitrary<Spans> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 20 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((items) => {
    let end = 0;
    const ascending: Span[] = [];
    for (const [gap, count] of items) {
      ascending.push({ first: end + gap, count });
      end += gap + count;
    }
    return spansOf(...ascending);
  });
const held = fc.record({ job, grant, spans });
const failure: fc.Arbitrary<Failure> = fc.record({
  class: fc.constantFrom(...failureClasses),
  message: text,
  exitCode: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { nil: undefined }),
  signal: fc.constantFrom("", "SIGKILL"),
  stderrTail: text,
});
const labels = fc.dictionary(fc.stringMatching(/^[A-Za-z][\w.-]{0,5}$/), fc.stringMatching(/^[ -~]{0,5}$/), {
  maxKeys: 3,
});
const processFacts = fc.record({
  bootId: name,
  namespace: name,
  pid: fc.integer({ min: 1, max: 2 ** 22 }),
  startTime: name,
  slurmCluster: text,
  slurmJob: text,
  slurmNode: text,
});
const node = fc.record({
  name,
  cores: uint32,
  labels,
  process: fc.option(processFacts, { nil: undefined }),
});
const row = fc.tuple(grant, large, uint32, uint32);
const outputs = fc
  .tuple(job, spans)
  .chain(([of, some]) => {
    const count = rangesIn(some);
    return fc.tuple(
      fc.constant(of),
      fc.constant(some),
      fc.array(row, { minLength: count, maxLength: count }),
    );
  })
  .map(([of, some, rows]) => ({
    job: of,
    spans: some,
    grant: rows.slice(0, some.first.length).map(([first]) => first),
    sizeBytes: rows.map(([, size]) => size),
    adler32: rows.map(([, , sum]) => sum),
    wallMs: rows.map(([, , , ms]) => ms),
  }));
const merge = fc.record({ job, group: counted.map(groupNumber), grant });
const whole = {
  incarnation: name,
  epoch: fc.option(epoch, { nil: undefined }),
  node,
  slots: counted,
  more: fc.boolean(),
};

const peerMessage = fc.oneof(
  fc.record({ kind: fc.constant("demand" as const), credit: large }),
  fc.record({ kind: fc.constant("heartbeat" as const) }),
  fc.record({ kind: fc.constant("draining" as const), reason: text }),
);

const results: fc.Arbitrary<RangeResults> = fc.record({
  kind: fc.constant("results" as const),
  number: uint32,
  outputs: fc.array(outputs, { maxLength: 3 }),
  failures: fc.array(fc.record({ job, range: uint32, grant, failure }), { maxLength: 3 }),
  returned: fc.array(held, { maxLength: 3 }),
  suspected: fc.array(held, { maxLength: 3 }),
});

export const actorMessage: fc.Arbitrary<ActorMessage> = fc.oneof(
  peerMessage,
  results,
  fc.record({ kind: fc.constant("wall-time" as const), leftMs: large }),
  fc.record({
    kind: fc.constant("hello" as const),
    actor: name,
    ...whole,
    allocationLeftMs: fc.option(large, { nil: undefined }),
    held: fc.array(held, { maxLength: 3 }),
  }),
);

export const mergerMessage: fc.Arbitrary<MergerMessage> = fc.oneof(
  peerMessage,
  fc.record({
    kind: fc.constant("progress" as const),
    merge,
    bytesRead: large,
    bytesTotal: large,
    runningMs: uint32,
  }),
  fc.record({
    kind: fc.constant("result" as const),
    number: uint32,
    merge,
    report: fc.oneof(
      fc.record({
        kind: fc.constant("merged" as const),
        file: fc.record({
          sizeBytes: large,
          adler32: uint32,
          events: large,
          wallMs: uint32,
          guid: fc.uuid(),
        }),
      }),
      fc.record({ kind: fc.constant("failed" as const), failure, lost: spans }),
      fc.record({ kind: fc.constant("returned" as const), reason: text }),
    ),
  }),
  fc.record({
    kind: fc.constant("hello" as const),
    merger: name,
    ...whole,
    held: fc.array(merge, { maxLength: 3 }),
  }),
);

const spec = fc
  .record({
    everyOutputs: counted,
    attempts: fc.integer({ min: 1, max: 255 }),
    inputs: fc.array(counted, { maxLength: 3 }),
  })
  .map(aSpec);
const terms = fc.record({ flushIntervalMs: uint32, heartbeatIntervalMs: counted, leaseMs: counted });
export type SaidToAll = Extract<Saying, { kind: "welcome" | "open-job" | "close-job" }>;
const toAll: fc.Arbitrary<SaidToAll> = fc.oneof(
  fc.record({ kind: fc.constant("welcome" as const), session: counted.map(sessionNumber), run: text, terms }),
  fc.record({ kind: fc.constant("open-job" as const), job, spec }),
  fc.record({ kind: fc.constant("close-job" as const), job }),
);
const numbers = fc.array(uint32, { maxLength: 5 });

export type SaidToActor = SaidToAll | Extract<Saying, { kind: "grant" | "revoke-ranges" | "acknowledge" }>;
export const toActor: fc.Arbitrary<SaidToActor> = fc.oneof(
  toAll,
  fc.record({ kind: fc.constant("grant" as const), grant: held, alone: fc.boolean() }),
  fc.record({ kind: fc.constant("revoke-ranges" as const), revoked: fc.array(held, { maxLength: 3 }) }),
  fc.record({
    kind: fc.constant("acknowledge" as const),
    numbers,
    superseded: fc.array(held, { maxLength: 3 }),
  }),
);

export type SaidToMerger = SaidToAll | Extract<Saying, { kind: "merge" | "revoke-merge" | "acknowledge" }>;
export const toMerger: fc.Arbitrary<SaidToMerger> = fc.oneof(
  toAll,
  fc.record({ kind: fc.constant("acknowledge" as const), numbers, superseded: fc.constant([]) }),
  fc.record({ kind: fc.constant("revoke-merge" as const), merge }),
  outputs.chain(({ spans: some, grant: grants, sizeBytes, adler32 }) => {
    const members = sizeBytes.map((size, i) => ({
      grant: grants[i] ?? grantNumber(1),
      sizeBytes: size,
      adler32: adler32[i] ?? 0,
    }));
    return fc.record({
      kind: fc.constant("merge" as const),
      merge,
      spans: fc.constant(some),
      outputs: fc.constant(members),
      part: fc.option(fc.record({ ahead: counted, more: fc.boolean() }), { nil: undefined }),
    });
  }),
);
