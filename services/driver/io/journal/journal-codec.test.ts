import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as wire from "../../../../gen/noctua/journal/v1/fact.js";
import { failureClasses } from "../../../shared/core/failure.js";
import { epochNumber, grantNumber, groupNumber, jobNumber, sessionNumber } from "../../../shared/core/id.js";
import { nothingToMerge } from "../../../shared/core/job-spec.js";
import { rangesIn } from "../../../shared/core/spans.js";
import type { DurableFact } from "../../core/facts/fact.js";
import { decodeFacts, encodeFacts } from "./journal-codec.js";

const seed = 20_261_101;
const u32 = fc.nat({ max: 2 ** 32 - 1 });
const count = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const safe = fc.maxSafeNat();
const text = fc.string({ unit: "binary", maxLength: 40 });
const job = count.map(jobNumber);
const grant = count.map(grantNumber);
const group = count.map(groupNumber);
const session = count.map(sessionNumber);
const path = fc.string({ unit: "binary", maxLength: 30 }).map((name) => `/${name}`);
const command = fc.array(fc.string({ minLength: 1, maxLength: 10 }), { minLength: 1, maxLength: 4 });
const columnsOf = (length: number) => ({ minLength: length, maxLength: length });
const spans = fc
  .array(fc.record({ first: u32, count: fc.integer({ min: 1, max: 5 }) }), { maxLength: 8 })
  .map((all) => ({ first: all.map((span) => span.first), count: all.map((span) => span.count) }));

const failure = fc.record({
  class: fc.constantFrom(...failureClasses),
  message: fc.string({ maxLength: 100 }),
  exitCode: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { nil: undefined }),
  signal: fc.constantFrom("", "SIGKILL"),
  stderrTail: text,
});

const labels = fc.dictionary(fc.stringMatching(/^[A-Za-z][\w.-]{0,5}$/), fc.stringMatching(/^[ -~]{0,5}$/), {
  maxKeys: 3,
  noNullPrototype: true,
});
const needs = fc.record({
  environment: fc.dictionary(fc.stringMatching(/^[A-Z]{1,5}$/), text, { maxKeys: 3, noNullPrototype: true }),
  passEnvironment: fc.array(text, { maxLength: 3 }),
  cores: count,
  pin: fc.constantFrom("none" as const, "cores" as const),
  setup: fc.option(fc.record({ command, timeoutMs: count }), { nil: undefined }),
  stageIn: fc.boolean(),
  scratchBytesMax: fc.option(safe, { nil: undefined }),
});
const payload = fc.record({ kind: fc.constant("exec" as const), command, timeoutMs: count, needs });
const inputs = fc.array(
  fc.record({
    path,
    firstEvent: count,
    events: count,
    guid: text,
    scope: text,
    sizeBytes: safe,
    modifiedUnixMs: safe,
  }),
  { maxLength: 4 },
);

