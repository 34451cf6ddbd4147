// Results on their way to the driver.
//
//   O1. A result stays here until the driver has acknowledged the message that carried it.
//   O2. Messages are numbered, and a number is never used again by this process: an acknowledgement that comes late,
//       twice or out of order means one message or none.
//   O3. A message is at most `messageBytesMax` long, and unacknowledged messages are together at most
//       `inFlightBytesMax`, which is below the server's receive window of 64 KB. The rest waits.
//   O4. No message has one range of a job twice among its outputs.
//
// It holds no more results than the actor held ranges, so the demand bounds it: while the driver is away there is none.

import { assert } from "../../shared/core/assert.js";
import type { Failure } from "../../shared/core/failure.js";
import type { GrantNumber, JobNumber } from "../../shared/core/id.js";
import { byGrant, heldGrantBytes, spanBytes, type HeldRange } from "./held.js";
import type { RangeFailure, RangeOutputs, RangeResults } from "./message.js";

/** An output, as it is reported. */
export interface RangeOutput {
  readonly kind: "output";
  readonly sizeBytes: number;
  readonly adler32: number;
  readonly wallMs: number;
}

/** A range that is done in a job without outputs. */
export interface RangeDone {
  readonly kind: "done";
  readonly wallMs: number;
}

/** What is reported of a range. */
export type Report =
  | RangeOutput
  | RangeDone
  | { readonly kind: "failure"; readonly failure: Failure }
  | { readonly kind: "returned" }
  | { readonly kind: "suspect" };

/** A report of a range, and since when it waits. */
export interface Result {
  readonly held: HeldRange;
  readonly report: Report;
  readonly doneAtMs: number;
}

interface Parcel {
  readonly results: readonly Result[];
  readonly bytes: number;
}

export interface Outbox {
  /** Not sent in this session, oldest first. */
  waiting: Result[];
  /** Sent and not acknowledged, by number (O1). */
  readonly inFlight: Map<number, Parcel>;
  bytesInFlight: number;
  nextNumber: number;
}

export const messageBytesMax = 32_768;
export const inFlightBytesMax = 49_152;

export function newOutbox(): Outbox {
  return { waiting: [], inFlight: new Map(), bytesInFlight: 0, nextNumber: 1 };
}

/** How many results are here. */
export function sizeOf(outbox: Outbox): number {
  let size = outbox.waiting.length;
  for (const parcel of outbox.inFlight.values()) size += parcel.results.length;
  return size;
}

/** All results that are here, oldest first. */
export function* eachResult(outbox: Outbox): Generator<Result> {
  for (const parcel of outbox.inFlight.values()) yield* parcel.results;
  yield* outbox.waiting;
}

/** The next message; undefined when nothing waits, or when it must wait for acknowledgements (O3). */
export function takeMessage(outbox: Outbox): RangeResults | undefined {
  const room = Math.min(messageBytesMax, inFlightBytesMax - outbox.bytesInFlight);
  const { count, bytes } = fitting(outbox.waiting, room);
  assert(
    count > 0 || outbox.waiting.length === 0 || outbox.inFlight.size > 0,
    "any one result fits into a message",
  );
  if (count === 0) return undefined;
  const results = outbox.waiting.splice(0, count);
  const number = outbox.nextNumber;
  outbox.nextNumber += 1; // (O2)
  outbox.inFlight.set(number, { results, bytes });
  outbox.bytesInFlight += bytes;
  return messageOf(number, results);
}

/** What these messages carried that are not acknowledged. */
export function* resultsIn({ inFlight }: Outbox, numbers: readonly number[]): Generator<Result> {
  for (const number of numbers) yield* inFlight.get(number)?.results ?? [];
}

/** Forgets what the message carried. A number that is not in flight was acknowledged before. */
export function acknowledge(outbox: Outbox, number: number): void {
  const parcel = outbox.inFlight.get(number);
  if (parcel === undefined) return;
  outbox.inFlight.delete(number);
  outbox.bytesInFlight -= parcel.bytes;
}

/** Another session begins: what was not acknowledged waits again, before all that is younger. */
export function takeBack(outbox: Outbox): void {
  outbox.waiting = [...eachResult(outbox)];
  outbox.inFlight.clear();
  outbox.bytesInFlight = 0;
}

/** What is left of one job when the actor must stop (P6). */
export interface JobResults {
  readonly job: JobNumber;
  /** As they would be sent. */
  readonly messages: readonly RangeResults[];
}

