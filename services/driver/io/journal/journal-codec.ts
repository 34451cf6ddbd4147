// Between durable facts and the bytes of a commit (proto/noctua/journal/v1/fact.proto).
//
//   D1. There and back is equal, for every kind of fact.
//   D2. What this version does not know is an error that names it, never skipped: a fact that is not applied would make
//       another farm of the ones that follow. A newer field of a known fact is not seen, so that adding one which must
//       not be missed raises the format version (journal-frames.ts, B3).
//
// The columns of a fact are taken as they are, in both directions; nothing is copied but by protobuf itself.

import { BinaryReader } from "@bufbuild/protobuf/wire";
import * as wire from "../../../../gen/noctua/journal/v1/fact.js";
import type { Spans as WireSpans } from "../../../../gen/noctua/v1/types.js";
import * as id from "../../../shared/core/id.js";
import { rangesIn, type Spans } from "../../../shared/core/spans.js";
import { filled, known, sameLength, WireError } from "../../../shared/io/wire-checks.js";
import {
  failureFromWire,
  failureToWire,
  inputsFromWire,
  inputsToWire,
  spansFromWire,
  specFromWire,
  specToWire,
} from "../../../shared/io/wire-types.js";
import type { DurableFact } from "../../core/facts/fact.js";
import { failuresFromWire, failuresToWire } from "./journal-codec-failures.js";
import { outcomes, roles } from "./journal-codec-words.js";
import { encodeMessage } from "./kept-writer.js";

/** The payload of one frame. */
export function encodeFacts(facts: readonly DurableFact[]): Uint8Array {
  const commit: wire.Commit = { facts: facts.map((fact) => ({ fact: factToWire(fact) })) };
  return encodeMessage(wire.Commit, commit);
}

/** The facts of one frame. Throws `WireError`, which names the fact and its field (D2). */
export function decodeFacts(payload: Uint8Array): DurableFact[] {
  const { facts } = wire.Commit.decode(payload);
  return facts.map(({ fact }, i) => {
    if (fact === undefined) throw unknownKind(payload, i);
    return factFromWire(fact, `facts[${i}].${fact.$case}`);
  });
}

type Kind = DurableFact["kind"];
type FactOf<K extends Kind> = Extract<DurableFact, { readonly kind: K }>;
type WireFact = NonNullable<wire.Fact["fact"]>;
type Case = WireFact["$case"];
type ValueOf<C extends Case> = Extract<WireFact, { readonly $case: C }>["value"];

function factToWire(fact: DurableFact): WireFact {
  return (toWire[fact.kind] as (fact: DurableFact) => WireFact)(fact);
}

function factFromWire(fact: WireFact, where: string): DurableFact {
  return (fromWire[fact.$case] as (value: unknown, where: string) => DurableFact)(fact.value, where);
}

/** The generated types allow to change what they hold; encoding does not. */
const spans = (columns: Spans): WireSpans => columns as WireSpans;
const column = (numbers: readonly number[]): number[] => numbers as number[];

