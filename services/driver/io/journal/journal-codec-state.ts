// The durable state as pieces (proto/noctua/journal/v1/snapshot.proto), each small, so that a snapshot is written and read
// with the memory of one farm and one piece.
//
//   E1. What is durable is written: the tables below have a writer for each durable field of core/state/durable.ts, and don't
//       compile without one. What comes back is equal (journal-codec-restore.ts), maps and sets in their order too.
//   E2. Equal farms give equal pieces, so that their digests tell whether two farms are equal.

import * as wire from "../../../../gen/noctua/journal/v1/snapshot.js";
import type { Spans as WireSpans } from "../../../../gen/noctua/v1/types.js";
import type { GrantNumber } from "../../../shared/core/id.js";
import type { SpanSetView } from "../../../shared/core/span-set.js";
import { failureToWire, inputsToWire, specToWire } from "../../../shared/io/wire-types.js";
import type { Durable, farmFields, jobFields } from "../../core/state/durable.js";
import type { EventTimesView } from "../../core/state/event-times.js";
import type { FarmView, SessionView } from "../../core/state/farm.js";
import type { JobView } from "../../core/state/job.js";
import type { MergeGroupView } from "../../core/state/merge-group.js";
import type { Runs } from "../../core/state/runs.js";
import { groupToWire } from "./journal-codec-groups.js";
import { requestToWire } from "./journal-codec-requests.js";
import { stageToWire } from "./journal-codec-stage.js";
import { drainedNodes, drainToWire, nodeToWire, suspectNodes, trialToWire } from "./journal-codec-trials.js";
import { roles } from "./journal-codec-words.js";

type Piece = NonNullable<wire.Piece["piece"]>;
type Writer<Of> = (of: Of) => Iterable<Piece>;

/** The state, the end included. */
export function* encodeState(farm: FarmView): Generator<Uint8Array> {
  let pieces = 0;
  for (const piece of statePieces(farm)) {
    pieces += 1;
    yield wire.Piece.encode({ piece }).finish();
  }
  yield wire.Piece.encode({ piece: { $case: "end", value: { pieces } } }).finish();
}

/** Items of one piece: some 100 kB of them, unless they are unusually long. */
const itemsMax = 1_024;
/** Ranges of one piece, and numbers of one column. */
const columnMax = 65_536;

function* statePieces(farm: FarmView): Generator<Piece> {
  for (const write of Object.values<Writer<FarmView>>(farmWriters)) yield* write(farm);
}

/** Stands in the first piece of its farm or job. */
const inHead = (): Iterable<Piece> => [];

/** In the order in which they are written (E1). */
const farmWriters: Readonly<Record<Durable<typeof farmFields>, Writer<FarmView>>> = {
  epoch: (farm) => [farmPiece(farm)],
  run: inHead,
  lastJob: inHead,
  lastSession: inHead,
  live: inHead,
  jobs: function* ({ jobs }) {
    for (const job of jobs.values())
      for (const write of Object.values<Writer<JobView>>(jobWriters)) yield* write(job);
  },
  requests: function* ({ requests }) {
    for (const some of piled(requests, itemsMax)) {
      const value = {
        requests: some.map(([requestId, request]) => requestToWire(requestId, request)),
      };
      yield { $case: "requests", value };
    }
  },
  sessions: function* ({ sessions }) {
    for (const some of piled(sessions.values(), itemsMax))
      yield { $case: "sessions", value: { sessions: some.map(sessionToWire) } };
  },
  nodes: function* (farm) {
    for (const some of piled(suspectNodes(farm), itemsMax))
      yield { $case: "nodes", value: { nodes: some.map(nodeToWire) } };
    for (const some of piled(drainedNodes(farm), itemsMax))
      yield { $case: "drains", value: { drains: some.map(drainToWire) } };
  },
};

/** In the order in which they are written (E1). */
const jobWriters: Readonly<Record<Durable<typeof jobFields>, Writer<JobView>>> = {
  number: (job) => [jobPiece(job)],
  requestId: inHead,
  spec: inHead,
  submittedAtUnixMs: inHead,
  sequence: inHead,
  revision: inHead,
  stage: inHead,
  lastGrant: inHead,
  lastGroup: inHead,
  eventsDone: inHead,
  layout: function* ({ layout, spec }) {
    for (let at = spec.inputs.length; at < layout.inputs.length; at += itemsMax)
      yield { $case: "inputs", value: { inputs: inputsToWire(layout.inputs.slice(at, at + itemsMax)) } };
  },
  intake: ({ intake }) => (intake.kind === "open" ? [{ $case: "open", value: {} }] : []),
  hasSucceeded: inHead,
  table: rangePieces,
  ready: ({ ready }) => spansPieces(wire.SpansKind.SPANS_KIND_READY, ready),
  unmerged: ({ unmerged }) => spansPieces(wire.SpansKind.SPANS_KIND_UNMERGED, unmerged),
  grants: function* ({ grants }) {
    for (const some of piled(grants, itemsMax)) {
      const value = some.map(([grant, { session, spans, left, alone }]) => ({
        ...{ grant, session, left, alone },
        spans: columns(spans),
      }));
      yield { $case: "grants", value: { grants: value } };
    }
  },
  copies: function* ({ copies }) {
    for (const some of piled(copies, columnMax)) yield { $case: "copies", value: grantsOfRanges(some) };
  },
  copiesMade: inHead,
  copiesWon: inHead,
  groups: function* ({ groups }) {
    for (const some of piled(groups.values(), itemsMax))
      yield { $case: "groups", value: { groups: some.map(groupToWire) } };
  },
  groupsWaiting: (job) => orderPieces(wire.GroupOrder.GROUP_ORDER_WAITING, job.groupsWaiting),
  groupsOpen: (job) => orderPieces(wire.GroupOrder.GROUP_ORDER_OPEN, job.groupsOpen),
  failures: failurePieces,
  trials: function* ({ trials }) {
    for (const some of piled(trials, itemsMax))
      yield { $case: "trials", value: { trials: some.map(trialToWire) } };
  },
  voided: function* ({ voided, losses }) {
    for (const some of piled(voided, columnMax)) {
      const times = some.map(([lost]) => losses.get(lost) ?? 1);
      yield { $case: "voided", value: { ...grantsOfRanges(some), times } };
    }
  },
  losses: () => [], // With what is void.
  revived: function* ({ revived }) {
    for (const [retry, { ranges, lastGrant }] of revived.entries())
      for (const spans of pilesOf(ranges)) yield { $case: "revived", value: { retry, lastGrant, spans } };
  },
  times: function* ({ times }) {
    for (const [kind, of] of times.byKind) yield { $case: "times", value: timesToWire(kind, of) };
  },
};

