// What is lent too soon, or too late.
//
//   - A range whose failure was counted is not lent again before its wait: the first of its job's, less the quarter that
//     spreads them.
//   - Nothing is lent to an actor whose wall time is over, or too short for the shortest range of the job so far.
//
// A fact is decided after everything that was durable before its turn, and before it is durable itself; so is judged.

import type { DurableFact } from "../../../services/driver/core/facts/fact.js";
import { eachRange } from "../../../services/shared/core/spans.js";
import type { Sighting } from "../sighting.js";
import type { Books } from "./books.js";
import type { Complain, Oracle } from "./oracle.js";

/** The share of a wait that its spread leaves. */
const waitShareMin = 0.75;

export function backoffOracle(complain: Complain, nowMs: () => number): Oracle {
  /** When payloads failed, by job, range and grant. */
  const failedAtMs = new Map<string, number>();
  /** Before when nothing is to be lent, by job and range. */
  const waits = new Map<string, number>();
  return {
    fact: (fact, books) => {
      if (fact.kind === "range-tried" && fact.counted && !fact.final) {
        const { firstMs, lastMs } = books.job(fact.job).spec.retry.backoff;
        const sinceMs = failedAtMs.get(`${fact.job}/${fact.range}/${fact.grant}`);
        if (sinceMs !== undefined)
          waits.set(`${fact.job}/${fact.range}`, sinceMs + waitShareMin * Math.min(firstMs, lastMs));
      } else if (fact.kind === "job-retried") waits.clear();
      if (fact.kind !== "ranges-granted") return;
      for (const range of eachRange(fact.spans)) {
        const leftMs = (waits.get(`${fact.job}/${range}`) ?? 0) - nowMs();
        if (leftMs <= 0) continue;
        const what = `range ${range} of job ${fact.job} is lent by grant ${fact.grant}`;
        complain("backoff", `${what}, ${Math.round(leftMs)} ms before it may be tried again`);
      }
    },
    see: (sighting) => {
      if (sighting.kind !== "payload-failed") return;
      const { job, range, grant } = sighting.copy;
      failedAtMs.set(`${job}/${range}/${grant}`, nowMs());
    },
  };
}

/** What is left at the end for storing outputs, and for leaving. */
const handInMs = 5_000;

export function wallTimeOracle(complain: Complain, nowMs: () => number): Oracle {
  /** When the wall time of each process ends, as it told the driver. */
  const endsAtMs = new Map<string, number>();
  /** The shortest range of each job, and the sessions that have processed one. */
  const shortestMs = new Map<number, number>();
  const measured = new Set<string>();
  /** When something was durable last, and the time before: what is decided while a write is under way follows that. */
  let durableAtMs = 0;
  let beforeAtMs = 0;
  return {
    fact: (fact, books) => {
      if (fact.kind === "ranges-done") noteTimes(fact, books, { shortestMs, measured });
      if (fact.kind !== "ranges-granted" && fact.kind !== "ranges-copied") return;
      const { incarnation = "" } = books.sessions.get(fact.session) ?? {};
      const endMs = endsAtMs.get(incarnation);
      if (endMs === undefined) return;
      const leftMs = endMs - handInMs - beforeAtMs;
      const isMeasured = measured.has(`${fact.job}/${fact.session}`);
      const neededMs = isMeasured ? (shortestMs.get(fact.job) ?? 0) : 0;
      if (leftMs >= neededMs) return;
      const what = `ranges of job ${fact.job} are lent to ${incarnation} by grant ${fact.grant}`;
      complain("wall time", `${what}, with ${Math.round(leftMs)} ms left for at least ${neededMs} ms`);
    },
    see: (sighting) => {
      if (sighting.kind === "facts-durable") [beforeAtMs, durableAtMs] = [durableAtMs, nowMs()];
      if (sighting.kind === "driver-heard") noteEnd(sighting, endsAtMs, nowMs());
    },
  };
}

function noteTimes(
  { job, grant, wallMs }: Extract<DurableFact, { kind: "ranges-done" }>,
  books: Books,
  times: { readonly shortestMs: Map<number, number>; readonly measured: Set<string> },
): void {
  for (const ms of wallMs)
    times.shortestMs.set(job, Math.min(ms, times.shortestMs.get(job) ?? Number.POSITIVE_INFINITY));
  for (const one of grant) {
    const session = books.sessionOf(job, one);
    if (session !== undefined) times.measured.add(`${job}/${session}`);
  }
}

function noteEnd(
  { peer, said }: Extract<Sighting, { kind: "driver-heard" | "peer-said" }>,
  endsAtMs: Map<string, number>,
  nowMs: number,
): void {
  if (said.role !== "actor" || said.message.kind !== "hello") return;
  const { allocationLeftMs } = said.message;
  if (allocationLeftMs !== undefined) endsAtMs.set(peer.incarnation, nowMs + allocationLeftMs);
}