const toWire: { readonly [K in Kind]: (fact: FactOf<K>) => WireFact } = {
  "driver-started": (value) => ({ $case: "driverStarted", value }),
  "job-submitted": (fact) => ({
    $case: fact.spec.open ? "openJobSubmitted" : "jobSubmitted", // (D2)
    value: { ...fact, spec: specToWire(fact.spec) },
  }),
  "session-opened": (fact) => ({
    $case: "sessionOpened",
    value: { ...fact, role: roles[fact.role], labels: { ...fact.labels }, continues: fact.continues ?? 0 },
  }),
  "session-ended": (value) => ({ $case: "sessionEnded", value }),
  "ranges-granted": (fact) => ({ $case: "rangesGranted", value: { ...fact, spans: spans(fact.spans) } }),
  "ranges-copied": (fact) => ({ $case: "rangesCopied", value: { ...fact, spans: spans(fact.spans) } }),
  "ranges-returned": (fact) => ({ $case: "rangesReturned", value: { ...fact, spans: spans(fact.spans) } }),
  "ranges-done": (fact) => ({
    $case: "rangesDone",
    value: {
      job: fact.job,
      spans: spans(fact.spans),
      grant: column(fact.grant),
      sizeBytes: column(fact.sizeBytes),
      adler32: column(fact.adler32),
      wallMs: column(fact.wallMs),
    },
  }),
  ...failuresToWire,
  "drain-begun": (value) => ({ $case: "drainBegun", value }),
  "drain-ended": (value) => ({ $case: "drainEnded", value }),
  "outputs-lost": (fact) => ({ $case: "outputsLost", value: { ...fact, spans: spans(fact.spans) } }),
  "job-stopped": (value) => ({ $case: "jobStopped", value }),
  "merge-planned": (fact) => ({ $case: "mergePlanned", value: { ...fact, spans: spans(fact.spans) } }),
  "merge-granted": (value) => ({ $case: "mergeGranted", value }),
  "merge-returned": (value) => ({ $case: "mergeReturned", value }),
  "merge-failed": (fact) => ({
    $case: "mergeFailed",
    value: { ...fact, failure: failureToWire(fact.failure) },
  }),
  "merge-accepted": (fact) => ({ $case: "mergeAccepted", value: { ...fact, ...fact.file } }),
  "merge-published": (value) => ({ $case: "mergePublished", value }),
  "merge-inputs-removed": (value) => ({ $case: "mergeInputsRemoved", value }),
  "job-ended": (fact) => ({ $case: "jobEnded", value: { ...fact, outcome: outcomes[fact.outcome] } }),
  "job-reported": (value) => ({ $case: "jobReported", value }),
  "job-cancelled": (value) => ({ $case: "jobCancelled", value }),
  "job-suspended": (value) => ({ $case: "jobSuspended", value }),
  "job-resumed": (value) => ({ $case: "jobResumed", value }),
  "job-retried": (value) => ({ $case: "jobRetried", value }),
  "job-closed": (value) => ({ $case: "jobClosed", value }),
  "job-broken": (value) => ({ $case: "jobBroken", value: { ...value } }),
  "ranges-added": (fact) => ({
    $case: "rangesAdded",
    value: { ...fact, inputs: inputsToWire(fact.inputs) },
  }),
};

const job = (value: { readonly job: number }) => ({ job: id.jobNumber(value.job) });
const asked = (value: { readonly job: number; readonly requestId: string }) => ({
  ...job(value),
  requestId: value.requestId,
});
const jobAndGrant = (value: { readonly job: number; readonly grant: number }) => ({
  ...job(value),
  grant: id.grantNumber(value.grant),
});
const jobAndGroup = (value: { readonly job: number; readonly group: number }) => ({
  ...job(value),
  group: id.groupNumber(value.group),
});
const jobGroupAndGrant = (value: {
  readonly job: number;
  readonly group: number;
  readonly grant: number;
}) => ({
  ...jobAndGroup(value),
  grant: id.grantNumber(value.grant),
});