function grantsOfRanges(some: readonly (readonly [number, GrantNumber])[]): wire.CopiesPiece {
  return { range: some.map(([range]) => range), grant: some.map(([, grant]) => grant) };
}

function farmPiece({ epoch, run, lastJob, lastSession, live }: FarmView): Piece {
  return { $case: "farm", value: { epoch, run, lastJob, lastSession, live: [...live] } };
}

function jobPiece(job: JobView): Piece {
  const { requestId, submittedAtUnixMs, sequence, revision, lastGrant, lastGroup, failures } = job;
  const value: wire.JobPiece = {
    job: job.number,
    requestId,
    spec: specToWire(job.spec),
    submittedAtUnixMs,
    sequence,
    revision,
    stage: { stage: stageToWire(job.stage) },
    lastGrant,
    lastGroup,
    eventsDone: job.eventsDone,
    failuresCounted: failures.counted,
    fatalNodes: [...failures.fatalNodes],
    ranges: job.table.ranges,
    copiesMade: job.copiesMade,
    copiesWon: job.copiesWon,
    hasSucceeded: job.hasSucceeded,
  };
  return { $case: "job", value };
}

function* rangePieces({ table }: JobView): Generator<Piece> {
  for (let first = 0; first < table.ranges; first += columnMax) {
    const known = table.columns({ first, count: Math.min(columnMax, table.ranges - first) });
    const value: wire.RangesPiece = {
      ...known.span,
      state: runs(known.state),
      credit: runs(known.credit),
      holder: runs(known.holder),
      group: runs(known.group),
      sizeBytes: numbers(known.sizeBytes),
      adler32: numbers(known.adler32),
    };
    yield { $case: "ranges", value };
  }
}

function* spansPieces(kind: wire.SpansKind, set: SpanSetView, reason = ""): Generator<Piece> {
  for (const spans of pilesOf(set)) yield { $case: "spans", value: { kind, reason, spans } };
}

/** The spans of a set, in piles. */
function* pilesOf(set: SpanSetView): Generator<WireSpans> {
  const { first, count } = set.spans();
  for (let at = 0; at < first.length; at += columnMax)
    yield { first: first.slice(at, at + columnMax), count: count.slice(at, at + columnMax) };
}

function* orderPieces(order: wire.GroupOrder, numbers: Iterable<number>): Generator<Piece> {
  for (const groups of piled(numbers, columnMax)) yield { $case: "groupOrder", value: { order, groups } };
}

/** A reason without ranges would be lost; there is none, since a reason is entered with its first range. */
function* failurePieces({ failures }: JobView): Generator<Piece> {
  for (const [reason, set] of failures.final)
    yield* spansPieces(wire.SpansKind.SPANS_KIND_FAILED, set, reason);
  for (const [node, set] of failures.finalOn)
    for (const spans of pilesOf(set))
      yield { $case: "failures", value: { records: [], failedOn: [{ node, spans }] } };
  for (const some of piled(failures.records, itemsMax)) {
    const records = some.map((record) => ({ ...record, failure: failureToWire(record.failure) }));
    yield { $case: "failures", value: { records, failedOn: [] } };
  }
}

function sessionToWire({
  number,
  role,
  name,
  incarnation,
  node,
  slots,
  labels,
  holds,
  joinedAtUnixMs,
  done,
  failed,
}: SessionView): wire.HeldSession {
  const held = [...holds].map(([job, grants]) => ({ job, grants: [...grants] }));
  const who = { session: number, role: roles[role], name, incarnation, node, slots };
  return { ...who, joinedAtUnixMs, done, failed, labels: { ...labels }, holds: held };
}

function timesToWire(kind: string, times: EventTimesView): wire.TimesPiece {
  const { sum, bucket, count } = times.columns();
  return { kind, sumMs: sum, bucket: numbers(bucket), count: numbers(count) };
}

/** The generated types allow to change what they hold; encoding does not. */
const numbers = (column: readonly number[]): number[] => column as number[];
const runs = (column: Runs): wire.Runs => column as wire.Runs;
const columns = (spans: MergeGroupView["spans"]): WireSpans => spans as WireSpans;

/** The items in piles of at most so many. */
function* piled<Item>(items: Iterable<Item>, most: number): Generator<Item[]> {
  let pile: Item[] = [];
  for (const item of items) {
    pile.push(item);
    if (pile.length < most) continue;
    yield pile;
    pile = [];
  }
  if (pile.length > 0) yield pile;
}