/** All that is here, by job. */
export function leftResults(outbox: Outbox): JobResults[] {
  const jobs = new Map<JobNumber, Result[]>();
  for (const result of eachResult(outbox)) {
    const known = jobs.get(result.held.job);
    if (known === undefined) jobs.set(result.held.job, [result]);
    else known.push(result);
  }
  return [...jobs].map(([job, results]) => ({ job, messages: inMessages(results) }));
}

function inMessages(results: readonly Result[]): RangeResults[] {
  const messages: RangeResults[] = [];
  for (let rest = results; rest.length > 0;) {
    const { count } = fitting(rest, messageBytesMax);
    assert(count > 0, "any one result fits into a message");
    messages.push(messageOf(messages.length + 1, rest.slice(0, count)));
    rest = rest.slice(count);
  }
  return messages;
}

/** How many of the first results go into one message of so many bytes (O3, O4). */
function fitting(results: readonly Result[], room: number): { count: number; bytes: number } {
  const outputs = new Map<JobNumber, Set<number>>();
  let count = 0;
  let bytes = 0;
  for (const { held, report } of results) {
    const more = bytesOf(report);
    const ofJob = outputs.get(held.job) ?? new Set();
    if (bytes + more > room || ofJob.has(held.range)) break;
    if (report.kind === "output" || report.kind === "done") outputs.set(held.job, ofJob.add(held.range));
    bytes += more;
    count += 1;
  }
  return { count, bytes };
}

/** At most so many bytes does a report take on the wire. A character of a string takes up to three. */
function bytesOf(report: Report): number {
  switch (report.kind) {
    case "output":
      return heldGrantBytes + spanBytes + 20;
    case "done":
      return heldGrantBytes + spanBytes + 5;
    case "failure": {
      const { message, signal, stderrTail } = report.failure;
      return 64 + 3 * (message.length + signal.length + stderrTail.length);
    }
    case "returned":
    case "suspect":
      return heldGrantBytes + spanBytes;
  }
}

function messageOf(number: number, results: readonly Result[]): RangeResults {
  const outputs: Finished[] = [];
  const failures: RangeFailure[] = [];
  const returned: HeldRange[] = [];
  const suspected: HeldRange[] = [];
  for (const { held, report } of results) {
    if (report.kind === "output" || report.kind === "done") outputs.push({ held, output: report });
    else if (report.kind === "failure") failures.push({ ...held, failure: report.failure });
    else if (report.kind === "suspect") suspected.push(held);
    else returned.push(held);
  }
  const handedBack = { returned: byGrant(returned), suspected: byGrant(suspected) };
  return { kind: "results", number, outputs: inColumns(outputs), failures, ...handedBack };
}

interface Finished {
  readonly held: HeldRange;
  readonly output: RangeOutput | RangeDone;
}

/** Columns of each job's outputs, by range. */
function inColumns(outputs: readonly Finished[]): RangeOutputs[] {
  const sorted = [...outputs].sort((a, b) => a.held.job - b.held.job || a.held.range - b.held.range);
  const jobs: Columns[] = [];
  for (const finished of sorted) {
    let columns = jobs.at(-1);
    if (columns?.job !== finished.held.job) {
      columns = newColumns(finished.held.job);
      jobs.push(columns);
    }
    addTo(columns, finished);
  }
  return jobs;
}

/** Outputs of one job while they are gathered. */
interface Columns extends RangeOutputs {
  readonly spans: { readonly first: number[]; readonly count: number[] };
  readonly grant: GrantNumber[];
  readonly sizeBytes: number[];
  readonly adler32: number[];
  readonly wallMs: number[];
}

function newColumns(job: JobNumber): Columns {
  return { job, spans: { first: [], count: [] }, grant: [], sizeBytes: [], adler32: [], wallMs: [] };
}

/** A span ends where the ranges or their grant do. */
function addTo(columns: Columns, { held, output }: Finished): void {
  const { first, count } = columns.spans;
  const last = count.length - 1;
  const lastCount = count[last] ?? 0;
  const joins = columns.grant[last] === held.grant && (first[last] ?? 0) + lastCount === held.range;
  if (joins) count[last] = lastCount + 1;
  else {
    first.push(held.range);
    count.push(1);
    columns.grant.push(held.grant);
  }
  if (output.kind === "output") {
    columns.sizeBytes.push(output.sizeBytes);
    columns.adler32.push(output.adler32);
  }
  columns.wallMs.push(Math.round(output.wallMs));
}