const grouping = fc.oneof(
  fc.record({
    kind: fc.constant("arrival" as const),
    maxDelayMs: fc.option(fc.integer({ min: 1, max: 2 ** 40 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant("range" as const), acrossFiles: fc.boolean() }),
);

const withFiles = fc.record({
  name: fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,20}$/),
  jobDir: path,
  inputs,
  eventsPerRange: count,
  payload,
  outputs: fc.constant("files" as const),
  outputSuffix: fc.constantFrom("", ".root"),
  merge: fc.record({
    grouping,
    everyOutputs: count,
    tool: fc.oneof(
      fc.constant({ kind: "concat" as const }),
      fc.record({ kind: fc.constant("command" as const), command }),
    ),
    attemptsMax: count,
    timeoutMs: count,
  }),
  requires: labels,
  variants: fc.array(fc.record({ requires: labels, payload }), { maxLength: 2 }),
  retry: fc.record({
    attemptsMax: fc.integer({ min: 1, max: 255 }),
    backoff: fc.record({ firstMs: fc.integer({ min: 0, max: 9 }), lastMs: fc.integer({ min: 9, max: 99 }) }),
    rules: fc.constant([{ exitCodes: [3], signals: ["SIGKILL"], timeout: true, class: "node" as const }]),
  }),
  speculation: fc.record({ enabled: fc.boolean(), factor: fc.double({ min: 1, max: 100, noNaN: true }) }),
  durability: fc.constantFrom("strict" as const, "relaxed" as const),
  open: fc.boolean(),
  priority: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
});

const spec = fc.oneof(
  withFiles,
  withFiles.map((files) => ({ ...files, outputs: "none" as const, merge: nothingToMerge })),
  withFiles.map((files) => ({ ...files, merge: nothingToMerge })),
);

const outputs = spans.chain((columns) =>
  fc.record({
    spans: fc.constant(columns),
    grant: fc.array(grant, columnsOf(columns.first.length)),
    sizeBytes: fc.array(safe, columnsOf(rangesIn(columns))),
    adler32: fc.array(u32, columnsOf(rangesIn(columns))),
    wallMs: fc.array(u32, columnsOf(rangesIn(columns))),
  }),
);
const done = fc.oneof(
  outputs,
  outputs.map((stored) => ({ ...stored, sizeBytes: [], adler32: [] })),
);

type Kind = DurableFact["kind"];
type Rest<K extends Kind> = Omit<Extract<DurableFact, { readonly kind: K }>, "kind">;

/** A kind that is missing here does not compile. */
const kinds: { readonly [K in Kind]: fc.Arbitrary<Rest<K>> } = {
  "driver-started": fc.record({ epoch: count.map(epochNumber), run: text, atUnixMs: safe }),
  "job-submitted": fc.record({ job, requestId: text, spec, atUnixMs: safe }),
  "session-opened": fc.record({
    session,
    role: fc.constantFrom("actor" as const, "merger" as const),
    name: text,
    incarnation: text,
    node: text,
    slots: u32,
    labels,
    continues: fc.option(session, { nil: undefined }),
    atUnixMs: safe,
  }),
  "session-ended": fc.record({ session, reason: text }),
  "ranges-copied": fc.record({ job, grant, session, spans }),
  "ranges-granted": fc.record({ job, grant, session, spans, alone: fc.boolean() }),
  "ranges-returned": fc.record({ job, grant, spans }),
  "ranges-done": fc.tuple(job, done).map(([of, columns]) => ({ job: of, ...columns })),
  "range-failed": fc.record({ job, range: u32, grant, node: text, failure, final: fc.boolean() }),
  "range-tried": fc.record({
    ...{ job, range: u32, grant, node: text, failure, final: fc.boolean(), counted: fc.boolean() },
    dueUnixMs: safe,
    avoids: fc.array(text, { maxLength: 3 }),
  }),
  "ranges-suspected": fc.record({
    job,
    spans,
    of: fc.constantFrom("node-death" as const, "payload-death" as const),
    alone: fc.boolean(),
  }),
  "range-given-up": fc.record({
    ...{ job, range: u32, node: text, failure },
    grant: fc.option(grant, { nil: undefined }),
  }),
  "node-quarantined": fc.record({ node: text, reason: text, atUnixMs: safe }),
  "node-restored": fc.record({ node: text, reason: text }),
  "drain-begun": fc.record({ requestId: text, node: text, reason: text, atUnixMs: safe }),
  "drain-ended": fc.record({ requestId: text, node: text }),
  "outputs-lost": fc.record({ job, group, spans }),
  "job-stopped": fc.record({ job, reason: text }),
  "merge-planned": fc.record({ job, group, spans }),
  "merge-granted": fc.record({ job, group, grant, session }),
  "merge-returned": fc.record({ job, group, grant }),
  "merge-failed": fc.record({ job, group, grant, failure, final: fc.boolean() }),
  "merge-accepted": fc.record({
    job,
    group,
    grant,
    file: fc.record({ sizeBytes: safe, adler32: u32, events: safe, guid: fc.uuid() }),
  }),
  "merge-published": fc.record({ job, group }),
  "merge-inputs-removed": fc.record({ job, group }),
  "job-ended": fc.record({
    job,
    outcome: fc.constantFrom(...(["finished", "finished-with-failures", "failed", "cancelled"] as const)),
    atUnixMs: safe,
  }),
  "job-reported": fc.record({ job }),
  "job-cancelled": fc.record({ job, requestId: text }),
  "job-suspended": fc.record({ job, requestId: text, atUnixMs: safe }),
  "job-resumed": fc.record({ job, requestId: text }),
  "job-retried": fc.record({ job, requestId: text }),
  "job-broken": fc.record({
    ...{ job, reason: text, doing: text, trace: text, atUnixMs: safe },
    known: fc.record({
      ...{ ready: safe, held: safe, done: safe, merged: safe, failed: safe },
      ...{ eventsDone: safe, filesMerged: u32, groupsFailed: u32 },
    }),
  }),
  "job-closed": fc.record({ job, requestId: text }),
  "ranges-added": fc.record({ job, requestId: text, inputs }),
};

/** Cloned, since fast-check's objects have no prototype. */
const factOf = (kind: string, rest: fc.Arbitrary<object>) =>
  rest.map((fields) => structuredClone({ kind, ...fields }) as DurableFact);
const anyFact = fc.oneof(...Object.entries(kinds).map(([kind, rest]) => factOf(kind, rest)));

describe("facts as bytes", () => {
  it.each(Object.entries(kinds))("%s comes back equal", (kind, rest: fc.Arbitrary<object>) => {
    fc.assert(
      fc.property(factOf(kind, rest), (fact) => {
        expect(decodeFacts(encodeFacts([fact]))).toStrictEqual([fact]);
      }),
      { seed, numRuns: 100 },
    );
  });

  it("many facts come back in their order", () => {
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 20 }), (facts) => {
        expect(decodeFacts(encodeFacts(facts))).toStrictEqual(facts);
      }),
      { seed, numRuns: 100 },
    );
  });

  it("a kind of a newer version is an error that names its number", () => {
    const known = encodeFacts([{ kind: "job-reported", job: jobNumber(1) }]);
    const newer = new BinaryWriter()
      .tag(1_000, WireType.LengthDelimited)
      .fork()
      .uint32(8)
      .uint32(1)
      .join()
      .finish();
    const payload = new BinaryWriter().raw(known).tag(1, WireType.LengthDelimited).bytes(newer).finish();
    expect(() => decodeFacts(payload)).toThrow(
      /^facts\[1\]: expected one of the \d+ kinds .* found number 1000; /,
    );
  });

  it("a fact that says nothing is an error", () => {
    const payload = wire.Commit.encode({ facts: [{ fact: undefined }] }).finish();
    expect(() => decodeFacts(payload)).toThrow(/^facts\[0\]: .* found none/);
  });

  it("a word of a newer version is an error that names fact and field", () => {
    const value = { job: 1, outcome: 9 as wire.JobOutcome, atUnixMs: 1 };
    const payload = wire.Commit.encode({ facts: [{ fact: { $case: "jobEnded", value } }] }).finish();
    expect(() => decodeFacts(payload)).toThrow(
      "facts[0].jobEnded.outcome: expected one of 1, 2, 3, 4, found 9",
    );
  });

  it("columns of unequal length are an error that names the column", () => {
    const value = {
      job: 1,
      spans: { first: [0], count: [2] },
      grant: [1],
      sizeBytes: [1, 2],
      adler32: [1],
      wallMs: [],
    };
    const payload = wire.Commit.encode({ facts: [{ fact: { $case: "rangesDone", value } }] }).finish();
    expect(() => decodeFacts(payload)).toThrow("facts[0].rangesDone.adler32: expected 2 items, found 1");
  });
});