const fromWire: { readonly [C in Case]: (value: ValueOf<C>, where: string) => DurableFact } = {
  driverStarted: (value) => ({ kind: "driver-started", ...value, epoch: id.epochNumber(value.epoch) }),
  jobSubmitted: submittedFromWire,
  openJobSubmitted: submittedFromWire,
  sessionOpened: (value, where) => ({
    kind: "session-opened",
    ...value,
    session: id.sessionNumber(value.session),
    role: known(roles, value.role, `${where}.role`),
    continues: value.continues === 0 ? undefined : id.sessionNumber(value.continues),
  }),
  sessionEnded: (value) => ({ kind: "session-ended", ...value, session: id.sessionNumber(value.session) }),
  rangesGranted: (value, where) => ({
    kind: "ranges-granted",
    ...jobAndGrant(value),
    session: id.sessionNumber(value.session),
    spans: spansFromWire(value.spans, `${where}.spans`),
    alone: value.alone,
  }),
  rangesCopied: (value, where) => ({
    kind: "ranges-copied",
    ...jobAndGrant(value),
    session: id.sessionNumber(value.session),
    spans: spansFromWire(value.spans, `${where}.spans`),
  }),
  rangesReturned: (value, where) => ({
    kind: "ranges-returned",
    ...jobAndGrant(value),
    spans: spansFromWire(value.spans, `${where}.spans`),
  }),
  rangesDone: rangesDoneFromWire,
  ...failuresFromWire,
  drainBegun: (value) => ({ kind: "drain-begun", ...value }),
  drainEnded: (value) => ({ kind: "drain-ended", ...value }),
  outputsLost: (value, where) => ({
    kind: "outputs-lost",
    ...jobAndGroup(value),
    spans: spansFromWire(value.spans, `${where}.spans`),
  }),
  jobStopped: (value) => ({ kind: "job-stopped", ...job(value), reason: value.reason }),
  mergePlanned: (value, where) => ({
    kind: "merge-planned",
    ...jobAndGroup(value),
    spans: spansFromWire(value.spans, `${where}.spans`),
  }),
  mergeGranted: (value) => ({
    kind: "merge-granted",
    ...jobGroupAndGrant(value),
    session: id.sessionNumber(value.session),
  }),
  mergeReturned: (value) => ({ kind: "merge-returned", ...jobGroupAndGrant(value) }),
  mergeFailed: (value, where) => ({
    kind: "merge-failed",
    ...jobGroupAndGrant(value),
    failure: failureFromWire(value.failure, `${where}.failure`),
    final: value.final,
  }),
  mergeAccepted: (value) => ({
    kind: "merge-accepted",
    ...jobGroupAndGrant(value),
    file: { sizeBytes: value.sizeBytes, adler32: value.adler32, events: value.events, guid: value.guid },
  }),
  mergePublished: (value) => ({ kind: "merge-published", ...jobAndGroup(value) }),
  mergeInputsRemoved: (value) => ({ kind: "merge-inputs-removed", ...jobAndGroup(value) }),
  jobEnded: (value, where) => ({
    kind: "job-ended",
    ...job(value),
    outcome: known(outcomes, value.outcome, `${where}.outcome`),
    atUnixMs: value.atUnixMs,
  }),
  jobReported: (value) => ({ kind: "job-reported", ...job(value) }),
  jobCancelled: (value) => ({ kind: "job-cancelled", ...asked(value) }),
  jobSuspended: (value) => ({ kind: "job-suspended", ...asked(value), atUnixMs: value.atUnixMs }),
  jobResumed: (value) => ({ kind: "job-resumed", ...asked(value) }),
  jobRetried: (value) => ({ kind: "job-retried", ...asked(value) }),
  jobClosed: (value) => ({ kind: "job-closed", ...asked(value) }),
  jobBroken: ({ known: last, ...value }, where) => ({
    ...{ kind: "job-broken", ...value, ...job(value) },
    known: filled(last, `${where}.known`),
  }),
  rangesAdded: (value, where) => ({
    kind: "ranges-added",
    ...asked(value),
    inputs: inputsFromWire(value.inputs, `${where}.inputs`),
  }),
};

function submittedFromWire(value: wire.JobSubmitted, where: string): DurableFact {
  const spec = specFromWire(value.spec, `${where}.spec`);
  return { kind: "job-submitted", ...asked(value), spec, atUnixMs: value.atUnixMs };
}

function rangesDoneFromWire(value: wire.RangesDone, where: string): DurableFact {
  const columns = spansFromWire(value.spans, `${where}.spans`);
  const ranges = rangesIn(columns);
  sameLength(value.grant, columns.first.length, `${where}.grant`);
  const stored = value.sizeBytes.length === 0 ? 0 : ranges; // None in a job without outputs.
  sameLength(value.sizeBytes, stored, `${where}.sizeBytes`);
  sameLength(value.adler32, stored, `${where}.adler32`);
  sameLength(value.wallMs, ranges, `${where}.wallMs`);
  return {
    kind: "ranges-done",
    ...job(value),
    spans: columns,
    grant: value.grant as id.GrantNumber[],
    sizeBytes: value.sizeBytes,
    adler32: value.adler32,
    wallMs: value.wallMs,
  };
}

/** The generated reader skips a kind that it does not know; so its number is looked for in the bytes. */
function unknownKind(payload: Uint8Array, index: number): WireError {
  const reader = new BinaryReader(payload);
  let facts = 0;
  let kind = "none";
  while (reader.pos < reader.len && facts <= index) {
    const [field, type] = reader.tag();
    if (field !== commitFacts) {
      reader.skip(type);
      continue;
    }
    const end = reader.uint32() + reader.pos;
    if (facts === index && reader.pos < end) kind = `number ${reader.tag()[0]}`;
    reader.pos = end;
    facts += 1;
  }
  const expected = `one of the ${Object.keys(fromWire).length} kinds of fact that this version of Noctua knows`;
  return new WireError(`facts[${index}]`, expected, `${kind}; if a newer version wrote it, start that one`);
}

/** Number of the field of a commit that holds its facts. */
const commitFacts = 1;
